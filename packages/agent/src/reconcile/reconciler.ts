import { setTimeout as pause } from 'node:timers/promises';
import type { Engine, ReconcileResult } from '@qianzhi/engine';
import {
  agentRoutes,
  type Exchange,
  isQianzhiError,
  modelErrors,
  type Problem,
  type ReconcileSession,
  toProblem,
} from '@qianzhi/model';
import type { PluginLog } from '@qianzhi/plugin-api';
import { agentErrors } from '../errors.js';
import type { PlatformLink } from '../link/platform-link.js';
import { createHttpMailbox, isPassing, type Patience, persist, usualPatience } from './http-mailbox.js';
import { createSchedules, type ReconcileOrder } from './schedules.js';

export type { ReconcileOrder } from './schedules.js';

/** A session under way, or ended in this process. */
export interface RunningReconciliation {
  readonly session: string;
  readonly resource: string;
  readonly agreement: string;
  readonly repair: boolean;
  readonly startedAt: string;
  readonly step: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly problem?: Problem;
}

export interface Reconciler {
  /** Opens sessions, or joins those under way, and answers them; they go on by themselves. */
  begin(order: ReconcileOrder, signal: AbortSignal): Promise<readonly RunningReconciliation[]>;
  running(): readonly RunningReconciliation[];
  results(resource?: string): readonly ReconcileResult[];
  /** Why the platform does not tell of sessions that others begin; a platform out of reach is the link's to tell of. */
  problem(): Problem | undefined;
  /** Takes up the schedules of the exchanges as they are now; sessions under way go on. */
  reschedule(): void;
  close(): Promise<void>;
}

export interface ReconcilerOptions {
  readonly engine: Engine;
  readonly link: PlatformLink;
  readonly agent: string;
  /** As they are now; after a change call `reschedule`. */
  readonly exchanges: () => readonly Exchange[];
  readonly log: PluginLog;
  readonly now: () => Date;
  readonly patience?: Patience;
}

const POLL_MS = 25_000;
const AGAIN_MS = 15_000;
/** Ended sessions whose outcome a command may still ask for. */
const KEPT = 50;

/** Takes part in every reconciliation that names this agent, and begins those of the schedules. */
export function startReconciler(options: ReconcilerOptions): Reconciler {
  const { engine, link, agent, log, now } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const sessions = new Map<string, RunningReconciliation>();
  const work = new Set<Promise<void>>();
  let refused: Problem | undefined;

  function set(id: string, change: Partial<RunningReconciliation>): void {
    sessions.set(id, { ...sessions.get(id)!, ...change });
  }

  function join(session: ReconcileSession): void {
    if (sessions.has(session.id)) return;
    const { id, resource, repair, grant } = session;
    const { agreement } = grant.body;
    const startedAt = now().toISOString();
    sessions.set(id, {
      session: id,
      resource,
      agreement,
      repair,
      startedAt,
      step: 'greeting',
      state: 'running',
    });
    for (const [old, { state }] of sessions) {
      if (sessions.size <= KEPT) break;
      if (state !== 'running') sessions.delete(old);
    }
    const done = take(session).finally(() => work.delete(done));
    work.add(done);
  }

  async function take(session: ReconcileSession): Promise<void> {
    const { id, resource } = session;
    try {
      // the grant may be newer than the orders at hand
      await persist(() => link.refresh(signal), signal);
      const mailbox = createHttpMailbox(link.client, session, agent, options.patience ?? usualPatience);
      const onStep = (step: string) => set(id, { step });
      const report = await engine.reconciling.run(session, mailbox, onStep, signal);
      await persist(
        () =>
          link.client.call(
            agentRoutes.reportReconciliation,
            { params: { session: id }, body: report },
            signal,
          ),
        signal,
      );
      const { found, remaining, repaired } = report.body;
      log.info({ session: id, resource, found, remaining, repaired }, 'reconciled');
      set(id, { state: 'done' });
    } catch (error) {
      const problem = problemOf(error);
      log.warn({ code: problem.code, session: id, resource }, 'reconciliation failed');
      set(id, { state: 'failed', problem });
      await giveUp(id, problem.code);
    }
  }

  /** The other side is told, if it can be: it would wait otherwise. */
  async function giveUp(id: string, code: string): Promise<void> {
    try {
      const deadline = AbortSignal.timeout(5_000);
      await link.client.call(
        agentRoutes.failReconciliation,
        { params: { session: id }, body: { code } },
        deadline,
      );
    } catch (error) {
      log.debug({ session: id, code: problemOf(error).code }, 'giving a reconciliation up was not told');
    }
  }

  async function listen(): Promise<void> {
    while (!signal.aborted) {
      try {
        const body = { known: [...sessions.keys()], waitMs: POLL_MS };
        const found = await link.client.call(
          agentRoutes.pollReconciliations,
          { body, waitMs: POLL_MS },
          signal,
        );
        if (refused) log.info({}, 'reconciliations of others are heard of again');
        refused = undefined;
        for (const session of found.sessions) join(session);
      } catch (error) {
        if (signal.aborted) return;
        noteRefusal(error);
        await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Said once: it is asked again every 15 seconds. */
  function noteRefusal(error: unknown): void {
    const problem = problemOf(error);
    const { code } = problem;
    if (isPassing(error)) {
      log.debug({ code }, 'asking for reconciliations failed');
      return;
    }
    if (refused?.code !== code)
      log.warn({ code }, `reconciliations that others begin are not heard of: ${problem.texts.en.message}`);
    refused = problem;
  }

  async function begin(order: ReconcileOrder, inner: AbortSignal) {
    const { resource, agreement, repair } = order;
    const body = { resource, repair, ...(agreement !== undefined && { agreement }) };
    const opened = await link.client.call(agentRoutes.openReconciliation, { body }, inner);
    for (const session of opened.sessions) join(session);
    return opened.sessions.map(({ id }) => sessions.get(id)!);
  }

  const schedules = createSchedules(options.exchanges, async (exchange, order) => {
    try {
      await begin(order, signal);
    } catch (error) {
      log.warn({ code: problemOf(error).code, exchange }, 'a scheduled reconciliation failed');
    }
  });
  schedules.follow();
  const listening = listen();

  return {
    begin,
    running: () => [...sessions.values()],
    results: (resource) => engine.reconciling.results({ resource, keys: true }),
    problem: () => refused,
    reschedule: schedules.follow,
    async close() {
      schedules.stop();
      closing.abort(modelErrors.CANCELLED({ what: { zh: '对账', en: 'reconciling' } }));
      await Promise.allSettled([listening, ...work]);
    },
  };
}

/** The text of an unforeseen error may hold what it stumbled over. */
function problemOf(error: unknown): Problem {
  return toProblem(isQianzhiError(error) ? error : agentErrors.CONTROL_FAILED({}, error));
}
