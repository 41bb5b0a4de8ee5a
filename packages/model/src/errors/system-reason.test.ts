import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { describe, expect, it } from 'vitest';
import { systemReason } from './system-reason.js';

describe('a reason of the system', () => {
  it('is told in words', async () => {
    expect(systemReason(await readFile('/nowhere/at-all').catch((error) => error))).toEqual({
      zh: '不存在',
      en: 'it does not exist',
    });
    expect(systemReason(await readFile('/').catch((error) => error)).en).toBe('it is a folder, not a file');
    const refused = await new Promise((resolve) => createConnection(1, '127.0.0.1').once('error', resolve));
    expect(systemReason(refused).en).toMatch(/nothing listens/);
    expect(systemReason({ code: 'SQLITE_IOERR_FSYNC' }).en).toMatch(/disk failed/);
  });

  it('keeps a code it does not know, and admits that there is none', () => {
    expect(systemReason({ code: 'ENEW' })).toEqual({ zh: '系统错误 ENEW', en: 'system error ENEW' });
    for (const none of [new Error('x'), undefined, null, 'x', { code: 7 }])
      expect(systemReason(none).en).toBe('the system gives no reason');
  });
});
