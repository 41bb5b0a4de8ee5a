import { join } from 'node:path';
import { createDataset } from '@qianzhi/dataset';
import { createWakes } from '../exchange/wakes.js';
import type { AgreementService, CatalogService, UsageService } from '../ports.js';
import type { PlatformContext } from '../server/context.js';
import { openStates, type States } from '../state/states.js';
import { createDownloads, type Downloads } from './downloads.js';
import { openFolders } from './folders.js';
import { createHandOut, type HandOut } from './hand-out.js';
import type { DownloadLimits, DownloadParts } from './parts.js';
import { createDownloadStore } from './store.js';
import { createTrace, type Trace } from './trace.js';
import { createWorker, resumeDownloads } from './worker.js';

/** 部门批量下载: current rows of resources as files, handed out under agreements, and told again when they are found elsewhere. */
export interface DownloadFeature {
  readonly downloads: Downloads;
  readonly handOut: HandOut;
  readonly trace: Trace;
  readonly states: States;
  /** Removes what has expired, brings states forward; may be repeated at any time. */
  keepHouse(): Promise<void>;
  close(): Promise<void>;
}

export interface DownloadOptions extends DownloadLimits {
  /** Of the process that folds and writes files. */
  readonly memoryLimitMb: number;
}

interface DownloadNeeds {
  readonly catalog: CatalogService;
  readonly agreements: AgreementService;
  readonly usage: UsageService;
  /** Of a batch file on disk. */
  readonly pathOf: (file: string) => string;
}

/** How long the rows that changes are counted from are kept. */
const BASE_MS = 35 * 86_400_000;

export async function openDownloads(
  context: PlatformContext,
  { catalog, agreements, usage, pathOf }: DownloadNeeds,
  { memoryLimitMb, ...limits }: DownloadOptions,
): Promise<DownloadFeature> {
  const { db, dataDir, now } = context;
  const workDir = join(dataDir, 'dataset');
  const dataset = await createDataset({ workDir, memoryLimitMb });
  const states = await openStates({ context, catalog, dataset, pathOf });
  const store = createDownloadStore(db);
  const folders = await openFolders(dataDir);
  const wakes = createWakes();
  const parts: DownloadParts = {
    context,
    catalog,
    agreements,
    usage,
    states,
    dataset,
    store,
    folders,
    limits,
    progress: new Map(),
    wake: wakes.wake,
  };
  await resumeDownloads(parts);
  const worker = createWorker(parts);
  const handOut = createHandOut(parts);
  const downloads = createDownloads(parts, wakes, {
    queued: worker.wake,
    ended(id) {
      worker.abort(id);
      handOut.cut(id);
    },
  });
  const stopListening = agreements.onGrantChanged((change) => {
    if (change.change === 'granted') return;
    handOut.cutGrant(change.agreement, change.grantVersion);
    downloads
      .grantEnded(change)
      .catch((err) => context.log.error({ err, agreement: change.agreement }, 'ending downloads failed'));
  });
  worker.wake();
  let compacting: Promise<void> | undefined;
  let closed = false;

  /** Files past their time, and those whose grant ended while nobody listened. */
  async function expire(): Promise<void> {
    const at = now();
    for (const row of await store.list((query) => query.where({ state: 'ready' }))) {
      const { agreement, grant_version: grantVersion, resource, consumer } = row;
      if (!(await agreements.isLive(agreement, grantVersion, at)))
        await downloads.grantEnded({ agreement, grantVersion, resource, consumer, change: 'expired' });
      else if (row.expires_at !== null && row.expires_at <= at.toISOString()) {
        if (await store.change(row.id, ['ready'], { state: 'expired' })) await folders.remove(row.id);
      }
    }
    const oldest = new Date(at.getTime() - limits.traceDays * 86_400_000).toISOString();
    const kept = new Set(await store.idsSince(oldest));
    for (const id of await folders.listTraces()) if (!kept.has(id)) await folders.removeTrace(id);
  }

  /** States that changes may still be counted from: of the newest download of each agreement, and of those in preparation. */
  async function wantedStates(): Promise<Set<string>> {
    const from = new Date(now().getTime() - BASE_MS).toISOString();
    const rows = await store.list((query) =>
      query.where('requested_at', '>', from).whereNotNull('delivered_at'),
    );
    const open = await store.list((query) =>
      query.whereIn('state', ['queued', 'running']).whereNotNull('base'),
    );
    const bases = new Set(open.map(({ base }) => base));
    const newest = new Set<string>();
    const wanted = rows.filter(({ id, agreement }) => {
      const first = !newest.has(agreement);
      newest.add(agreement);
      return first || bases.has(id);
    });
    return new Set(wanted.flatMap(({ states: ids }) => JSON.parse(ids) as string[]));
  }

  /** Takes minutes where there is much; other work of the house does not wait for it. */
  async function compact(): Promise<void> {
    try {
      const resources = await db('downloads').distinct('resource').pluck('resource');
      await states.compact(resources, context.stopping);
    } catch (err) {
      if (!closed) context.log.error({ err }, 'bringing states forward failed; it is tried again');
    } finally {
      compacting = undefined;
    }
  }

  return {
    downloads,
    handOut,
    states,
    trace: createTrace(parts),
    async keepHouse() {
      await expire();
      await states.sweep(await wantedStates());
      compacting ??= compact();
      worker.wake();
    },
    async close() {
      closed = true;
      stopListening();
      handOut.close();
      await worker.close();
      await dataset[Symbol.asyncDispose]();
      await compacting;
    },
  };
}
