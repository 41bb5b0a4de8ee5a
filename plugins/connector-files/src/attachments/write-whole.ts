import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ApplyCounts,
  type FilePart,
  fileNameKey,
  noCounts,
  throwIfCancelled,
  type WholeFile,
  withContent,
} from '@qianzhi/model';
import type { LedgerRow, OnRejected, SinkWholeFiles } from '@qianzhi/plugin-api';
import { syncFolder } from '../folder/durable.js';
import { sideBySide } from '../folder/side-by-side.js';
import type { Entry } from '../sink/ledger.js';
import { MANIFEST_ENDING, manifestText } from '../sink/manifest.js';
import { unfinishedName } from '../sink/target.js';
import { claimTarget, finish, knownRow } from '../sink/write-batch.js';
import { takeAway } from './take-away.js';
import { type FileWriting, judgeStanding, type Outcome, rejection } from './write-part.js';

interface Judged extends WholeFile {
  readonly outcome: Outcome;
}

/**
 * Takes several whole files once, whatever is repeated. What is removed goes first. Those that will show are written into an unfinished folder under their own
 * names, with what stands beside them, and synced side by side; one ledger line commits them all; then each gets its place by a rename.
 */
export async function writeWhole(
  writing: FileWriting,
  batch: SinkWholeFiles,
  onRejected: OnRejected,
  signal: AbortSignal,
): Promise<LedgerRow> {
  throwIfCancelled(signal, 'write files');
  const known = knownRow(writing, batch);
  if (known) return known;
  await claimTarget(writing, batch);
  const { exchange, ledger, target, standing, context, failpoint } = writing;
  const { delivery, seq, rowsDigest, bytes } = batch;
  const number = ledger.number + 1;
  const judged = await judgeAll(writing, batch, number, signal);
  const shown = judged.filter(({ outcome }) => outcome === 'inserted' || outcome === 'updated');
  const row: LedgerRow = {
    exchange,
    delivery,
    seq,
    rowsDigest,
    stage: 'applied',
    snapshotId: null,
    counts: countsOf(judged),
    bytes: bytes.length,
    committedAt: context.now().toISOString(),
  };
  const entry: Entry =
    shown.length > 0 ? { row, number, folder: unfinishedName(target.spec, number) } : { row, number };
  if (entry.folder !== undefined)
    await writeAside(writing, row, shown, join(target.hidden, entry.folder), signal);
  failpoint('written');
  const rejected = judged.flatMap(({ file, outcome }, index) =>
    outcome === 'rejected' ? rejection(file, index) : [],
  );
  if (rejected.length > 0) await onRejected(rejected, signal);
  throwIfCancelled(signal, 'write files');
  await ledger.add(entry);
  failpoint('committed');
  const names = shown.map(({ file }) => file.name);
  if (names.length > 0) await standing.put(names, () => finish(writing, entry));
  return row;
}

async function judgeAll(
  writing: FileWriting,
  { files, bytes }: SinkWholeFiles,
  number: number,
  signal: AbortSignal,
): Promise<Judged[]> {
  const leaving = new Map<FilePart, Outcome>();
  for (const file of files) {
    throwIfCancelled(signal, 'write files');
    if (file.removed) leaving.set(file, await takeAway(writing, file, number, signal));
  }
  const names = files.filter(({ removed }) => !removed).map(({ name }) => name);
  const twins = await writing.standing.twinsOf(names, signal);
  return sideBySide(withContent(files, bytes), async (one) => {
    const outcome = leaving.get(one.file) ?? (await judgeStanding(writing, one.file, twins, signal));
    return { ...one, outcome };
  });
}

/** Durable when it resolves: content, names, and the folder they are in. */
async function writeAside(
  { target }: FileWriting,
  row: LedgerRow,
  shown: readonly Judged[],
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  // what an attempt before left there
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const names = new Set(shown.map(({ file }) => fileNameKey(file.name)));
  const { marker, manifest } = target.spec;
  await sideBySide(shown, async ({ file, content, outcome }) => {
    throwIfCancelled(signal, 'write files');
    await writeOne(join(folder, file.name), content, file.modifiedAt);
    const beside = [
      ...(marker !== undefined ? [[marker, ''] as const] : []),
      ...(manifest ? [[MANIFEST_ENDING, ownManifest(row, file, outcome)] as const] : []),
    ];
    for (const [ending, text] of beside) {
      // a document of that name is no other one's companion
      if (!names.has(fileNameKey(file.name + ending)))
        await writeOne(join(folder, file.name + ending), Buffer.from(text));
    }
  });
  await syncFolder(folder);
  await syncFolder(target.hidden);
}

function ownManifest(row: LedgerRow, file: FilePart, outcome: Outcome): string {
  const sha256 = Buffer.from(file.digest.slice('sha-256:'.length), 'base64url').toString('hex');
  const counts = { ...noCounts, delivered: 1, [outcome]: 1 };
  return manifestText({ ...row, counts }, { file: file.name, bytes: file.size, sha256 });
}

async function writeOne(path: string, bytes: Uint8Array, modifiedAt?: string): Promise<void> {
  await using handle = await open(path, 'wx', 0o640);
  await handle.writeFile(bytes);
  if (modifiedAt !== undefined) await handle.utimes(new Date(), new Date(modifiedAt));
  await handle.sync();
}

function countsOf(judged: readonly Judged[]): ApplyCounts {
  const counts = { ...noCounts, delivered: judged.length };
  for (const { outcome } of judged) counts[outcome]++;
  return counts;
}
