import { appendFile, mkdir, open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { openQueryLog, type QueryEntry, readQueryLog } from '../queries/query-log.js';
import { tempFolder } from '../testing/temp-folder.js';
import { openWebhookLog } from '../webhooks/webhook-log.js';

const entry = (id: string): QueryEntry => ({
  kind: 'asked',
  id,
  resource: 'firm',
  service: 'by-key',
  consumer: 'sw',
  actor: 'agent:sw-1',
});
const at = (time: string) => () => new Date(time);
const now = at('2026-02-01T00:00:00Z');
const ids = async (stateDir: string) => (await readQueryLog(stateDir)).map(({ id, seq }) => `${seq} ${id}`);
const fault = (code: string) => Object.assign(new Error(code), { code });

afterEach(() => vi.restoreAllMocks());

/** What every open file of this process does its work with. */
async function fileHandles(stateDir: string) {
  await using handle = await open(stateDir, 'r');
  return Object.getPrototypeOf(handle) as typeof handle;
}

it('goes on behind a month that is larger than a string may be', async () => {
  const stateDir = await tempFolder();
  const folder = join(stateDir, 'queries');
  await mkdir(folder);
  const path = join(folder, '2026-02.jsonl');
  const last = { seq: 7, at: now(), digest: 'sha-256:seven', long: 'x'.repeat(70_000) };
  await appendFile(path, '');
  await truncate(path, 600_000_000);
  await appendFile(path, `\n${JSON.stringify(last)}\n{"seq":8,`);
  const log = await openQueryLog(stateDir, now);
  await log.record(entry('next'));
  await log.close();
  await using file = await open(path, 'r');
  const end = Buffer.alloc(1000);
  const { size } = await file.stat();
  await file.read(end, 0, end.length, size - end.length);
  const [before, written] = end.toString().trimEnd().split('\n');
  expect(before).toMatch(/x"\}$/);
  expect(JSON.parse(written!)).toMatchObject({ seq: 8, previous: 'sha-256:seven', id: 'next' });
});

it('is not forked by a clock that is set back over the end of a month', async () => {
  const stateDir = await tempFolder();
  for (const [id, time] of [
    ['q1', '2026-02-01T00:00:01Z'],
    ['q2', '2026-01-31T23:59:59Z'],
    ['q3', '2026-01-31T23:59:59Z'],
    ['q4', '2026-03-01T00:00:00Z'],
  ] as const) {
    const log = await openQueryLog(stateDir, at(time));
    await log.record(entry(id));
    await log.close();
  }
  expect(await ids(stateDir)).toEqual(['1 q1', '2 q2', '3 q3', '4 q4']);
});

it('goes on once a full disk has room again, without what it took a part of', async () => {
  const stateDir = await tempFolder();
  const log = await openQueryLog(stateDir, now);
  await log.record(entry('q1'));
  const handles = await fileHandles(stateDir);
  const { appendFile: whole } = handles;
  vi.spyOn(handles, 'appendFile').mockImplementationOnce(async function (this: unknown, data) {
    await whole.call(this as never, String(data).slice(0, 20));
    throw fault('ENOSPC');
  });
  await expect(log.record(entry('lost'))).rejects.toMatchObject({ code: 'QZ_AGENT_QUERY_LOG_UNWRITABLE' });
  await Promise.all([log.record(entry('q2')), log.record(entry('q3'))]);
  await log.close();
  expect(await ids(stateDir)).toEqual(['1 q1', '2 q2', '3 q3']);
});

it.each([
  ['datasync', 'ENOSPC'],
  ['datasync', 'EIO'],
  ['appendFile', 'EIO'],
] as const)('writes nothing more after %s failed with %s', async (call, code) => {
  const stateDir = await tempFolder();
  const log = await openWebhookLog(stateDir, now);
  const letter = { webhook: 'oa', host: 'h', exchange: 'in', id: 'm', last: '1', records: 1, bytes: 1 };
  const record = () => log.record({ kind: 'sending', ...letter, bodyDigest: 'd', attempt: 1 });
  await record();
  vi.spyOn(await fileHandles(stateDir), call).mockRejectedValueOnce(fault(code));
  const unwritable = { code: 'QZ_AGENT_WEBHOOK_LOG_UNWRITABLE' };
  await expect(record()).rejects.toMatchObject(unwritable);
  await expect(record()).rejects.toMatchObject(unwritable);
  await log.close();
});
