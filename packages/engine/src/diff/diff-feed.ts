import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CatalogResource, keyItems, type SupplyExchange } from '@qianzhi/model';
import type { Checkpoint, Source } from '@qianzhi/plugin-api';
import { bytesDigest, decompress } from '@qianzhi/rows';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { durableFolder, type StoreDisk } from '../files/durable-folder.js';
import type { Feed } from '../provider/feed.js';
import type { Intake } from '../provider/intake.js';
import type { RunCounts } from '../provider/run-counts.js';
import type { CleanBlock } from '../sealer/block.js';
import type { Tables } from '../store/tables.js';
import { type Candidate, type CandidateFolder, candidateFolder, type SpooledFile } from './candidate.js';
import { copySource } from './copy-source.js';

/**
 * Strategy `diff`: a copy of the table is compared with the last receipted one, and only what differs is sent; it sees
 * deletes. Its checkpoint names a candidate and how much of it is sealed, so a crash goes on with the very same
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
  if (keyItems(resource).length === 0) {
    throw engineErrors.DIFF_NEEDS_KEY({ exchange: exchange.name, resource: resource.code });
  }
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
  const base = {
    id,
    schemaVersion: resource.schemaVersion,
    rejected: copy.rejected,
    repeated: copy.repeated,
  };
  let candidate: Candidate;
  if (!baseline) {
    candidate = { ...base, kind: 'snapshot', files: copy.files, send: copy.files };
  } else {
    const request = {
      resource,
      baseline: baseline.files,
      candidate: copy.files,
      rejected: copy.rejectedKeys ? [copy.rejectedKeys] : [],
      output: join(folder.path, 'changes'),
    };
    const {
      delta,
      carried,
      counts: found,
    } = await disk.guarded(() => core.options.dataset!.diff(request, signal));
    // rows equal to the last copy were met again, not handed on: read = stored + rejected speaks of the others
    const changed = found.inserted + found.updated;
    counts.read += changed + found.deleted - copy.rows;
    counts.repeated += copy.rows - changed;
    if (delta.length === 0) {
      await candidates.keepOnly([baseline.id]);
      return undefined;
    }
    const repeated = copy.repeated + copy.rows - changed;
    candidate = { ...base, repeated, kind: 'delta', files: [...copy.files, ...carried], send: delta };
  }
  await candidates.save(candidate);
  core.failpoint('diff:candidate-written');
  return candidate;
}

async function baselineOf(id: string | undefined, candidates: CandidateFolder) {
  return id === undefined ? undefined : await candidates.load(id);
}

async function* blocksOf(
  { resource, intake, counts }: DiffParts,
  candidate: Candidate,
  first: number,
  resumed: boolean,
): AsyncGenerator<CleanBlock> {
  const { id, kind, send } = candidate;
  const of = Math.max(send.length, 1);
  for (let index = first; index < of; index++) {
    const file = send[index];
    const bytes = file ? await readRows(resource, file) : new Uint8Array(0);
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

async function readRows(resource: CatalogResource, file: SpooledFile): Promise<Uint8Array> {
  const broken = (cause?: unknown): never => {
    throw engineErrors.CANDIDATE_BROKEN({ resource: resource.code, file: file.path }, cause);
  };
  const bytes = await readFile(file.path).catch(broken);
  if (file.bytesDigest !== undefined && bytesDigest(bytes) !== file.bytesDigest) broken();
  if (file.rawBytes === undefined) return bytes;
  return await decompress(bytes, { rawBytes: file.rawBytes }).catch(broken);
}
