import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { startProgram } from './program.js';

/** The demo as its users run it. Its documented output is one JSON object with these keys and no other. */
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
const DIVISIONS = 665_276;
const divisions = ['province', 'city', 'area', 'street', 'village'].map((level) => `xzqh_${level}`);

async function demo(...flags: string[]) {
  const { code, out, err } = await startProgram(['demo', '--json', ...flags], { cwd: tmpdir() }).ended;
  const result = JSON.parse(out); // exactly one JSON object on stdout, or this throws
  return { code, result, err };
}

describe('qianzhi demo', () => {
  it('carries every row, checks everything, and says so in one JSON object', {
    timeout: 240_000,
  }, async () => {
    const { code, result, err } = await demo();
    expect(code, err).toBe(0);
    expect(Object.keys(result).sort()).toEqual([...keys].sort());
    expect(result).toMatchObject({ ok: true, deniedBeforeApproval: true, grantedItemsOnly: true });
    const five = result.resources.filter((one: { code: string }) => divisions.includes(one.code));
    expect(five).toHaveLength(5);
    const read = five.reduce((sum: number, one: { read: number }) => sum + one.read, 0);
    expect(read).toBe(DIVISIONS + result.changesTravelled);
    for (const one of result.resources) {
      expect(Object.keys(one).sort()).toEqual([...resourceKeys].sort());
      expect(one.read, one.code).toBe(one.stored + one.rejected);
      expect(one.reconciled, one.code).toBeGreaterThan(0);
    }
    expect(result.receiptsVerified).toBeGreaterThan(0);
  });

  it.each(['row', 'batch', 'receipt', 'item', 'grant'])(
    'finds what --tamper %s damaged, and fails',
    { timeout: 240_000 },
    async (tamper) => {
      const { code, result, err } = await demo('--tamper', tamper);
      expect(code, err).not.toBe(0);
      expect(result.ok).toBe(false);
      expect(result.found.map((one: { name: string }) => one.name)).toContain(tamper);
    },
  );
});
