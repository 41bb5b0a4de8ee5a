import { type FileHandle, open, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ApplyCounts, deliveryName, throwIfCancelled } from '@qianzhi/model';
import type {
  LedgerRow,
  OnRejected,
  PluginContext,
  SinkBatch,
  SinkFilePart,
  SinkWholeFiles,
} from '@qianzhi/plugin-api';
import { judgeClaim, partProblem, type SnapshotProblem, supplierOf, wholeProblem } from '@qianzhi/sql-kit';
import { filesErrors } from '../errors.js';
import {
  markDurably,
  nameDurably,
  renameDurably,
  syncFolder,
  writeAll,
  writeDurably,
} from '../folder/durable.js';
import { namesIn, statsOf } from '../folder/list.js';
import { sideBySide } from '../folder/side-by-side.js';
import { type EncodedRows, encodeRows } from './encode-rows.js';
import { type Entry, type Ledger, stagedTotals } from './ledger.js';
import { MANIFEST_ENDING, writeManifest } from './manifest.js';
import { createEncoder, createSpeller } from './spell.js';
import {
  fileName,
  fileNumber,
  type Target,
  targetColumns,
  unfinishedName,
  unfinishedPath,
} from './target.js';

/** Stops the process at a point, in tests. */
export type Failpoint = (point: 'written' | 'committed' | 'renamed') => void;

export interface Writing {
  readonly target: Target;
  readonly ledger: Ledger;
  readonly exchange: string;
  /** Suppliers whose grants have ended. */
  readonly ended: readonly string[];
  readonly context: PluginContext;
  readonly failpoint: Failpoint;
}

/** Gives the files of a committed batch their names, unless that was done. */
export async function finish(writing: Writing, entry: Entry | undefined): Promise<void> {
  if (entry?.folder !== undefined) return finishFolder(writing, entry.folder);
  const { target, failpoint } = writing;
  if (entry?.file === undefined || entry.unfinished === undefined) return;
  const { marker } = target.spec;
  const from = unfinishedPath(target, entry.unfinished, entry.of);
  if (!(await statsOf(from))) return;
  if (target.spec.manifest) await writeManifest(target, entry.row, entry.file, from);
  // the marker comes first: made afterwards, a crash in between would leave a file that nobody takes
  if (marker !== undefined) await markDurably(join(target.folder, entry.file + marker));
  const to = join(target.folder, entry.file);
  // a document takes the place of the one before it; a file of rows has a name of its own
  await (entry.of === undefined ? nameDurably(from, to) : renameDurably(from, to));
  failpoint('renamed');
}

/** What stands beside a file has its name before the file has. */
async function finishFolder({ target, failpoint }: Writing, unfinished: string): Promise<void> {
  const from = join(target.hidden, unfinished);
  if (!(await statsOf(from))) return;
  const names = await namesIn(from);
  const { marker, manifest } = target.spec;
  const endings = [...(marker !== undefined ? [marker] : []), ...(manifest ? [MANIFEST_ENDING] : [])];
  const beside = new Set(names.flatMap((name) => endings.map((ending) => name + ending)));
  const files = names.filter((name) => !beside.has(name));
  for (const some of [names.filter((name) => beside.has(name)), files]) {
    if (some.length === 0) continue;
    await sideBySide(some, (name) => rename(join(from, name), join(target.folder, name)));
    await syncFolder(target.folder);
  }
  await rmdir(from);
  failpoint('renamed');
}

