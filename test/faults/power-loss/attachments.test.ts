import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { PluginContext, SinkFilePart } from '@qianzhi/plugin-api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openFileSink } from '../../../plugins/connector-files/src/attachments/sink.js';
import { resourceOf } from '../../fixtures/resource.js';
import type { Act } from './log.js';
import { type Recording, startRecording } from './recording.js';
import { shadowMissing } from './shadow.js';
import type { Loss, Recorded } from './timeline.js';

/**
 * A target of files writes parts while its acts are recorded, and the power goes at every moment: what was answered is there
 * afterwards, nothing half-written shows, and the rest of the parts makes every file whole.
 */
vi.setConfig({ testTimeout: 120_000 });

const item = { column: 'file', type: 'G' as const, length: undefined, key: false };
const resource = resourceOf('papers', [item], { content: 'files' });
const delivery = { agreement: 'a', grantVersion: 1, stream: { resource: 'papers', agent: 'mz-1', epoch: 1 } };
const spec = { exchange: 'in', resource, target: { name: 'papers' } };
const video = Buffer.from(Array.from({ length: 900 }, (_, n) => (n * 31) % 256));
const text = Buffer.from('replaced');

function partsOf(name: string, bytes: Buffer, seq: number): SinkFilePart[] {
  const digest = `sha-256:${createHash('sha256').update(bytes).digest('base64url')}`;
  const count = Math.max(1, Math.ceil(bytes.length / 300));
  return Array.from({ length: count }, (_, n) => {
    const piece = bytes.subarray(n * 300, (n + 1) * 300);
    return {
      delivery,
      seq: seq + n,
      kind: 'files',
      resource,
      rowsDigest: `sha-256:${createHash('sha256')
        .update(`${name} ${seq + n}`)
        .digest('base64url')}`,
      rows: n === count - 1 ? 1 : 0,
      bytes: piece,
      file: {
        name,
        size: bytes.length,
        digest,
        mediaType: 'video/mp4',
        modifiedAt: '2026-01-02T03:04:05.000Z',
        offset: n * 300,
      },
    };
  });
}

const parts = [
  ...partsOf('现场.mp4', video, 1),
  ...partsOf('empty.txt', Buffer.alloc(0), 4),
  ...partsOf('现场.mp4', text, 5),
];
const whole = { 'empty.txt': '', '现场.mp4': text.toString('hex') };
/** What may show under a name, at any moment. */
const versions: Readonly<Record<string, readonly string[]>> = {
  'empty.txt': [''],
  '现场.mp4': [video.toString('hex'), text.toString('hex')],
};

const sinkModule = fileURLToPath(
  new URL('../../../plugins/connector-files/dist/attachments/sink.js', import.meta.url),
);
const writer = (root: string) => `
  const { openFileSink } = await import(${JSON.stringify(sinkModule)});
  const context = { now: () => new Date(), log: {}, tempDir: '/nowhere', timeZone: 'Asia/Shanghai' };
  const signal = new AbortController().signal;
  const sink = await openFileSink({ path: ${JSON.stringify(root)}, readOnly: false }, ${JSON.stringify(spec)}, context, signal);
  const answered = [];
  for (const part of ${JSON.stringify(parts.map((part) => ({ ...part, bytes: Buffer.from(part.bytes).toString('base64') })))}) {
    await sink.write({ ...part, bytes: Buffer.from(part.bytes, 'base64') }, async () => {}, signal);
    answered.push([part.seq, String(process.hrtime.bigint())]);
  }
  console.log(JSON.stringify(answered));
`;

const quiet = () => undefined;
const context: PluginContext = {
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  now: () => new Date(),
  tempDir: '/nowhere',
  timeZone: 'Asia/Shanghai',
};
const nothing = async () => {
  throw new Error('a file was refused');
};

function shown(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name !== '.qianzhi');
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name)).toString('hex')]));
}

/** A renaming is noted as several acts on names, and the disk does all of them or none. */
function momentsOf({ acts }: Recorded): bigint[] {
  const ofNames = (act: Act | undefined) => act?.kind === 'add' || act?.kind === 'remove';
  return acts.filter((act, n) => !(ofNames(act) && ofNames(acts[n + 1]))).map(({ at }) => at);
}

describe.skipIf(shadowMissing())('a loss of power at a target of files', () => {
  let folder: string;
  let recording: Recording;
  let recorded: Recorded;
  let answered: readonly (readonly [seq: number, at: bigint])[];

  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'qianzhi-power-')));
    const root = join(folder, 'root');
    mkdirSync(root);
    recording = startRecording(root);
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', writer(root)], {
      env: { ...process.env, ...recording.env },
      encoding: 'utf8',
    });
    answered = (JSON.parse(out) as [number, string][]).map(([seq, at]) => [seq, BigInt(at)]);
    expect(shown(root)).toEqual(whole);
    recorded = recording.end();
  });
  afterAll(async () => {
    await recording?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Cuts the power at every moment; tells what is wrong afterwards, with the moment. */
  async function brokenAfter(loss: Loss): Promise<string[]> {
    const broken: string[] = [];
    const timeline = recorded.timeline();
    for (const at of momentsOf(recorded).toReversed()) {
      timeline.rewind(at);
      const cut = join(folder, 'cut');
      timeline.cut(cut, loss);
      const promised = answered.filter(([, when]) => when <= at).length;
      const problem = await problemOf(cut, promised);
      if (problem) broken.push(`${at}: ${problem}`);
      rmSync(cut, { recursive: true });
    }
    return broken;
  }

  it.each([
    ['nothing that was not synced', () => 0],
    ['half of what was not synced', (acts: number) => Math.floor(acts / 2)],
    ['all of it', (acts: number) => acts],
  ])('at any moment, the disk having kept %s, breaks no promise', async (_kept, survivors) => {
    expect(momentsOf(recorded).length).toBeGreaterThan(30);
    expect(await brokenAfter({ survivors })).toEqual([]);
  });

  it.each([
    ['of the parts', (path: string) => path.endsWith('.part')],
    ['of the folder they are written in', (path: string) => path === '.qianzhi'],
    ['of the ledger', (path: string) => path.endsWith('.jsonl')],
    ['of the folder the files show in', (path: string) => path === ''],
  ])('is found out where an fsync %s is left out', async (_what, forgets) => {
    expect(await brokenAfter({ forgets })).not.toEqual([]);
  });
});

/** What is not as it was promised in a folder that the power went from; undefined where all holds. */
async function problemOf(cut: string, promised: number): Promise<string | undefined> {
  const signal = AbortSignal.timeout(30_000);
  const sink = await openFileSink({ path: cut, readOnly: false }, spec, context, signal);
  const head = (await sink.ledgerHead(delivery, signal))?.seq ?? 0;
  if (head < promised) return `part ${promised} was answered, the ledger ends with ${head}`;
  const half = Object.entries(shown(cut)).find(([name, bytes]) => !versions[name]?.includes(bytes));
  if (half) return `${half[0]} shows and is not whole`;
  for (const part of parts.slice(head)) await sink.write(part, nothing, signal);
  return isDeepStrictEqual(shown(cut), whole) ? undefined : 'a file is missing';
}
