import { expect, it } from 'vitest';
import { isPlatformAddress } from './address.js';
import { createClient } from './client.js';

it.each([
  ['http://10.1.2.3:8340', true],
  ['https://gateway.example/qianzhi/', true],
  ['http://[::1]:8340', true],
  ['nonsense', false],
  ['http://', false],
  ['ftp://10.1.2.3', false],
  ['http://10.1.2.3:99999', false],
  ['http://10.1.2.3?x=1', false],
  ['http://wang:secret@10.1.2.3', false],
])('%s: %s', (url, is) => expect(isPlatformAddress(url)).toBe(is));

it('an address that is none is refused at once, and shown without its password', () => {
  const open = () => createClient({ url: 'http://wang:secret@10.1.2.3', identity: { kind: 'anonymous' } });
  expect(open).toThrow(expect.objectContaining({ code: 'QZ_CLIENT_ADDRESS_WRONG', kind: 'config' }));
  expect(open).not.toThrow(/secret/);
});
