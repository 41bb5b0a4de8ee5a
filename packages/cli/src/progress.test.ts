import { describe, expect, it } from 'vitest';
import { progressText, sizeText, summaryText } from './job-text.js';
import { createProgressLine } from './progress.js';

function sink(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) > 0 };
}

describe('progress', () => {
  it('rewrites one line on a terminal and ends it once', () => {
    const out = sink(true);
    const line = createProgressLine(out as never, () => 0);
    for (const text of ['1 row', '1 row', '2 rows']) line.show(text);
    line.end();
    line.end();
    expect(out.written).toEqual(['\r\u001b[2K1 row', '\r\u001b[2K2 rows', '\n']);
  });

  it('writes plain lines now and then elsewhere', () => {
    let now = 0;
    const out = sink(false);
    const line = createProgressLine(out as never, () => now);
    for (const text of ['a', 'b', 'c']) {
      line.show(text);
      now += 3_000;
    }
    line.end();
    expect(out.written).toEqual(['a\n', 'c\n']);
  });

  it('tells rows, bytes, rate and what lags', () => {
    const text = progressText({
      id: 'j',
      exchange: 'supply-village',
      state: 'running',
      cause: 'manual',
      dueAt: '',
      attempt: 1,
      progress: {
        rows: 1200,
        bytes: 3 * 1024 * 1024,
        batches: 2,
        rowsPerSecond: 600.4,
        bytesPerSecond: 2048,
        waitingBatches: 1,
        waitingBytes: 512,
      },
    });
    for (const part of ['supply-village', '1200', '3.0 MiB', '600', '2.0 KiB/s', '512 B'])
      expect(text).toContain(part);
  });

  it('never calls a run with rejects a plain success', () => {
    const none = {
      batches: 1,
      bytes: 1,
      repeated: 0,
      flagged: 0,
      delivered: 0,
      inserted: 0,
      updated: 0,
      unchanged: 0,
      deleted: 0,
    };
    const job = { id: 'j', exchange: 'x', state: 'done', cause: 'manual', dueAt: '', attempt: 1 } as const;
    expect(summaryText({ ...job, summary: { ...none, read: 3, stored: 1, rejected: 2 } })).toMatch(
      /完成,有拒绝.*拒绝 2/,
    );
    expect(summaryText({ ...job, summary: { ...none, read: 3, stored: 3, rejected: 0 } })).toMatch(
      /完成 .*拒绝 0/,
    );
  });

  it('sizes', () => {
    expect([0, 1023, 1024, 1.5 * 1024 ** 3].map(sizeText)).toEqual(['0 B', '1023 B', '1.0 KiB', '1.5 GiB']);
  });
});
