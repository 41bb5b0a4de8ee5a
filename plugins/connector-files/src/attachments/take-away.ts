import { lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { noCounts } from '@qianzhi/model';
import type { LedgerRow, SinkFilePart } from '@qianzhi/plugin-api';
import { errnoOf } from '../folder/classify.js';
import { renameDurably, syncFolder } from '../folder/durable.js';
import { numberedName } from '../folder/list.js';
import type { Writing } from '../sink/write-batch.js';

/** Below the target's folder: what providers took away, under numbers, so that no name is taken twice. */
export const REMOVED_FOLDER = 'removed';

/**
 * Takes a file away that its provider has no more. The file goes first and the ledger row follows: after a crash between the two it
 * is gone already, which the row then says.
 */
export async function takeAway(writing: Writing, part: SinkFilePart): Promise<LedgerRow> {
  const { exchange, ledger, target, context, failpoint } = writing;
  const { delivery, seq, rowsDigest, file } = part;
  const number = ledger.number + 1;
  const path = join(target.folder, file.name);
  const { removed, marker } = target.spec;
  const goes = removed !== 'keep' && (await isFile(path));
  if (goes) {
    // without its marker nobody takes it any more
    if (marker !== undefined) await rm(path + marker, { force: true });
    if (removed === 'move') await putAway(target.folder, path, numberedName(number, file.name));
    else await rm(path, { force: true });
    await syncFolder(target.folder);
  }
  failpoint('written');
  const row: LedgerRow = {
    exchange,
    delivery,
    seq,
    rowsDigest,
    stage: 'applied',
    snapshotId: null,
    counts: { ...noCounts, delivered: 1, [goes ? 'deleted' : 'unchanged']: 1 },
    bytes: 0,
    committedAt: context.now().toISOString(),
  };
  await ledger.add({ row, number });
  failpoint('committed');
  return row;
}

async function putAway(folder: string, path: string, name: string): Promise<void> {
  const aside = join(folder, REMOVED_FOLDER);
  await mkdir(aside, { recursive: true });
  await renameDurably(path, join(aside, name));
}

/** Never a link or a folder that somebody else put there. */
async function isFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
