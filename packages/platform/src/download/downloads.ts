import { randomBytes, randomUUID } from 'node:crypto';
import {
  type Download,
  type DownloadOffer,
  type DownloadRequest,
  type DownloadState,
  type Grant,
  keyItems,
  SINCE_LAST,
  type Signed,
  toProblem,
} from '@qianzhi/model';
import type { Sight } from '../exchange/sight.js';
import type { createWakes } from '../exchange/wakes.js';
import type { GrantChange } from '../ports.js';
import { type AgentCaller, callerName, type PersonCaller } from '../server/caller.js';
import { stateErrors } from '../state/errors.js';
import { downloadErrors, noBase } from './errors.js';
import { linkToken } from './links.js';
import type { DownloadParts } from './parts.js';
import { type DownloadRow, viewOf } from './store.js';

type Asker = PersonCaller | AgentCaller;

/** Asking for files, following and ending them. A department sees what it asked for or what is asked of it. */
export interface Downloads {
  offers(caller: Asker): Promise<DownloadOffer[]>;
  /**
   * Counts one request of the quota and queues the file. Throws QZ_PLATFORM_DOWNLOAD_NOT_GRANTED, _DOWNLOAD_AMBIGUOUS,
   * _DOWNLOAD_NO_BASE, _DOWNLOAD_TOO_MANY, _STATE_NONE, _ADDRESS_NOT_ALLOWED, _QUOTA_USED.
   */
  request(caller: Asker, request: DownloadRequest, address: string): Promise<Download>;
  list(sight: Sight, resource: string | undefined, limit: number): Promise<Download[]>;
  /** Waits up to `waitMs` for its state or progress to change. Throws QZ_PLATFORM_DOWNLOAD_UNKNOWN for one of others. */
  show(sight: Sight, id: string, waitMs: number, signal: AbortSignal): Promise<Download>;
  cancel(caller: Asker, id: string): Promise<Download>;
  /** For whoever asked for it, or a colleague. Throws QZ_PLATFORM_DOWNLOAD_NOT_READY, _DOWNLOAD_REVOKED. */
  link(caller: Asker, id: string): Promise<{ token: string; expiresAt: string }>;
  /** Ends every download of a grant version that is no longer in force. */
  grantEnded(change: GrantChange): Promise<void>;
}

const OPEN: readonly DownloadState[] = ['queued', 'running'];
const ALIVE: readonly DownloadState[] = [...OPEN, 'ready'];
/** In preparation at once, of one department. */
const MOST_WAITING = 20;
const LINK_MS = 3_600_000;

export interface DownloadEnds {
  /** Wakes the worker. */
  queued(): void;
  /** Preparation and streams of one end. */
  ended(id: string): void;
}

