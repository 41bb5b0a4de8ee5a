import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchManifest, Receipt, Signed } from '@qianzhi/model';
import { checkReceipts, documentDigest, intlSuite } from '@qianzhi/model/crypto';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, failAt, type Rig, runNow, until } from '../doubles/rig.js';
import type { Failpoint } from '../options.js';
import type { Engine } from '../surface.js';

const DAY = 86_400_000;
const limits = { keepEvidenceMs: 200 * DAY };

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.cleanup());

/** Three changes, each in a batch of its own, supplied and applied now. */
async function exchangeSome(name: string): Promise<void> {
  const provider = await rig.provider();
  const consumer = await rig.consumer();
  for (const n of [1, 2, 3]) {
    rig.source.put(`0${n}`, `${name} ${n}`);
    expect(await runNow(provider, 'village-out')).toMatchObject({ state: 'done' });
    expect(await runNow(consumer, 'village-in')).toMatchObject({ state: 'done' });
  }
  await rig.kill(provider);
  await rig.kill(consumer);
}

const folderOf = (agent: string) => join(rig.folder, agent, 'evidence');
const filesOf = (agent: string) => (existsSync(folderOf(agent)) ? readdirSync(folderOf(agent)).sort() : []);

function count(agent: string, table: string): number {
  const db = new Database(join(rig.folder, agent, 'state.db'), { readonly: true });
  const rows = db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get()!;
  db.close();
  return rows;
}

type Line = { readonly receipt?: Signed<Receipt>; readonly manifest?: Signed<BatchManifest> };
const linesOf = (agent: string): Line[] =>
  filesOf(agent)
    .flatMap((file) =>
      readFileSync(join(folderOf(agent), file), 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1),
    )
    .map((line) => JSON.parse(line));
const archived = (agent: string) => linesOf(agent).flatMap(({ receipt }) => receipt ?? []);
const oldestFirst = async (engine: Engine) =>
  (await engine.receipts.list()).map(({ document }) => document).toReversed();
const keys = () => rig.platform.assignments('civil-1')!.keys;

/** Housekeeping comes with the start of an engine. */
const closed = (agent: string, files: number) => () => {
  const db = new Database(join(rig.folder, agent, 'state.db'), { readonly: true });
  const done = db
    .prepare<[], number>('SELECT count(*) FROM evidence_file WHERE closed_at IS NOT NULL')
    .pluck();
  const reached = done.get() === files;
  db.close();
  return reached;
};

