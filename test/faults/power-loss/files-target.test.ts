import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginContext, Sink, SinkBatch } from '@qianzhi/plugin-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesConnector } from '../../../plugins/connector-files/src/connector.js';
import { delivery, deltaOf, snapshotOf } from '../../../plugins/connector-files/src/test/batches.js';
import { person } from '../../../plugins/connector-files/src/test/site.js';
import { throwDice } from '../seed.js';
import { startRecording } from './recording.js';
import { shadowMissing } from './shadow.js';
import type { Loss, Recorded } from './timeline.js';

/** A target of files: what was answered is there after a loss of power, whole, and nothing that is not. */
const built = fileURLToPath(new URL('../../../plugins/connector-files/dist/index.js', import.meta.url));
const signal = AbortSignal.timeout(300_000);
const rows = (op: string, first: number, count: number) =>
  Array.from({ length: count }, (_, n) => [op, `c${first + n}`, '名'.repeat(50)]);
const parts = [1, 500].map((first) => rows('S', first, 400).map(([, ...row]) => row));
const batches = [
  ...snapshotOf(person, 1, 's', parts),
  deltaOf(person, 3, rows('U', 1, 300)),
  deltaOf(person, 4, []),
  deltaOf(person, 5, rows('U', 7, 3)),
];
const target = { name: 'area', marker: '.ok' };
const quiet = () => undefined;
const context: PluginContext = {
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  now: () => new Date(),
  tempDir: tmpdir(),
  timeZone: 'Asia/Shanghai',
};

interface Told {
  readonly seq: number;
  readonly at: bigint;
}

let folder: string;
let recorded: Recorded;
let whole: Readonly<Record<string, string>>;
let told: Told[];

/** Writes every batch and says when each was answered. */
const program = (path: string, list: readonly SinkBatch[]) => `
  const { default: plugin } = await import(${JSON.stringify(built)});
  const quiet = () => {};
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const context = { log, now: () => new Date(), tempDir: '/nowhere', timeZone: 'Asia/Shanghai' };
  const signal = new AbortController().signal;
  const connection = await plugin.role.open({ path: ${JSON.stringify(path)} }, context, signal);
  const batches = ${JSON.stringify(list.map((batch) => ({ ...batch, bytes: Buffer.from(batch.bytes).toString('base64') })))};
  const spec = { exchange: 'in', resource: batches[0].resource, target: ${JSON.stringify(target)} };
  const sink = await connection.sink(spec, signal);
  for (const batch of batches) {
    await sink.write({ ...batch, bytes: Buffer.from(batch.bytes, 'base64') }, async () => {}, signal);
    console.log(batch.seq + ' ' + process.hrtime.bigint());
  }
`;

/** What a program that reads the files sees. */
function visible(path: string): Record<string, string> {
  const names = readdirSync(path).filter((name) => name.startsWith('area-'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(path, name), 'utf8')]));
}

async function openTarget(path: string): Promise<Sink> {
  const connection = await filesConnector.open({ path }, context, signal);
  return connection.sink({ exchange: 'in', resource: person, target }, signal);
}

/** What is broken after a loss at the moment; undefined if nothing is. */
async function broken(
  timeline: ReturnType<Recorded['timeline']>,
  at: bigint,
  loss: Loss,
): Promise<string | undefined> {
  const into = join(folder, 'cut');
  timeline.cut(into, loss);
  try {
    const before = visible(into);
    const partial = Object.entries(before).find(([name, text]) => whole[name] !== text);
    if (partial) return `${partial[0]} is not whole`;
    const sink = await openTarget(into);
    const head = (await sink.ledgerHead(delivery, signal))?.seq ?? 0;
    const answered = told.filter((each) => each.at < at).at(-1)?.seq ?? 0;
    if (head < answered) return `batch ${answered} was answered, the ledger ends with ${head}`;
    for (const batch of batches) await sink.write(batch, async () => undefined, signal);
    const after = visible(into);
    return JSON.stringify(after) === JSON.stringify(whole) ? undefined : `${Object.keys(after)} at the end`;
  } catch (error) {
    return String(error);
  } finally {
    rmSync(into, { recursive: true });
  }
}

/** The first thing that is broken at any act, or undefined. */
async function brokenAtAnyMoment(loss: Loss): Promise<string | undefined> {
  const timeline = recorded.timeline();
  for (const { at } of recorded.acts.toReversed()) {
    timeline.rewind(at);
    const found = await broken(timeline, at, loss);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe.skipIf(shadowMissing())('a loss of power under a target of files', () => {
  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'qianzhi-files-loss-')));
    const root = join(folder, 'root');
    mkdirSync(root);
    const recording = startRecording(root);
    const output = execFileSync(process.execPath, ['--input-type=module', '-'], {
      input: program(root, batches),
      env: { ...process.env, ...recording.env },
      encoding: 'utf8',
    });
    told = output
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([seq, at]) => ({ seq: Number(seq), at: BigInt(at!) }));
    recorded = recording.end();
    whole = visible(root);
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('was recorded from the first batch to the last', () => {
    expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(Object.keys(whole)).toHaveLength(6);
    expect(recorded.acts.length).toBeGreaterThan(30);
  });

  it('leaves each answered batch whole and shows none in part, whatever the disk kept', {
    timeout: 300_000,
  }, async () => {
    expect(await brokenAtAnyMoment({})).toBeUndefined();
    const dice = throwDice('files target');
    expect(
      await brokenAtAnyMoment({ survivors: (unconfirmed) => dice.below(unconfirmed + 1) }),
    ).toBeUndefined();
  });

  it.each([
    ['the rows', /\.part$/],
    ['the ledger', /\.ledger\.jsonl$/],
    ['their names', /^\.?$|root$/],
  ])('would be noticed if %s were not synced', { timeout: 300_000 }, async (_what, pattern) => {
    expect(await brokenAtAnyMoment({ forgets: (path) => pattern.test(path) })).toBeDefined();
  });
});
