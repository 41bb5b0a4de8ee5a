import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowFile } from '@qianzhi/dataset';
import { type CatalogResource, keyItems, type SupplyExchange } from '@qianzhi/model';
import type { Source } from '@qianzhi/plugin-api';
import { bytesDigest, compress, createRowWriter } from '@qianzhi/rows';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import type { DurableFolder, StoreDisk } from '../files/durable-folder.js';
import { rowsBlock } from '../provider/feed.js';
import type { Intake } from '../provider/intake.js';
import type { Rejection } from '../quarantine/quarantine.js';
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

const FILE_RAW_BYTES = 4 * 1024 * 1024;

/** Reads a whole table, validates it and writes it as row-text files. The reject limit is judged over the whole copy. */
export async function copySource(parts: CopyParts): Promise<SourceCopy> {
  const { core, source, intake, exchange, resource, folder, disk, signal } = parts;
  const files: SpooledFile[] = [];
  const keysFile = join(folder.path, 'rejected.rows');
  let gathered: Uint8Array[] = [];
  let gatheredRows = 0;
  let gatheredBytes = 0;
  let writing: Promise<void> = Promise.resolve();
  const sums = { rows: 0, rejected: 0, repeated: 0, keys: 0 };

  async function write(raw: Uint8Array, rows: number): Promise<void> {
    const name = `${String(files.length + 1).padStart(6, '0')}.zst`;
    const stored = await compress(raw);
    const file = { path: join(folder.path, name), rows, rawBytes: raw.length };
    files.push({ ...file, bytesDigest: bytesDigest(stored) });
    await folder.writePartial(name, stored);
    await folder.publish([name]);
  }

  async function cut(): Promise<void> {
    if (gatheredRows === 0) return;
    const raw = Buffer.concat(gathered, gatheredBytes);
    const rows = gatheredRows;
    gathered = [];
    gatheredRows = 0;
    gatheredBytes = 0;
    await writing; // one file is written while the next is read
    writing = write(raw, rows);
    writing.catch(() => undefined);
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
    if (taken.rows > 0) gathered.push(taken.bytes);
    gatheredRows += taken.rows;
    gatheredBytes += taken.bytes.length;
    if (gatheredBytes >= FILE_RAW_BYTES || gatheredRows >= core.limits.batchRows / 2) await cut();
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
