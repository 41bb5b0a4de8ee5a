import { BlockList, isIP } from 'node:net';
import type { LocalText } from '@qianzhi/model';
import { platformErrors } from '../errors.js';

const SHAPE: LocalText = {
  zh: 'IPv4 或 IPv6 地址或网段,如 10.20.0.0/16、2001:db8::1',
  en: 'an IPv4 or IPv6 address or network such as 10.20.0.0/16 or 2001:db8::1',
};

/** Whether a connection may come from an address. */
export type Admission = (address: string | undefined) => boolean;

/** Throws QZ_PLATFORM_ADDRESS_WRONG for an entry that is no address and no network. */
export function admissionOf(entries: readonly string[]): Admission {
  const list = new BlockList();
  for (const entry of entries) {
    const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const length = prefix === undefined ? most : Number(prefix);
    if (version === 0 || length > most) throw platformErrors.ADDRESS_WRONG({ address: entry, shape: SHAPE });
    list.addSubnet(address, length, familyOf(version));
  }
  return (address = '') => {
    // a socket that takes both versions names an IPv4 peer as ::ffff:10.0.0.1, a link-local one with its interface
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
    const version = isIP(plain);
    return version !== 0 && list.check(plain, familyOf(version));
  };
}

const familyOf = (version: number) => (version === 4 ? 'ipv4' : 'ipv6');
