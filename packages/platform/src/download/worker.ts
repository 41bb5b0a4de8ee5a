import { randomUUID } from 'node:crypto';
import { isQianzhiError, toProblem } from '@qianzhi/model';
import { downloadErrors } from './errors.js';
import type { DownloadParts } from './parts.js';
import { prepareDownload } from './prepare.js';
import type { DownloadRow } from './store.js';

/** Prepares files, one after the other in the order of asking. */
export interface DownloadWorker {
  /** There may be something to do. */
  wake(): void;
  /** Ends the preparation of one, if it is under way. */
  abort(id: string): void;
  /** Resolves when nothing is under way any more; what was is begun anew at the next start. */
  close(): Promise<void>;
}

const MOST_ATTEMPTS = 3;

/** What a start finds: files in the making are removed and made anew, files that are gone are said to be. */
export async function resumeDownloads({ store, folders }: DownloadParts): Promise<void> {
  const ready = new Set<string>();
  const there = new Set(await folders.list());
  for (const row of await store.list((query) => query.whereIn('state', ['running', 'ready']))) {
    if (row.state === 'running') await store.change(row.id, ['running'], { state: 'queued' });
    else if (there.has(row.id)) ready.add(row.id);
    else await store.change(row.id, ['ready'], { state: 'expired' });
  }
  for (const id of there) if (!ready.has(id)) await folders.remove(id);
}

export function createWorker(parts: DownloadParts): DownloadWorker {
  const { context, store, folders, states, agreements } = parts;
  const closing = new AbortController();
  let current: { readonly id: string; readonly stop: AbortController } | undefined;
  let running: Promise<void> | undefined;
  let again = false;

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      again = false;
      const [next] = (await store.list((query) => query.where({ state: 'queued' }))).reverse();
      if (!next) {
        if (again) continue;
        return;
      }
      await prepare(next);
    }
  }

  async function prepare(row: DownloadRow): Promise<void> {
    const { id } = row;
    const attempts = row.attempts + 1;
    if (!(await store.change(id, ['queued'], { state: 'running', attempts }))) return;
    const stop = new AbortController();
    current = { id, stop };
    parts.progress.set(id, 0);
    parts.wake(id);
    try {
      const signal = AbortSignal.any([stop.signal, closing.signal, context.stopping]);
      const grant = await agreements.grant(row.agreement, row.grant_version);
      if (!grant) throw downloadErrors.DOWNLOAD_UNKNOWN({ download: id });
      const {
        manifest,
        items,
        keyed,
        states: made,
        expiresAt,
      } = await prepareDownload(parts, row, grant.body, signal);
      const ready = await store.change(id, ['running'], {
        state: 'ready',
        manifest: JSON.stringify(manifest),
        items: JSON.stringify(items),
        keyed,
        states: JSON.stringify(made),
        expires_at: expiresAt,
      });
      if (!ready) await discard(id);
      else
        context.log.info(
          { download: id, resource: row.resource, rows: manifest.body.rows, bytes: manifest.body.bytes },
          'download ready',
        );
    } catch (error) {
      await discard(id);
      if (!closing.signal.aborted && !context.stopping.aborted) await fail(row, attempts, error);
    } finally {
      current = undefined;
      states.release(id);
      parts.progress.delete(id);
      parts.wake(id);
    }
  }

  async function discard(id: string): Promise<void> {
    await folders.remove(id);
    await folders.removeTrace(id);
  }

  /** What nobody foresaw is tried again; what somebody can mend is told. Ended meanwhile, it stays as it was ended. */
  async function fail({ id, resource }: DownloadRow, attempts: number, error: unknown): Promise<void> {
    const coded = isQianzhiError(error) ? error : undefined;
    const retried = (!coded || coded.kind === 'internal') && attempts < MOST_ATTEMPTS;
    const incident = randomUUID();
    const facts = coded ? { code: coded.code, ...coded.details } : { incident, err: error };
    context.log.warn({ download: id, resource, attempts, ...facts }, 'download failed');
    if (retried) {
      await store.change(id, ['running'], { state: 'queued' });
      return;
    }
    const told = coded ?? downloadErrors.DOWNLOAD_FAILED({ download: id, resource, incident });
    await store.change(id, ['running'], { state: 'failed', problem: JSON.stringify(toProblem(told)) });
  }

  function wake(): void {
    again = true;
    if (closing.signal.aborted) return;
    running ??= run()
      .catch((err) => context.log.error({ err }, 'preparing downloads failed; it is tried again'))
      .finally(() => {
        running = undefined;
        if (again) wake();
      });
  }

  return {
    wake,
    abort(id) {
      if (current?.id === id) current.stop.abort();
    },
    async close() {
      closing.abort();
      again = false;
      await running;
    },
  };
}
