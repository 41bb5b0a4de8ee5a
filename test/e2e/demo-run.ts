import { tmpdir } from 'node:os';
import { expect } from 'vitest';
import { startProgram } from './program.js';

/** The demo's documented output is one JSON object with these keys and no other. */
const keys = [
  'ok',
  'resources',
  'receiptsVerified',
  'deniedBeforeApproval',
  'grantedItemsOnly',
  'changesTravelled',
  'durationMs',
];
const resourceKeys = ['code', 'read', 'repeated', 'rejected', 'flagged', 'stored', 'applied', 'reconciled'];
const DIVISIONS = { all: 665_276, quick: 85_589 };
const divisions = ['province', 'city', 'area', 'street', 'village'].map((level) => `xzqh_${level}`);

/** Runs the demo as its users do. */
export async function demo(flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, out, err } = await startProgram(['demo', '--json', ...flags], { cwd: tmpdir(), env }).ended;
  const result = JSON.parse(out); // exactly one JSON object on stdout, or this throws
  return { code, result, out, err };
}

/** Every row carried, everything checked, and said so. */
export function expectAllHolds(
  { code, result, err }: Awaited<ReturnType<typeof demo>>,
  rows: keyof typeof DIVISIONS = 'all',
): void {
  expect(code, err).toBe(0);
  expect(Object.keys(result).sort()).toEqual([...keys].sort());
  expect(result).toMatchObject({ ok: true, deniedBeforeApproval: true, grantedItemsOnly: true });
  const five = result.resources.filter((one: { code: string }) => divisions.includes(one.code));
  expect(five).toHaveLength(5);
  const read = five.reduce((sum: number, one: { read: number }) => sum + one.read, 0);
  expect(read).toBe(DIVISIONS[rows] + result.changesTravelled);
  for (const one of result.resources) {
    expect(Object.keys(one).sort()).toEqual([...resourceKeys].sort());
    expect(one.read, one.code).toBe(one.stored + one.rejected);
    expect(one.reconciled, one.code).toBeGreaterThan(0);
  }
  expect(result.receiptsVerified).toBeGreaterThan(0);
}

export function expectFound(tamper: string, { code, result, err }: Awaited<ReturnType<typeof demo>>): void {
  expect(code, err).not.toBe(0);
  expect(result.ok, err).toBe(false);
  expect(result.found.map((one: { name: string }) => one.name)).toContain(tamper);
}
