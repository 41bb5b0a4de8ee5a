import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { createLog, sampleFile } from '@qianzhi/agent';
import type { FetchedDownload, PlatformClient } from '@qianzhi/client';
import {
  type DownloadManifest,
  isQianzhiError,
  type KeyRecord,
  type Operation,
  personRoutes,
  type Signed,
  type TraceFinding,
} from '@qianzhi/model';
import { checkReceipts, verifyDocument } from '@qianzhi/model/crypto';
import type { DemoDatabase } from '../../database/demo-database.js';

/** Rows of the source by key: what a file has to say of each besides the key. */
export async function sourceStreets(source: DemoDatabase): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const rows of source.rows('SELECT code, name, "areaCode" AS area_code FROM street')) {
    for (const { code, ...rest } of rows) found.set(code!, JSON.stringify(rest));
  }
  return found;
}

export async function linesOf(file: string): Promise<Record<string, string | null>[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as Record<string, string | null>];
    } catch {
      // a damaged line is no row: the counts tell
      return [];
    }
  });
}

/** `Ukey` of rows that are new or another, `Dkey` of those that are gone. */
export function changedKeys(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const upserts = [...after].filter(([key, row]) => before.get(key) !== row).map(([key]) => `U${key}`);
  const deletes = [...before.keys()].filter((key) => !after.has(key)).map((key) => `D${key}`);
  return [...upserts, ...deletes].sort();
}

/** From the files beside each other and the platform's records: the digest, the signature and the one receipt. */
export async function isProven(
  { file, manifestFile }: FetchedDownload,
  operations: readonly Operation[],
  keys: readonly KeyRecord[],
): Promise<boolean> {
  const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as Signed<DownloadManifest>;
  const digest = `sha-256:${createHash('sha256')
    .update(await readFile(file))
    .digest('base64url')}`;
  try {
    verifyDocument(manifest, keys, manifest.body.preparedAt);
  } catch (error) {
    if (isQianzhiError(error)) return false;
    throw error;
  }
  const receipts = operations.map(({ receipt }) => receipt).reverse();
  const own = receipts.filter(({ body }) => body.rowsDigests[0] === digest);
  const { problems } = checkReceipts(receipts, keys);
  return digest === manifest.body.digest && own.length === 1 && problems.length === 0;
}

export async function traceFile(
  officer: PlatformClient,
  file: string,
  tempDir: string,
  signal: AbortSignal,
): Promise<TraceFinding> {
  const context = {
    log: createLog('error', 'demo'),
    now: () => new Date(),
    tempDir,
    timeZone: 'Asia/Shanghai',
  };
  const { resources } = await officer.call(personRoutes.listCatalog, { query: {} }, signal);
  const street = resources.map(({ resource }) => resource).filter(({ code }) => code === 'xzqh_street');
  const { bytes } = await sampleFile(file, street, context, signal);
  return officer.call(personRoutes.trace, { body: bytes }, signal);
}

/** How many entries a folder still has when it is empty, or the time is over. */
export async function leftWithin(folder: string, ms: number): Promise<number> {
  for (const end = Date.now() + ms; ; await pause(50)) {
    const left = (await readdir(folder)).length;
    if (left === 0 || Date.now() > end) return left;
  }
}
