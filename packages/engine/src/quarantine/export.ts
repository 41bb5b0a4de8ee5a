import { type FileHandle, open, rm } from 'node:fs/promises';
import { systemReason } from '@qianzhi/model';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import type { Tables } from '../store/tables.js';
import type { QuarantineFilter } from '../surface.js';
import type { Quarantine } from './quarantine.js';

const AT_ONCE = 500;

/**
 * Writes rows in clear: one JSON line of facts, then the row text, for a person who corrects the source. The file is new,
 * of mode 0600, fsynced before the rows count as exported; a failed export leaves no file.
 */
export async function exportQuarantine(
  core: Core,
  tables: Tables,
  quarantine: Quarantine,
  filter: QuarantineFilter,
  path: string,
  signal: AbortSignal,
): Promise<number> {
  const failed = (cause: unknown) => engineErrors.EXPORT_FAILED({ path, reason: systemReason(cause) }, cause);
  let file: FileHandle;
  try {
    file = await open(path, 'wx', 0o600);
  } catch (cause) {
    throw failed(cause);
  }
  const written: number[] = [];
  try {
    for (let after = 0; ; ) {
      signal.throwIfAborted();
      const left = (filter.limit ?? Number.POSITIVE_INFINITY) - written.length;
      const rows = tables.quarantine.rows(filter, after, Math.min(AT_ONCE, left));
      if (rows.length === 0) break;
      for (const row of rows) {
        const { n, exchange, resource, direction, op, item, reason, place, at, seen } = row;
        const facts = { id: n, exchange, resource, direction, op, item, reason, place, at, seen };
        const text = Buffer.from(quarantine.open(row)).toString('utf8').replace(/\n$/, '');
        await file.write(`${JSON.stringify({ ...facts, row: text })}\n`);
        written.push(n);
      }
      after = rows.at(-1)!.n;
    }
    await file.sync();
  } catch (cause) {
    await file.close();
    await rm(path, { force: true });
    throw signal.aborted ? signal.reason : failed(cause);
  }
  await file.close();
  core.store.write(() => tables.quarantine.setExported(written));
  return written.length;
}