/** Writes a batch once, whatever is repeated; rejected rows are in quarantine before it counts. */
export async function writeBatch(
  writing: Writing,
  batch: SinkBatch,
  onRejected: OnRejected,
  signal: AbortSignal,
): Promise<LedgerRow> {
  throwIfCancelled(signal, 'write files');
  const known = knownRow(writing, batch);
  if (known) return known;
  await claimTarget(writing, batch);
  const place = await placeOf(writing, batch);
  const rows = await encoded(writing, batch);
  if (rows.rejected.length > 0) await onRejected(rows.rejected, signal);
  throwIfCancelled(signal, 'write files');
  const rejected = rows.rejected.length;
  const part = { parts: batch.snapshot?.part ?? 0, delivered: batch.rows, rejected };
  const whole = place.totals && {
    parts: part.parts,
    delivered: place.totals.delivered + batch.rows,
    rejected: place.totals.rejected + rejected,
  };
  const last = batch.snapshot?.last ?? true;
  if (batch.snapshot && whole && last) {
    const problem = wholeProblem(batch.snapshot, whole, whole.delivered - whole.rejected);
    if (problem) throw broken(writing, batch, problem);
  }
  const writes = batch.snapshot !== undefined || rows.upserts + rows.deletes > 0;
  const bytes = writes ? await writeRows(writing, place, rows) : 0;
  writing.failpoint('written');
  const entry: Entry = {
    row: {
      exchange: writing.exchange,
      delivery: batch.delivery,
      seq: batch.seq,
      rowsDigest: batch.rowsDigest,
      stage: last ? 'applied' : 'staged',
      snapshotId: batch.snapshot?.id ?? null,
      counts: countsOf(batch, rows, last ? whole : undefined),
      committedAt: writing.context.now().toISOString(),
    },
    part: batch.snapshot?.part,
    ...(writes && {
      number: place.number,
      unfinished: place.unfinished,
      bytes,
      file: last ? fileName(writing.target.spec, place.number, batch.kind) : undefined,
    }),
  };
  await writing.ledger.add(entry);
  writing.failpoint('committed');
  await finish(writing, entry);
  return entry.row;
}

type WrittenOnce = SinkBatch | SinkFilePart | SinkWholeFiles;

/** The ledger row of a batch that was written before. */
export function knownRow({ ledger, exchange, target }: Writing, batch: WrittenOnce): LedgerRow | undefined {
  const entries = ledger.entries(exchange, batch.delivery);
  const about = { seq: batch.seq, resource: batch.resource.code, target: target.spec.name };
  const known = entries.findLast(({ row }) => row.seq === batch.seq)?.row;
  if (known && known.rowsDigest !== batch.rowsDigest) {
    throw filesErrors.LEDGER_CONFLICT({ ...about, delivery: deliveryName(batch.delivery) });
  }
  const oldest = entries[0]?.row.seq;
  if (!known && oldest !== undefined && batch.seq < oldest) throw filesErrors.LEDGER_FORGOTTEN(about);
  return known;
}

export async function claimTarget(
  { ledger, target, ended }: Writing,
  { delivery }: WrittenOnce,
): Promise<void> {
  const before = ledger.supplier;
  const supplier = supplierOf(delivery);
  const { takeOver, name } = target.spec;
  const { state, wanted } = judgeClaim({ before, supplier, shared: false, takeOver, ended });
  if (state === 'taken') throw filesErrors.TARGET_TAKEN({ target: name, supplier: before ?? '' });
  if (state === 'free') await ledger.claim(wanted);
}

interface Place {
  readonly number: number;
  readonly unfinished: string;
  /** Length of what is in the unfinished file already. */
  readonly bytes: number;
  /** Of the parts before; undefined for a delta. */
  readonly totals: ReturnType<typeof stagedTotals> | undefined;
  readonly kind: SinkBatch['kind'];
}