export function createDownloads(
  parts: DownloadParts,
  wakes: ReturnType<typeof createWakes>,
  ends: DownloadEnds,
): Downloads {
  const { context, agreements, catalog, states, store, folders, usage } = parts;
  const { now } = context;

  const see = (row: DownloadRow) => viewOf(row, parts.progress.get(row.id) ?? 0);

  async function grantsOf({ department }: Asker, resource?: string): Promise<readonly Signed<Grant>[]> {
    if (department === null) return [];
    const live = await agreements.grantsOf(department, resource);
    return live.filter(({ body }) => body.modes.includes('batch-download'));
  }

  async function grantFor(caller: Asker, { resource, agreement }: DownloadRequest): Promise<Grant> {
    const live = (await grantsOf(caller, resource)).filter(
      ({ body }) => agreement === undefined || body.agreement === agreement,
    );
    const department = caller.department ?? '';
    const [grant, other] = live;
    if (!grant) throw downloadErrors.DOWNLOAD_NOT_GRANTED({ department, resource });
    if (other) {
      const agreements = live.map(({ body }) => body.agreement).join(', ');
      throw downloadErrors.DOWNLOAD_AMBIGUOUS({
        department,
        resource,
        agreements,
        first: grant.body.agreement,
      });
    }
    return grant.body;
  }

  /** The newest of an agreement that was handed out. */
  async function lastOf(agreement: string): Promise<DownloadRow | undefined> {
    const [last] = await store.list((query) => query.where({ agreement }).whereNotNull('delivered_at'), 1);
    return last;
  }

  async function baseFor({ agreement, resource }: Grant, since: string): Promise<string> {
    const base = since === SINCE_LAST ? await lastOf(agreement) : await store.find(since);
    if (base?.agreement !== agreement || base.delivered_at === null)
      throw downloadErrors.DOWNLOAD_NO_BASE({
        resource,
        reason: since === SINCE_LAST ? noBase.none : noBase.unknown,
      });
    if (!base.keyed) throw downloadErrors.DOWNLOAD_NO_BASE({ resource, reason: noBase.key });
    for (const id of JSON.parse(base.states) as string[]) {
      if (!(await states.find(id))) throw downloadErrors.DOWNLOAD_NO_BASE({ resource, reason: noBase.gone });
    }
    return base.id;
  }

  async function mine(caller: Asker, id: string): Promise<DownloadRow> {
    const row = await store.find(id);
    if (row && row.consumer === caller.department) return row;
    throw downloadErrors.DOWNLOAD_UNKNOWN({ download: id });
  }

  async function end(row: DownloadRow, state: 'cancelled' | 'revoked', problem?: string): Promise<void> {
    const ended = await store.change(row.id, ALIVE, { state, ...(problem !== undefined && { problem }) });
    ends.ended(row.id);
    if (!ended) return;
    await folders.remove(row.id);
    wakes.wake(row.id);
  }

  return {
    async offers(caller) {
      const offers: DownloadOffer[] = [];
      for (const { body } of await grantsOf(caller)) {
        const resource = await catalog.current(body.resource);
        if (!resource || resource.content === 'files') continue;
        const { suppliers, newestBatchAt } = await states.extent(body.resource);
        const { agreement, grantVersion, provider, items, validTo } = body;
        const keys = keyItems(resource);
        offers.push({
          resource: body.resource,
          name: resource.name,
          agreement,
          grantVersion,
          provider,
          items,
          suppliers,
          newestBatchAt,
          changes: keys.length > 0 && keys.every(({ column }) => items.includes(column)),
          lastDownload: (await lastOf(agreement))?.id ?? null,
          validTo,
        });
      }
      return offers;
    },

    async request(caller, request, address) {
      const grant = await grantFor(caller, request);
      await agreements.requireAddress(grant, address);
      const waiting = await store.list((query) =>
        query.where({ consumer: grant.consumer }).whereIn('state', OPEN),
      );
      if (waiting.length >= MOST_WAITING) {
        const download = waiting.at(-1)!.id;
        throw downloadErrors.DOWNLOAD_TOO_MANY({
          department: grant.consumer,
          waiting: waiting.length,
          download,
        });
      }
      if ((await states.extent(grant.resource)).suppliers === 0)
        throw stateErrors.STATE_NONE({ resource: grant.resource });
      const base = request.since === undefined ? null : await baseFor(grant, request.since);
      await usage.begin(grant);
      const row: DownloadRow = {
        id: randomUUID(),
        resource: grant.resource,
        agreement: grant.agreement,
        grant_version: grant.grantVersion,
        provider: grant.provider,
        consumer: grant.consumer,
        requested_by: callerName(caller),
        matter: request.matter ?? grant.purpose.matter,
        kind: base === null ? 'state' : 'changes',
        base,
        format: request.format,
        encoding: request.encoding,
        header: request.header,
        state: 'queued',
        attempts: 0,
        items: '[]',
        keyed: false,
        states: '[]',
        seed: randomBytes(32).toString('hex'),
        link_key: randomBytes(32).toString('hex'),
        manifest: null,
        problem: null,
        requested_at: now().toISOString(),
        expires_at: null,
        delivered_at: null,
        receipt: null,
      };
      await store.insert(row);
      const { id, resource, agreement, kind, format } = row;
      const details = { resource, agreement, kind, format };
      await context.audit.record({
        actor: caller,
        action: 'download.request',
        object: id,
        outcome: 'done',
        details,
      });
      ends.queued();
      return see(row);
    },

    async list(sight, resource, limit) {
      const rows = await store.list((query) => {
        if (resource !== undefined) query.where({ resource });
        if (!sight.all)
          query.where((own) =>
            own.where({ consumer: sight.department }).orWhere({ provider: sight.department }),
          );
      }, limit);
      return rows.map(see);
    },

    async show(sight, id, waitMs, signal) {
      const ticket = wakes.ticket(id);
      const row = await store.find(id);
      const seen =
        row && (sight.all || row.consumer === sight.department || row.provider === sight.department);
      if (!seen) throw downloadErrors.DOWNLOAD_UNKNOWN({ download: id });
      if (waitMs === 0 || !OPEN.includes(row.state)) return see(row);
      await wakes.changed(id, ticket, waitMs, signal);
      return see((await store.find(id)) ?? row);
    },

    async cancel(caller, id) {
      const row = await mine(caller, id);
      const { resource } = row;
      const problem = toProblem(downloadErrors.DOWNLOAD_CANCELLED({ download: id, resource }));
      await end(row, 'cancelled', JSON.stringify(problem));
      await context.audit.record({ actor: caller, action: 'download.cancel', object: id, outcome: 'done' });
      return see((await store.find(id))!);
    },

    async link(caller, id) {
      const row = await mine(caller, id);
      const { agreement, grant_version: version, resource, state } = row;
      if (state === 'revoked' || !(await agreements.isLive(agreement, version, now())))
        throw downloadErrors.DOWNLOAD_REVOKED({ agreement, download: id, resource });
      if (state !== 'ready' || row.expires_at === null)
        throw downloadErrors.DOWNLOAD_NOT_READY({ download: id, resource, state });
      const expiresAt = new Date(Math.min(Date.parse(row.expires_at), now().getTime() + LINK_MS));
      await context.audit.record({ actor: caller, action: 'download.link', object: id, outcome: 'done' });
      return { token: linkToken(id, row.link_key, expiresAt), expiresAt: expiresAt.toISOString() };
    },

    async grantEnded({ agreement, grantVersion, resource }) {
      const rows = await store.list((query) =>
        query.where({ agreement, grant_version: grantVersion }).whereIn('state', ALIVE),
      );
      for (const row of rows) {
        const problem = toProblem(downloadErrors.DOWNLOAD_REVOKED({ agreement, download: row.id, resource }));
        await end(row, 'revoked', JSON.stringify(problem));
      }
    },
  };
}
