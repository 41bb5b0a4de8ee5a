import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { LedgerRow } from '@qianzhi/plugin-api';
import { writeDurably } from '../folder/durable.js';
import { wholeDigestOf } from '../folder/identity.js';
import type { Target } from './target.js';

/** Ending of what stands beside a delivered file and says what it is. */
export const MANIFEST_ENDING = '.manifest.json';

/** Says of a finished file its name, size, SHA-256 and under which agreement it came; there before the file is. The same however often written. */
export async function writeManifest(
  target: Target,
  row: LedgerRow,
  file: string,
  finished: string,
): Promise<void> {
  await using handle = await open(finished, 'r');
  const bytes = (await handle.stat()).size;
  const digest = await wholeDigestOf(handle, new AbortController().signal);
  const sha256 = Buffer.from(digest, 'base64url').toString('hex');
  const unfinished = join(target.folder, `.${target.spec.name}.manifest.part`);
  const text = manifestText(row, { file, bytes, sha256 });
  await writeDurably(join(target.folder, file + MANIFEST_ENDING), text, unfinished);
}

export interface Described {
  readonly file: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

export function manifestText(row: LedgerRow, described: Described): string {
  const { agreement, grantVersion, stream } = row.delivery;
  const manifest = {
    ...described,
    resource: stream.resource,
    agreement,
    grantVersion,
    provider: stream.agent,
    epoch: stream.epoch,
    seq: row.seq,
    counts: row.counts,
    deliveredAt: row.committedAt,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
