import { describe, expect, it } from 'vitest';
import { demo } from './demo-run.js';

describe('qianzhi demo --scene download', () => {
  it('shows every promise from the ends', { timeout: 300_000 }, async () => {
    const { code, result } = await demo(['--scene', 'download']);
    expect(result.checks.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([]);
    expect({ code, scene: result.scene, ok: result.ok }).toEqual({ code: 0, scene: 'download', ok: true });
    expect(result.checks.length).toBeGreaterThan(10);
  });

  it.each(['file', 'manifest', 'receipt'])(
    'finds what --tamper %s damaged',
    { timeout: 300_000 },
    async (tamper) => {
      const { code, result } = await demo(['--scene', 'download', '--tamper', tamper]);
      expect({ code, ok: result.ok }).toEqual({ code: 9, ok: false });
    },
  );
});
