import { randomUUID } from 'node:crypto';
import type { Grant, ReconcileReport, ReconcileSession, Signed, StoredReconcileReport } from '@qianzhi/model';
import { canonicalBytes, verifyDocument } from '@qianzhi/model/crypto';
import type { Sight } from '../exchange/sight.js';
import { createWakes } from '../exchange/wakes.js';
import type { AgreementService, DutyService } from '../ports.js';
import type { AgentCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { reconciliationErrors as errors } from './errors.js';
import { partnersOf, type Suppliers } from './partners.js';
import {
  countMessages,
  dropMessages,
  findMessage,
  findSession,
  insertSession,
  listSessions,
  openSessionOf,
  openSessionsWith,
  putMessage,
  type SessionRow,
  silentSessions,
  updateSession,
} from './store.js';

/** Where two agents meet to compare. The platform keeps their sealed messages while they talk, and what both signed. */
export interface Reconciliations {
  open(
    caller: AgentCaller,
    wanted: { readonly resource: string; readonly agreement?: string; readonly repair: boolean },
  ): Promise<ReconcileSession[]>;
  /** Answers as soon as there is an open session that the agent does not know. */
  poll(
    caller: AgentCaller,
    known: readonly string[],
    waitMs: number,
    signal: AbortSignal,
  ): Promise<ReconcileSession[]>;
  put(caller: AgentCaller, session: string, seq: number, payload: string): Promise<number>;
  take(
    caller: AgentCaller,
    session: string,
    seq: number,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<{ session: ReconcileSession; payload?: string }>;
  fail(caller: AgentCaller, session: string, code: string): Promise<ReconcileSession>;
  report(caller: AgentCaller, session: string, report: Signed<ReconcileReport>): Promise<ReconcileSession>;
  reports(sight: Sight, resource: string | undefined, limit: number): Promise<StoredReconcileReport[]>;
  /** Ends sessions in which nobody said anything for hours. */
  endSilent(): Promise<void>;
}

export interface ReconciliationPorts {
  readonly agreements: AgreementService;
  readonly duties: DutyService & Suppliers;
}

/** A large table may take hours to catch up; an agent that restarted gives its sessions up by itself. */
const SILENT_MS = 6 * 60 * 60 * 1000;
/** A grant ends by time, too, and another node may have taken the message. */
const LOOK_AGAIN_MS = 2_000;

export function createReconciliations(
  context: PlatformContext,
  { agreements, duties }: ReconciliationPorts,
): Reconciliations {
  const { db, now, audit, keys } = context;
  const wakes = createWakes();
  const at = () => now().toISOString();

  async function shown(row: SessionRow): Promise<ReconcileSession> {
    const grant = await agreements.grant(row.agreement, row.grant_version);
    return {
      id: row.id,
      resource: row.resource,
      grant: grant as Signed<Grant>,
      provider: row.provider,
      consumer: row.consumer,
      repair: Boolean(row.repair),
      state: row.state,
      ...(row.failed_code !== null && { failure: { agent: row.failed_agent!, code: row.failed_code } }),
      openedAt: row.opened_at,
    };
  }

  async function withCaller({ agent }: AgentCaller, id: string): Promise<SessionRow> {
    const row = await findSession(db, id);
    if (!row || (row.provider !== agent && row.consumer !== agent))
      throw errors.RECONCILE_UNKNOWN({ session: id });
    return row;
  }

  /** A talk about data that may no longer be shared ends with the grant. */
  async function openWith(caller: AgentCaller, id: string): Promise<SessionRow> {
    const row = await withCaller(caller, id);
    if (row.state === 'open' && !(await agreements.isLive(row.agreement, row.grant_version, now())))
      return end(row, 'platform', 'QZ_PLATFORM_GRANT_NOT_LIVE');
    return row;
  }

  function requireOpen({ id, state, resource }: SessionRow): void {
    if (state !== 'open') throw errors.RECONCILE_ENDED({ session: id, state, resource });
  }

  async function end(row: SessionRow, agent: string, code: string): Promise<SessionRow> {
    await db.transaction(async (trx) => {
      const change = { state: 'failed', failed_agent: agent, failed_code: code, ended_at: at() } as const;
      await updateSession(trx, row.id, change);
      await dropMessages(trx, row.id);
    });
    wakes.wake(row.id);
    return (await findSession(db, row.id))!;
  }

  /** Not a repeat of what it left before: the process that holds the keys of the session is gone. */
  async function isAnew({ id }: SessionRow, agent: string, seq: number, payload: string): Promise<boolean> {
    const before = await findMessage(db, id, agent, seq);
    return before === undefined ? seq === 0 : before !== payload;
  }

  async function waitFor<T>(
    name: string,
    waitMs: number,
    signal: AbortSignal,
    look: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const ticket = wakes.ticket(name);
      const found = await look();
      const left = deadline - Date.now();
      if (found !== undefined || left <= 0 || signal.aborted) return found;
      await wakes.changed(name, ticket, Math.min(left, LOOK_AGAIN_MS), signal);
    }
  }

  return {
    async open(caller, { resource, agreement, repair }) {
      const partners = await partnersOf(db, agreements, duties, caller, resource, agreement);
      if (partners.length === 0) throw errors.RECONCILE_NO_PARTNER({ resource });
      const sessions: ReconcileSession[] = [];
      for (const { grant, provider, consumer } of partners) {
        const row = await db.transaction(async (trx) => {
          const running = await openSessionOf(trx, grant.body.agreement, caller.agent);
          if (running && repair && !running.repair)
            throw errors.RECONCILE_RUNNING({ resource, agreement: grant.body.agreement });
          if (running) return running;
          const id = randomUUID();
          const details = { resource, agreement: grant.body.agreement, repair };
          await audit.record(
            { actor: caller, action: 'reconcile.open', object: id, outcome: 'done', details },
            trx,
          );
          return insertSession(trx, {
            id,
            resource,
            agreement: grant.body.agreement,
            grant_version: grant.body.grantVersion,
            provider,
            consumer,
            provider_department: grant.body.provider,
            consumer_department: grant.body.consumer,
            repair,
            opened_at: at(),
          });
        });
        sessions.push(await shown(row));
        for (const agent of [provider, consumer]) wakes.wake(`agent ${agent}`);
      }
      return sessions;
    },

    async poll({ agent }, known, waitMs, signal) {
      const met = new Set(known);
      const found = await waitFor(`agent ${agent}`, waitMs, signal, async () => {
        const rows = (await openSessionsWith(db, agent)).filter(({ id }) => !met.has(id));
        return rows.length > 0 ? rows : undefined;
      });
      return Promise.all((found ?? []).map(shown));
    },

    async put(caller, id, seq, payload) {
      const row = await openWith(caller, id);
      requireOpen(row);
      const { agent } = caller;
      const count = agent === row.provider ? 'provider_sent' : 'consumer_sent';
      if (seq < row[count] && (await isAnew(row, agent, seq, payload))) {
        const error = errors.RECONCILE_RESTARTED({ session: id, agent, resource: row.resource });
        await end(row, agent, error.code);
        throw error;
      }
      await db.transaction(async (trx) => {
        await putMessage(trx, { session: id, sender: agent, seq, payload });
        await updateSession(trx, id, { touched_at: at(), [count]: Math.max(row[count], seq + 1) });
      });
      wakes.wake(id);
      return countMessages(db, id, caller.agent);
    },

    async take(caller, id, seq, waitMs, signal) {
      const { provider, consumer } = await openWith(caller, id);
      const sender = caller.agent === provider ? consumer : provider;
      await dropMessages(db, id, sender, seq);
      const found = await waitFor(id, waitMs, signal, async () => {
        const payload = await findMessage(db, id, sender, seq);
        if (payload !== undefined) return { payload };
        const { state } = await openWith(caller, id);
        return state === 'open' ? undefined : {};
      });
      return { session: await shown(await withCaller(caller, id)), ...found };
    },

    async fail(caller, id, code) {
      const row = await withCaller(caller, id);
      return shown(row.state === 'open' ? await end(row, caller.agent, code) : row);
    },

    async report(caller, id, report) {
      const row = await withCaller(caller, id);
      const { agent } = caller;
      const signer = verifyDocument(report, await keys.all(), at());
      if (signer.owner !== agent || !isOf(row, report.body))
        throw errors.RECONCILE_REPORT_WRONG({ session: id, agent, resource: row.resource });
      const own = agent === row.provider ? 'provider_report' : 'consumer_report';
      if (row[own] !== null) return shown(row);
      requireOpen(row);
      await db.transaction(async (trx) => {
        await updateSession(trx, id, { [own]: JSON.stringify(report), touched_at: at() });
        const both = (await findSession(trx, id))!;
        if (both.provider_report === null || both.consumer_report === null) return;
        const disputed = !sameText(both.provider_report, both.consumer_report);
        const failure = {
          failed_agent: 'platform',
          failed_code: errors.RECONCILE_DISPUTED({ session: id }).code,
        };
        const state = disputed ? 'failed' : 'done';
        await updateSession(trx, id, { state, ended_at: at(), ...(disputed && failure) });
        await dropMessages(trx, id);
        const { found, remaining } = report.body;
        const details = {
          resource: row.resource,
          found: JSON.stringify(found),
          remaining: JSON.stringify(remaining),
        };
        const outcome = disputed ? 'failed' : 'done';
        await audit.record({ actor: caller, action: 'reconcile.report', object: id, outcome, details }, trx);
      });
      wakes.wake(id);
      return shown((await findSession(db, id))!);
    },

    async reports({ all, department }, resource, limit) {
      const rows = await listSessions(db, { resource, department: all ? undefined : department, limit });
      return Promise.all(
        rows.map(async (row) => ({
          session: await shown(row),
          endedAt: row.ended_at,
          provider: documentOf(row.provider_report),
          consumer: documentOf(row.consumer_report),
        })),
      );
    },

    async endSilent() {
      const before = new Date(now().getTime() - SILENT_MS).toISOString();
      for (const row of await silentSessions(db, before)) {
        await end(row, 'platform', errors.RECONCILE_SILENT({ session: row.id }).code);
      }
    },
  };
}

function isOf(row: SessionRow, body: ReconcileReport): boolean {
  return (
    body.session === row.id &&
    body.resource === row.resource &&
    body.agreement === row.agreement &&
    body.grantVersion === row.grant_version &&
    body.provider === row.provider &&
    body.consumer === row.consumer
  );
}

function documentOf(text: string | null): Signed<ReconcileReport> | null {
  return text === null ? null : (JSON.parse(text) as Signed<ReconcileReport>);
}

/** The same text, under two signatures. */
function sameText(a: string, b: string): boolean {
  const bytes = (text: string) => Buffer.from(canonicalBytes(documentOf(text)!.body));
  return bytes(a).equals(bytes(b));
}
