import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder } from '../testing/temp-folder.js';
import { openQueryLog, type QueryEntry, readQueryLog } from './query-log.js';

const entry: QueryEntry = {
  kind: 'answered',
  id: 'q',
  resource: 'firm',
  service: 'by-code',
  agreement: 'a',
  grantVersion: 1,
  consumer: 'sw',
  actor: 'agent:sw-1',
  matter: '核验',
  requestDigest: 'sha-256:x',
  rows: 1,
};

async function written() {
  const stateDir = await tempFolder();
  let now = new Date('2026-01-31T23:59:59Z');
  const log = await openQueryLog(stateDir, () => now);
  await Promise.all([1, 2, 3].map((n) => log.record({ ...entry, id: `q${n}` })));
  now = new Date('2026-02-01T00:00:01Z');
  await log.record({ ...entry, id: 'q4' });
  await log.close();
  const files = (await readdir(join(stateDir, 'queries')))
    .sort()
    .map((name) => join(stateDir, 'queries', name));
  return { stateDir, files };
}

it('is one chain over its months and over a restart', async () => {
  const { stateDir, files } = await written();
  expect(files).toHaveLength(2);
  const again = await openQueryLog(stateDir, () => new Date('2026-02-02T00:00:00Z'));
  await again.record({ ...entry, id: 'q5' });
  await again.close();
  const entries = await readQueryLog(stateDir);
  expect(entries.map(({ id, seq }) => [id, seq])).toEqual([1, 2, 3, 4, 5].map((n) => [`q${n}`, n]));
});

it('loses what a crash left unfinished, and nothing else', async () => {
  const { stateDir, files } = await written();
  await appendFile(files[1]!, '{"seq":5,"at":"2026');
  const again = await openQueryLog(stateDir, () => new Date('2026-02-02T00:00:00Z'));
  await again.record({ ...entry, id: 'q5' });
  await again.close();
  expect((await readQueryLog(stateDir)).map(({ id }) => id)).toEqual(['q1', 'q2', 'q3', 'q4', 'q5']);
});

it.each<[string, (text: string) => string]>([
  ['a changed value', (text) => text.replace('"rows":1', '"rows":2')],
  ['a line taken out', (text) => text.split('\n').toSpliced(1, 1).join('\n')],
  [
    'two lines that changed places',
    (text) => text.split('\n').toSorted().reverse().join('\n').trimStart().concat('\n'),
  ],
  ['a line that is none', (text) => text.replace('{', '(')],
])('shows %s', async (_, change) => {
  const { stateDir, files } = await written();
  await writeFile(files[0]!, change(await readFile(files[0]!, 'utf8')));
  await expect(readQueryLog(stateDir)).rejects.toMatchObject({
    code: 'QZ_AGENT_QUERY_LOG_BROKEN',
    kind: 'integrity',
  });
});