/** A delta gets a file of its own; a part goes behind the parts before it. */
async function placeOf(writing: Writing, { snapshot, kind, ...batch }: SinkBatch): Promise<Place> {
  const { ledger, target, exchange } = writing;
  // files of a ledger that was lost are not written over
  const there = (await namesIn(target.folder)).map((name) => fileNumber(target.spec, name));
  const number = there.reduce((highest, each) => Math.max(highest, each), ledger.number) + 1;
  const fresh = { number, unfinished: unfinishedName(target.spec, number), bytes: 0, kind };
  if (!snapshot) return { ...fresh, totals: undefined };
  const begun = ledger.staged(exchange, batch.delivery).filter(({ row }) => row.snapshotId === snapshot.id);
  const totals = stagedTotals(snapshot.part === 1 ? [] : begun);
  const problem = partProblem(snapshot, totals);
  if (problem) throw broken(writing, { snapshot, kind, ...batch }, problem);
  const before = begun.at(-1);
  if (snapshot.part === 1 || before?.unfinished === undefined) return { ...fresh, totals };
  const held = await statsOf(join(target.folder, before.unfinished));
  if (!held || Number(held.size) < before.bytes!) {
    const problem = { zh: '此前部分的文件不见了', en: 'the file of the parts before is gone' };
    throw broken(writing, { snapshot, kind, ...batch }, problem);
  }
  return { number: before.number!, unfinished: before.unfinished, bytes: before.bytes!, kind, totals };
}

function broken({ target }: Writing, { resource }: SinkBatch, problem: SnapshotProblem) {
  return filesErrors.SNAPSHOT_BROKEN({
    target: target.spec.name,
    problem: { ...problem },
    resource: resource.code,
  });
}

async function encoded(writing: Writing, batch: SinkBatch): Promise<EncodedRows & { readonly head: Buffer }> {
  const { target } = writing;
  const { columns, toDescribe } = await targetColumns(target, batch.resource);
  if (toDescribe !== undefined) {
    const unfinished = join(target.folder, `.${target.spec.name}.schema.json.part`);
    await writeDurably(target.description, toDescribe, unfinished);
  }
  const speller = createSpeller(target.spec, columns);
  const encoder = createEncoder(target.spec.encoding, target.spec.bom);
  const withOp = batch.kind === 'delta';
  const header = encoder.encode(speller.header(withOp));
  if (!header) {
    const { encoding } = target.spec;
    throw filesErrors.OPTIONS_CONTRADICT({
      problem: { zh: `${encoding} 装不下列名`, en: `${encoding} cannot hold the names of the columns` },
    });
  }
  const rejectFormulas = target.spec.formulas === 'reject';
  const rows = await encodeRows(batch, { speller, encoder, columns, withOp, rejectFormulas });
  return { ...rows, head: Buffer.concat([encoder.mark, header]) };
}

/** Appends behind what the ledger knows of; what a crash left behind that is cut off. Answers the length, once it is durable. */
async function writeRows(
  { target }: Writing,
  { unfinished, bytes }: Place,
  rows: EncodedRows & { readonly head: Buffer },
): Promise<number> {
  await using file: FileHandle = await open(join(target.folder, unfinished), bytes === 0 ? 'w' : 'r+', 0o640);
  await file.truncate(bytes);
  let at = bytes;
  for (const piece of bytes === 0 ? [rows.head, ...rows.bytes] : rows.bytes) {
    await writeAll(file, piece, at);
    at += piece.length;
  }
  await file.sync();
  // its name as well: the ledger must not be ahead of it
  if (bytes === 0) await syncFolder(target.folder);
  return at;
}

/** Files tell nobody what was there before: every row delivered is new, or deleted. */
function countsOf(
  batch: SinkBatch,
  { upserts, deletes, rejected }: EncodedRows,
  whole: { readonly delivered: number; readonly rejected: number } | undefined,
): ApplyCounts {
  const none = { inserted: 0, updated: 0, unchanged: 0, deleted: 0 };
  if (whole) {
    return {
      ...none,
      delivered: whole.delivered,
      inserted: whole.delivered - whole.rejected,
      rejected: whole.rejected,
    };
  }
  if (batch.snapshot) return { ...none, delivered: batch.rows, rejected: rejected.length };
  return { ...none, delivered: batch.rows, inserted: upserts, deleted: deletes, rejected: rejected.length };
}
