import { describe, expect, it } from 'vitest';
import { demo } from './demo-run.js';

describe('qianzhi demo --scene query', () => {
  it('shows that each promise holds, in one JSON object', { timeout: 240_000 }, async () => {
    const { code, result, err } = await demo(['--scene', 'query']);
    expect(
      result.checks.filter(({ ok }: { ok: boolean }) => !ok),
      err,
    ).toEqual([]);
    expect(result).toMatchObject({ scene: 'query', ok: true });
    expect(Object.keys(result).sort()).toEqual(['checks', 'durationMs', 'ok', 'scene']);
    expect(result.checks.length).toBeGreaterThan(12);
    expect(code).toBe(0);
  });

  it.each([
    ['answer', 'signed-by-both-sides'],
    ['log', 'provider-logged-the-same'],
    ['receipt', 'receipts-hold-offline'],
  ])('finds what --tamper %s damaged, and fails', { timeout: 240_000 }, async (tamper, name) => {
    const { code, result } = await demo(['--scene', 'query', '--tamper', tamper]);
    expect(
      result.checks.filter(({ ok }: { ok: boolean }) => !ok).map((one: { name: string }) => one.name),
    ).toContain(name);
    expect(code).not.toBe(0);
  });

  it('refuses what it cannot damage', async () => {
    const { code, result } = await demo(['--scene', 'query', '--tamper', 'batch']);
    expect({ code, error: result.error.code }).toEqual({ code: 2, error: 'QZ_CLI_FLAG_WRONG' });
  });
});
