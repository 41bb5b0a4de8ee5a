import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowFile } from '@qianzhi/dataset';
import { type CatalogResource, keyItems, type SupplyExchange } from '@qianzhi/model';
import type { Source } from '@qianzhi/plugin-api';
import { createRowWriter, type RowsAbout, returnBytes, sealRows } from '@qianzhi/rows';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import type { DurableFolder, StoreDisk } from '../files/durable-folder.js';
import { rowsBlock } from '../provider/feed.js';
import type { Intake } from '../provider/intake.js';
import type { Rejection } from '../quarantine/quarantine.js';
import { addTo, type CleanBlock, type Cut, newCut } from '../sealer/block.js';
import type { SpooledFile } from './candidate.js';

export interface CopyParts {
  readonly core: Core;
  readonly source: Source;
  readonly intake: Intake;
  readonly exchange: SupplyExchange;
  readonly resource: CatalogResource;
  /** Folder of the candidate, and the disk it lies on. */
  readonly folder: DurableFolder;
  readonly disk: StoreDisk;
  readonly signal: AbortSignal;
}

export interface SourceCopy {
  readonly files: readonly SpooledFile[];
  /** Keys of rejected rows as `D` rows: they are not gone. */
  readonly rejectedKeys: RowFile | undefined;
  readonly rows: number;
  readonly rejected: number;
  readonly repeated: number;
}

/** As much as the memory that compressed batches are lent, which serves for sending them next. */
const FILE_MEMORY_BYTES = 3 * 1024 * 1024;

/** Reads a whole table, validates it and writes it as row-text files. The reject limit is judged over the whole copy. */
export async function copySource(parts: CopyParts): Promise<SourceCopy> {
  const { core, source, intake, exchange, resource, folder, disk, signal } = parts;
  const files: SpooledFile[] = [];
  const fileBytes = FILE_MEMORY_BYTES - core.limits.blockBytes;
  const keysFile = join(folder.path, 'rejected.rows');
  let open: Cut | undefined;
  let writing: Promise<void> = Promise.resolve();
  const sums = { rows: 0, rejected: 0, repeated: 0, keys: 0 };

  async function write({ memory, rawBytes, rows }: Cut): Promise<void> {
    const name = `${String(files.length + 1).padStart(6, '0')}.zst`;
    const about = aboutCopy(resource);
    const sealed = await sealRows(memory.subarray(0, rawBytes), about, core.suite);
    returnBytes(memory);
    const { stored, rowsDigest, bytesDigest } = sealed;
    files.push({ path: join(folder.path, name), rows, rawBytes, rowsDigest, bytesDigest });
    await folder.writePartial(name, stored);
    returnBytes(stored);
    await folder.publish([name]);
  }

  async function cut(): Promise<void> {
    const ready = open;
    open = undefined;
    if (!ready || ready.rows === 0) return;
    await writing; // one file is written while the next is read
    writing = write(ready);
    writing.catch(() => undefined);
  }

  async function add(block: CleanBlock): Promise<void> {
    open ??= newCut(block, FILE_MEMORY_BYTES);
    addTo(open, block);
    if (open.rawBytes >= fileBytes || open.rows >= core.limits.batchRows / 2) await cut();
  }

  async function keepKeys(rejections: readonly Rejection[]): Promise<void> {
    const rows = deleteRows(resource, rejections);
    if (rows.count === 0) return;
    sums.keys += rows.count;
    await disk.guarded(() => appendFile(keysFile, rows.bytes, { mode: 0o600 }));
  }

  intake.stale.beginCopy();
  let complete = false;
  for await (const block of source.read(undefined, { blockBytes: core.limits.blockBytes }, signal)) {
    const rows = rowsBlock(block, exchange);
    if (rows.phase !== 'snapshot') {
      throw engineErrors.SOURCE_BROKEN({
        exchange: exchange.name,
        problem: { zh: '快照读取给出了变更', en: 'a snapshot read gave changes' },
      });
    }
    const taken = intake.take(rows);
    sums.rows += taken.rows;
    sums.rejected += taken.rejections.length;
    sums.repeated += rows.repeated;
    await keepKeys(taken.rejections);
    await add({
      phase: 'snapshot',
      bytes: taken.bytes,
      release: rows.release,
      rows: taken.rows,
      rejected: taken.rejections.length,
      flagged: taken.flagged,
      repeated: rows.repeated,
      lastOfSnapshot: rows.lastOfSnapshot ?? false,
      restart: rows.restart ?? false,
      checkpoint: undefined,
    });
    complete = rows.lastOfSnapshot ?? false;
  }
  if (!complete) {
    throw engineErrors.SOURCE_BROKEN({
      exchange: exchange.name,
      problem: { zh: '快照没有最后一块就结束了', en: 'a snapshot ended without its last block' },
    });
  }
  intake.stale.endCopy();
  await cut();
  await writing;
  intake.checkLimit();
  const rejectedKeys = sums.keys > 0 ? { path: keysFile, rows: sums.keys } : undefined;
  return { files, rejectedKeys, ...sums };
}

/** What the digests of a copy's files are about. */
export function aboutCopy({ schemaVersion }: CatalogResource): RowsAbout {
  return { kind: 'snapshot', schemaVersion };
}

/** `D` rows of the rejected rows' keys, as far as they are known. */
function deleteRows(resource: CatalogResource, rejections: readonly Rejection[]) {
  const keys = new Set(keyItems(resource));
  const writer = createRowWriter(1024);
  for (const { key } of rejections) {
    const fields = key.split('\t');
    if (key === '' || fields.length !== keys.size) continue;
    writer.begin('D');
    for (const item of resource.items) {
      if (keys.has(item)) writer.field(Buffer.from(fields.shift() ?? ''));
      else writer.null();
    }
    writer.end();
  }
  return { count: writer.rows, bytes: writer.take() };
}
