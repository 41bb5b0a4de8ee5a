import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type CatalogResource, keyItems, type SupplyExchange } from '@qianzhi/model';
import type { Checkpoint, Source } from '@qianzhi/plugin-api';
import { openRows, returnBytes } from '@qianzhi/rows';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { durableFolder, type StoreDisk } from '../files/durable-folder.js';
import { readLent } from '../files/read-lent.js';
import type { Feed } from '../provider/feed.js';
import type { Intake } from '../provider/intake.js';
import type { RunCounts } from '../provider/run-counts.js';
import type { CleanBlock } from '../sealer/block.js';
import type { Tables } from '../store/tables.js';
import { type Candidate, type CandidateFolder, candidateFolder, type SpooledFile } from './candidate.js';
import { aboutCopy, copySource, type SourceCopy } from './copy-source.js';

/**
 * Strategy `diff`: a copy of the table is compared with the last receipted one, and only what differs is sent; it sees
 * deletes. Rows without a key cannot be changed one by one: of those the whole copy is sent where it holds other rows, or one of them
 * another number of times, and nothing where not. Its checkpoint names a candidate and how much of it is sealed, so a crash goes on with the very same
 * changes instead of computing others, and `confirm`, which comes after the receipts, makes it the baseline.
 */
interface DiffCheckpoint {
  readonly v: 1;
  readonly candidate: string;
  readonly next: number;
  readonly of: number;
}

export interface DiffParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly source: Source;
  readonly intake: Intake;
  readonly exchange: SupplyExchange;
  readonly resource: CatalogResource;
  /** Of all copies. */
  readonly disk: StoreDisk;
  readonly counts: RunCounts;
}

export async function createDiffFeed(parts: DiffParts): Promise<Feed> {
  const { core, tables, exchange, resource, disk } = parts;
  if (!core.options.dataset)
    throw engineErrors.STRATEGY_MISSING({ exchange: exchange.name, strategy: 'diff' });
  const candidates = candidateFolder(core, disk, resource.code);

  return {
    async *read(checkpoint, signal) {
      const at = parse(checkpoint);
      const unfinished = at && at.next < at.of ? at : undefined;
      await candidates.keepOnly([tables.baselines.get(resource.code), unfinished?.candidate]);
      if (unfinished) {
        yield* blocksOf(parts, await candidates.load(unfinished.candidate), unfinished.next, true);
        return;
      }
      const candidate = await makeCandidate(parts, candidates, signal);
      if (candidate) yield* blocksOf(parts, candidate, 0, false);
    },
    rests: () => false,
    async confirm(checkpoint) {
      const at = parse(checkpoint);
      if (!at || at.next < at.of) return;
      core.failpoint('diff:before-confirm');
      core.store.write(() => tables.baselines.put(resource.code, at.candidate));
    },
  };
}

function parse(checkpoint: Checkpoint | undefined): DiffCheckpoint | undefined {
  return checkpoint === undefined ? undefined : (JSON.parse(checkpoint) as DiffCheckpoint);
}

/** Undefined when nothing changed: then the baseline stays and no batch is sent. */
async function makeCandidate(
  parts: DiffParts,
  candidates: CandidateFolder,
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  const { core, tables, source, intake, exchange, resource, disk, counts } = parts;
  const id = randomUUID();
  const folder = durableFolder(await candidates.begin(id), disk);
  const copy = await copySource({ core, source, intake, exchange, resource, folder, disk, signal });
  counts.flagged = 0; // counted again of what is sent
  const baseline = await baselineOf(tables.baselines.get(resource.code), candidates);
  const candidate: Candidate = {
    id,
    schemaVersion: resource.schemaVersion,
    rejected: copy.rejected,
    ...(await differing(parts, copy, baseline, folder.path, signal)),
  };
  if (baseline && candidate.send.length === 0 && candidate.kind === 'delta') {
    await candidates.keepOnly([baseline.id]);
    return undefined;
  }
  await candidates.save(candidate);
  core.failpoint('diff:candidate-written');
  return candidate;
}

