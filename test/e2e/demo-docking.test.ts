import { describe, expect, it } from 'vitest';
import { demo } from './demo-run.js';

describe('qianzhi demo --scene docking', () => {
  it('shows that each promise holds, in one JSON object', { timeout: 240_000 }, async () => {
    const { code, result, err } = await demo(['--scene', 'docking']);
    expect(
      result.checks.filter(({ ok }: { ok: boolean }) => !ok),
      err,
    ).toEqual([]);
    expect(result).toMatchObject({ scene: 'docking', ok: true });
    expect(result.checks.length).toBeGreaterThan(14);
    expect(code).toBe(0);
  });

  it.each([
    ['record', 'records-at-both-ends'],
    ['receipt', 'receipts-that-do-not-hold'],
  ])('finds what --tamper %s damaged, and fails', { timeout: 240_000 }, async (tamper, name) => {
    const { code, result } = await demo(['--scene', 'docking', '--tamper', tamper]);
    expect(
      result.checks.filter(({ ok }: { ok: boolean }) => !ok).map((one: { name: string }) => one.name),
    ).toContain(name);
    expect(code).not.toBe(0);
  });
});
