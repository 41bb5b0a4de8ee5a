import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { AgentConfig } from '../config/schema.js';
import { agentErrors } from '../errors.js';

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** All addresses of a host name. */
export type Lookup = (host: string) => Promise<readonly Address[]>;

export interface AddressRules {
  /** Hosts, as the urls have them, that may be private or loopback addresses. */
  readonly privateHosts: readonly string[];
  /** Name of the webhook, for what is said of it. */
  readonly webhook: string;
  /** Ports that this agent listens on itself. */
  readonly ownPorts: readonly number[];
}

/** No webhook goes to the agent itself. */
export function ownPorts({ monitor, api }: Pick<AgentConfig, 'monitor' | 'api'>): readonly number[] {
  return [monitor, api].flatMap((one) => (one ? [one.port] : []));
}

export const lookupAll: Lookup = async (host) =>
  (await systemLookup(host, { all: true, verbatim: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }));

/** What no business system is reached by: nowhere, link-local, multicast, reserved, tunnels, and where clouds tell machines their secrets. */
const never = listOf(
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['::', 128],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 32],
  ['2001::', 32],
);
const loopback = listOf(['127.0.0.0', 8], ['::1', 128]);
const inside = listOf(
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['192.0.0.0', 24],
  ['198.18.0.0', 15],
  ['fc00::', 7],
);

/**
 * The address a connection to `url` is pinned to: resolved once, and each that the name has is judged, for which one is used is
 * the other side's choice. Throws QZ_AGENT_WEBHOOK_ADDRESS (denied), and what the lookup throws.
 */
export async function pinnedAddress(url: URL, rules: AddressRules, lookup: Lookup): Promise<Address> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const literal = isIP(host);
  const found: readonly Address[] =
    literal === 0 ? await lookup(host) : [{ address: host, family: literal === 6 ? 6 : 4 }];
  for (const one of found) {
    const reason = refusal(one, url, host, rules);
    if (reason)
      throw agentErrors.WEBHOOK_ADDRESS({ webhook: rules.webhook, host, address: one.address, reason });
  }
  const [first] = found;
  if (!first) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
  return first;
}

function refusal({ address, family }: Address, url: URL, host: string, rules: AddressRules) {
  const meant = meantBy(address, family);
  const isIn = (list: BlockList) => list.check(meant.address, meant.family === 6 ? 'ipv6' : 'ipv4');
  if (isIn(never)) return { zh: '该地址不能作为接收方', en: 'no receiver may have that address' };
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const own = isIn(loopback) || ownAddresses().has(meant.address);
  if (own && rules.ownPorts.includes(port))
    return { zh: '是前置机自己的端口', en: 'it is a port of this agent itself' };
  if (!isIn(loopback) && !isIn(inside)) return undefined;
  if (rules.privateHosts.some((one) => one.toLowerCase() === host.toLowerCase())) return undefined;
  return {
    zh: '内网或本机地址须在 webhooks.privateHosts 中写明该主机',
    en: 'a private or loopback address needs the host in `webhooks.privateHosts`',
  };
}

/** An IPv4 address inside of an IPv6 one is reached as IPv4, by the kernel or by a gateway: it is judged as that. */
function meantBy(address: string, family: 4 | 6): Address {
  if (family === 4) return { address, family };
  const plain = address.replace(/%.*$/, '');
  const words = wordsOf(plain);
  const [a, b, c, d, e, f, g, h] = words as [number, number, number, number, number, number, number, number];
  const zeros = a === 0 && b === 0 && c === 0 && d === 0 && e === 0;
  const mapped = zeros && (f === 0xffff || (f === 0 && (g !== 0 || h > 1)));
  const translated = a === 0x64 && b === 0xff9b;
  if (mapped || translated) return { address: dotted(g, h), family: 4 };
  if (a === 0x2002) return { address: dotted(b, c), family: 4 };
  return { address: plain, family: 6 };
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight words of an IPv6 address, in the one way that a URL writes it. */
function wordsOf(address: string): number[] {
  const text = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [left = '', right] = text.split('::');
  const words = (part: string) =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
  const before = words(left);
  const after = words(right ?? '');
  const zeros: number[] = new Array(8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after];
}

function ownAddresses(): ReadonlySet<string> {
  return new Set(
    Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
  );
}

function listOf(...nets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [net, bits] of nets) list.addSubnet(net, bits, net.includes(':') ? 'ipv6' : 'ipv4');
  return list;
}