describe('evidence of an agent that is old enough', () => {
  it('stays for as long as it is kept', async () => {
    await exchangeSome('a');
    rig.clock.offsetMs = 199 * DAY;
    await exchangeSome('b');
    const provider = await rig.provider({ limits });
    expect(await runNow(provider, 'village-out')).toMatchObject({ state: 'done' });
    await rig.kill(provider);
    expect([count('civil-1', 'batch'), count('civil-1', 'receipt'), count('tax-1', 'receipt')]).toEqual([
      6, 6, 6,
    ]);
    expect([filesOf('civil-1'), filesOf('tax-1')]).toEqual([[], []]);
  });

  it('leaves the store for a file, and what is left goes on from it', async () => {
    await exchangeSome('a');
    rig.clock.offsetMs = 300 * DAY;
    await exchangeSome('b');
    const provider = await rig.provider({ limits });
    const consumer = await rig.consumer({ limits });
    await until('archives of both', () => closed('civil-1', 1)() && closed('tax-1', 1)());
    expect([count('civil-1', 'batch'), count('civil-1', 'receipt')]).toEqual([3, 3]);
    expect([count('tax-1', 'receipt'), count('tax-1', 'applied')]).toEqual([3, 3]);
    for (const [agent, engine] of [
      ['civil-1', provider],
      ['tax-1', consumer],
    ] as const) {
      const kept = await oldestFirst(engine);
      const begins = engine.receipts.begins();
      expect(begins).toMatchObject([{ seqTo: 3, file: filesOf(agent)[0] }]);
      expect(checkReceipts(kept, keys(), begins)).toEqual({ verified: 3, problems: [] });
      expect(checkReceipts(kept, keys()).problems.map(({ code }) => code)).toContain('chain-broken');
      expect(checkReceipts([...archived(agent), ...kept], keys(), begins)).toEqual({
        verified: 6,
        problems: [],
      });
      expect(engine.receipts.begins('village')).toEqual(begins);
      expect(engine.receipts.begins('other')).toEqual([]);
    }
    const manifests = linesOf('civil-1').flatMap(({ manifest }) => manifest ?? []);
    expect(manifests.map(({ body }) => body.seq)).toEqual([1, 2, 3]);
    const db = new Database(join(rig.folder, 'civil-1', 'state.db'), { readonly: true });
    const next = db.prepare<[], string>('SELECT manifest FROM batch ORDER BY seq LIMIT 1').pluck().get()!;
    const { sha256 } = db.prepare<[], { sha256: string }>('SELECT sha256 FROM evidence_file').get()!;
    db.close();
    expect(JSON.parse(next).body.previous).toBe(documentDigest(manifests[2]!, intlSuite));
    const content = readFileSync(join(folderOf('civil-1'), filesOf('civil-1')[0]!));
    expect(sha256).toBe(createHash('sha256').update(content).digest('hex'));

    rig.source.put('09', '新');
    expect(await runNow(provider, 'village-out')).toMatchObject({ state: 'done', summary: { stored: 1 } });
    expect(await runNow(consumer, 'village-in')).toMatchObject({ state: 'done', summary: { delivered: 1 } });
  });

  it('tells of rows in a batch that left no more than that they are stored', async () => {
    await exchangeSome('a');
    rig.clock.offsetMs = 300 * DAY;
    await exchangeSome('b');
    const provider = await rig.provider({ limits });
    await until('the archive', closed('civil-1', 1));
    const reach = (change: number) =>
      provider.streams.reach('village', (checkpoint) => JSON.parse(checkpoint).log >= change);
    for (const archived of [1, 3, 4]) expect(reach(archived)).toEqual({ stage: 'stored' });
    expect(reach(5)).toMatchObject({ stage: 'stored', seq: 5, receipt: expect.any(String) });
    expect(reach(7)).toEqual({ stage: 'waiting' });
    await rig.kill(provider);
  });

  it('is never what the platform does not hold yet', async () => {
    await exchangeSome('a');
    const db = new Database(join(rig.folder, 'tax-1', 'state.db'));
    db.prepare('UPDATE receipt SET held = 0 WHERE seq_to = 2').run();
    db.close();
    rig.clock.offsetMs = 300 * DAY;
    const consumer = await rig.consumer({
      limits,
      channel: {
        ...rig.platform.channel('tax-1'),
        acknowledge: async () => {
          throw new Error('line is down');
        },
      },
    });
    await until('an archive', closed('tax-1', 1));
    expect(archived('tax-1').map(({ body }) => body.seqTo)).toEqual([1]);
    await rig.kill(consumer);
  });

  it.each(['evidence:appended', 'evidence:removed'] as const)(
    'killed at %s it ends in the same file',
    async (point) => {
      await exchangeSome('a');
      rig.clock.offsetMs = 300 * DAY;
      await exchangeSome('b');
      for (let times = 0; times < 2; times++) {
        let met = false;
        const failpoint = (name: Failpoint) => {
          met ||= name === point;
          failAt(point)(name);
        };
        const killed = await rig.provider({ limits, failpoint });
        await until(`the kill at ${point}`, () => met);
        await rig.kill(killed);
      }
      const provider = await rig.provider({ limits });
      await until('the archive', closed('civil-1', 1));
      expect(archived('civil-1').map(({ body }) => body.seqTo)).toEqual([1, 2, 3]);
      expect(linesOf('civil-1')).toHaveLength(6);
      const whole = [...archived('civil-1'), ...(await oldestFirst(provider))];
      expect(checkReceipts(whole, keys())).toEqual({ verified: 6, problems: [] });
    },
  );
});
