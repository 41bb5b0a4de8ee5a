import type { Lease } from '@qianzhi/model';
import { expect, it } from 'vitest';
import { stateOf } from './access.js';

const now = new Date('2026-06-10T00:00:00Z');
const grant = (agreement: string, grantVersion: number) => ({ agreement, grantVersion, reason: 'revoked' });
const lease = (live: object[], revoked: object[], seconds = 60) =>
  ({ live, revoked, expiresAt: new Date(now.getTime() + seconds * 1000).toISOString() }) as Lease;
const held = { grants: [{ agreement: 'a', grantVersion: 1 }], erased: false };
const state = (one: Lease | undefined, access = held) => stateOf(access, one, now).state;

it('is open while a version of the agreement is live and the lease in force', () => {
  expect(state(lease([grant('a', 1)], []))).toBe('open');
  expect(state(lease([grant('a', 2)], [grant('a', 1)]))).toBe('open');
  expect(state(undefined, { grants: [], erased: false })).toBe('open');
});

it('waits where nothing in force says so', () => {
  expect(state(undefined)).toBe('lease');
  expect(state(lease([grant('a', 1)], [], 0))).toBe('lease');
  expect(state(lease([grant('b', 1)], []))).toBe('lease');
});

it('has ended by a revocation, in a lease that ran out, too, and stays so until something new comes', () => {
  expect(state(lease([], [grant('a', 1)]))).toBe('ended');
  expect(state(lease([], [grant('a', 1)], -10))).toBe('ended');
  expect(state(lease([grant('b', 1)], []), { grants: [], erased: true })).toBe('ended');
});
