import { expect, it } from 'vitest';
import { encodedSet, mariadbState, mysqlState } from './gtid.js';

const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const named = (stream: string, number: bigint, server = 0) => ({
  stream,
  server,
  number,
  begins: true,
  xa: false,
});

it('keeps the last number of each of MariaDB’s domains', () => {
  const state = mariadbState('0-1-100,7-2-5');
  state.add(named('0', 101n, 3));
  state.add(named('9', 1n, 1));
  expect(state.text()).toBe('0-3-101,7-2-5,9-1-1');
});

it('joins what MySQL numbers, in whatever order it comes', () => {
  const state = mysqlState(`${uuid}:1-5:7:9-10,\n${uuid.replace('3e', '4e')}:1`);
  for (const number of [6n, 3n, 12n, 8n]) state.add(named(uuid, number));
  expect(state.text()).toBe(`${uuid}:1-10:12,${uuid.replace('3e', '4e')}:1`);
  state.add(named('', 0n));
  const anew = mysqlState('');
  anew.add(named(uuid, 2n));
  anew.add(named(uuid, 1n));
  expect(anew.text()).toBe(`${uuid}:1-2`);
});

it('tells a server a set with ends behind the last number', () => {
  const set = encodedSet(`${uuid}:1-5:7`);
  const numbers = [0, 24, 32, 40, 48, 56].map((at) => set.readBigUInt64LE(at));
  expect(numbers).toEqual([1n, 2n, 1n, 6n, 7n, 8n]);
  expect(set.subarray(8, 24).toString('hex')).toBe(uuid.replaceAll('-', ''));
});