type Differing = Pick<Candidate, 'kind' | 'files' | 'send' | 'repeated'>;

/** What of a copy is to be sent; a delta of nothing where it is equal to the last one. */
async function differing(
  { core, resource, disk, counts }: DiffParts,
  copy: SourceCopy,
  baseline: Candidate | undefined,
  folder: string,
  signal: AbortSignal,
): Promise<Differing> {
  const { files, repeated } = copy;
  const dataset = core.options.dataset!;
  const whole: Differing = { kind: 'snapshot', files, send: files, repeated };
  if (!baseline) return whole;
  // rows equal to the last copy were met again, not handed on: read = stored + rejected speaks of the others
  const hand = (changed: number, deleted: number) => {
    counts.read += changed + deleted - copy.rows;
    counts.repeated += copy.rows - changed;
    return repeated + copy.rows - changed;
  };
  if (keyItems(resource).length === 0) {
    const request = { resource, a: baseline.files, b: files };
    const { onlyInA, onlyInB } = await disk.guarded(() => dataset.compareSets(request, signal));
    if (onlyInA + onlyInB > 0) return whole;
    return { kind: 'delta', files, send: [], repeated: hand(0, 0) };
  }
  const request = {
    resource,
    baseline: baseline.files,
    candidate: files,
    rejected: copy.rejectedKeys ? [copy.rejectedKeys] : [],
    output: join(folder, 'changes'),
  };
  const { delta, carried, counts: found } = await disk.guarded(() => dataset.diff(request, signal));
  return {
    kind: 'delta',
    files: [...files, ...carried],
    send: delta,
    repeated: hand(found.inserted + found.updated, found.deleted),
  };
}

async function baselineOf(id: string | undefined, candidates: CandidateFolder) {
  return id === undefined ? undefined : await candidates.load(id);
}

async function* blocksOf(
  { core, resource, intake, counts }: DiffParts,
  candidate: Candidate,
  first: number,
  resumed: boolean,
): AsyncGenerator<CleanBlock> {
  const { id, kind, send } = candidate;
  const of = Math.max(send.length, 1);
  for (let index = first; index < of; index++) {
    const file = send[index];
    const bytes = file ? await readRows(core, resource, file) : new Uint8Array(0);
    const rows = file?.rows ?? 0;
    // what was counted when the candidate was made is not this run's any more
    if (resumed) counts.read += rows;
    const flagged = intake.flaggedIn(bytes);
    counts.flagged += flagged;
    const begins = index === 0;
    const checkpoint: DiffCheckpoint = { v: 1, candidate: id, next: index + 1, of };
    yield {
      phase: kind,
      bytes,
      release: () => returnBytes(bytes),
      rows,
      rejected: begins ? candidate.rejected : 0,
      flagged,
      repeated: begins ? candidate.repeated : 0,
      lastOfSnapshot: kind === 'snapshot' && index === of - 1,
      restart: kind === 'snapshot' && begins,
      checkpoint: JSON.stringify(checkpoint),
    };
  }
}

async function readRows(core: Core, resource: CatalogResource, file: SpooledFile): Promise<Uint8Array> {
  const broken = (cause?: unknown): never => {
    throw engineErrors.CANDIDATE_BROKEN({ resource: resource.code, file: file.path }, cause);
  };
  const bytes = (await readLent(file.path).catch(broken)) ?? broken();
  const { rawBytes, rowsDigest = '', bytesDigest = '' } = file;
  if (rawBytes === undefined) return bytes;
  const claim = { ...aboutCopy(resource), rawBytes, rowsDigest, bytesDigest, fields: resource.items.length };
  const opened = await openRows(bytes, claim, core.suite).catch(broken);
  returnBytes(bytes);
  return 'differs' in opened ? broken() : opened.raw;
}
