import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { type Address, type AddressRules, pinnedAddress } from './address.js';

const none: AddressRules = { webhook: 'oa', privateHosts: [], ownPorts: [] };
const never = async (): Promise<Address[]> => {
  throw new Error('a literal address is looked up by nobody');
};
const judged = (url: string, rules = none, lookup = never) =>
  pinnedAddress(new URL(url), rules, lookup).then(
    ({ address }) => address,
    (error) => String(error.code),
  );

const refused = 'QZ_AGENT_WEBHOOK_ADDRESS';

it.each([
  'http://0.0.0.0/',
  'http://169.254.169.254/latest/meta-data',
  'http://100.100.100.200/',
  'http://192.0.0.192/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://[::]/',
  'http://[fe80::1]/',
  'http://[ff02::1]/',
  'http://[fd00:ec2::254]/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::169.254.169.254]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[2002:a9fe:a9fe::1]/',
  'http://[2001:0:4136:e378::1]/',
  // other ways to write the same
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://0/',
])('%s is no receiver, whatever the config allows', async (url) => {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  expect(await judged(url, { ...none, privateHosts: [host] })).toBe(refused);
});

it.each([
  '127.0.0.1',
  '127.9.9.9',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '::1',
  'fc00::1',
  '::ffff:10.0.0.1',
])('%s is one only where the config names it', async (address) => {
  const url = address.includes(':') ? `http://[${address}]/` : `http://${address}/`;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  expect(await judged(url)).toBe(refused);
  expect(await judged(url, { ...none, privateHosts: ['other', host] })).toBe(host);
});

it('takes public addresses, and a name whose addresses are all allowed', async () => {
  expect(await judged('https://203.0.114.7/')).toBe('203.0.114.7');
  expect(await judged('https://[2400:3200::1]/')).toBe('2400:3200::1');
  const both = async (): Promise<Address[]> => [
    { address: '203.0.114.7', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ];
  expect(await judged('https://oa.example.gov.cn/', none, both)).toBe(refused);
  expect(
    await judged('https://oa.example.gov.cn/', { ...none, privateHosts: ['OA.example.gov.cn'] }, both),
  ).toBe('203.0.114.7');
  expect(await judged('https://oa.example.gov.cn/', none, async () => [])).toBe('ENOTFOUND');
});

it('goes to no port that the agent listens on, by whichever of the machine’s addresses', async () => {
  const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  for (const address of ['127.0.0.1', '127.0.0.2', '::1', ...own]) {
    const url = address.includes(':')
      ? `http://[${address.replace(/%.*$/, '')}]:9464/`
      : `http://${address}:9464/`;
    const privateHosts = [new URL(url).hostname.replace(/^\[|\]$/g, '')];
    expect(await judged(url, { ...none, privateHosts, ownPorts: [9464] }), address).toBe(refused);
  }
  expect(
    await judged('http://127.0.0.1:9465/', { ...none, privateHosts: ['127.0.0.1'], ownPorts: [9464] }),
  ).toBe('127.0.0.1');
  expect(await judged('http://127.0.0.1/', { ...none, privateHosts: ['127.0.0.1'], ownPorts: [80] })).toBe(
    refused,
  );
});
