import { describe, expect, it } from 'vitest';
import { demo, expectAllHolds, expectFound } from './demo-run.js';

describe('qianzhi demo', () => {
  it('carries every row, checks everything, and says so in one JSON object', {
    timeout: 240_000,
  }, async () => {
    expectAllHolds(await demo([]));
  });

  it.each(['row', 'batch', 'receipt', 'item', 'grant'])(
    'finds what --tamper %s damaged, and fails',
    { timeout: 240_000 },
    async (tamper) => {
      expectFound(tamper, await demo(['--quick', '--tamper', tamper]));
    },
  );

  it.each([
    ['http://db/x', 'postgres://'],
    ['postgres://db/x', 'user'],
    ['postgres://u:s3cret@db', 'database'],
    ['postgres://u:s3cret@db/x?sslmode=maybe', 'sslmode'],
  ])('refuses the address %s, and says what is wrong without quoting it', async (address, problem) => {
    const { code, result, out, err } = await demo(['--source', address]);
    expect({ code, error: result.error.code }).toEqual({ code: 2, error: 'QZ_DEMO_ADDRESS_WRONG' });
    expect(result.error.message).toContain(problem);
    expect(out + err).not.toContain('s3cret');
  });
});
