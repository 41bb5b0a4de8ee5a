import { backoffMs, createChanges, systemClock } from '@qianzhi/engine';
import { isQianzhiError, type QianzhiError, systemReason, toProblem } from '@qianzhi/model';
import type { PluginLog } from '@qianzhi/plugin-api';
import { agentErrors } from '../errors.js';
import { createBook } from './book.js';
import type { Judgement } from './conditions.js';
import type { AlertMessage, Channel } from './message.js';
import { type Alert, type Notice, readAlerts, writeAlerts } from './record.js';

export interface AlertsOptions {
  readonly stateDir: string;
  readonly agent: string;
  readonly department: string;
  readonly channels: readonly Channel[];
  readonly judge: () => Judgement;
  readonly resolveAfterMs: number;
  readonly now: () => Date;
  readonly log: PluginLog;
  /** Pauses between attempts of one channel, doubling from first to cap. Default 1 s and 5 min. */
  readonly retry?: { readonly firstMs: number; readonly capMs: number };
}

export interface Alerts {
  /** Looks at what holds now; resolves when what changed is on disk, and has channels told. One after the other. */
  check(): Promise<void>;
  /** Oldest first, open and resolved. */
  list(): readonly Alert[];
  /** Ends sending; what was not sent is sent by the next process. */
  close(): Promise<void>;
}

const SEND_DEADLINE_MS = 30_000;

/**
 * Keeps alerts over restarts and sends each message until its channel has taken it: at least once, in order for a
 * channel, the same id when it comes again.
 */
export async function openAlerts(options: AlertsOptions): Promise<Alerts> {
  const { stateDir, channels, log, now, retry = { firstMs: 1_000, capMs: 300_000 } } = options;
  const names = channels.map(({ id }) => id);
  const book = createBook(await readAlerts(stateDir, log), names, options.resolveAfterMs);
  const closing = new AbortController();
  const changes = createChanges();
  let turn: Promise<void> = Promise.resolve();
  let unsaved = false;
  let saveFailed = false;
  let dropped = 0;

  /** A full disk keeps no alert from being told: it is told, and written when there is room. */
  async function save(): Promise<void> {
    try {
      await writeAlerts(stateDir, book.alerts);
      unsaved = saveFailed = false;
    } catch (error) {
      unsaved = true;
      const reason = systemReason(error);
      const problem = agentErrors.STATE_DIR_UNWRITABLE({ stateDir, reason }, error);
      if (!saveFailed) log.warn({ code: problem.code, file: 'alerts.json' }, problem.message);
      saveFailed = true;
    }
  }

  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  async function courier(channel: Channel): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; ) {
      const next = book.nextFor(channel.id);
      if (!next) {
        await changes.next(closing.signal);
        continue;
      }
      const { alert, notice } = next;
      notice.attempts++;
      const problem = await attempt(channel, messageOf(alert, notice, options));
      if (closing.signal.aborted) return;
      if (problem) {
        if (notice.problem?.title !== toProblem(problem).title)
          log.warn({ code: problem.code, channel: channel.id, alert: alert.id }, problem.message);
        notice.problem = toProblem(problem);
        await systemClock.wait(backoffMs(++failures, retry.firstMs, retry.capMs), closing.signal);
        continue;
      }
      failures = 0;
      notice.sentAt = now().toISOString();
      delete notice.problem;
      log.info({ channel: channel.id, alert: alert.id, event: notice.event }, 'alert sent');
      await inTurn(save);
    }
  }

  async function attempt(channel: Channel, message: AlertMessage): Promise<QianzhiError | undefined> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(SEND_DEADLINE_MS)]);
    try {
      await channel.send(message, signal);
      return undefined;
    } catch (error) {
      if (isQianzhiError(error)) return error;
      return agentErrors.ALERT_CHANNEL_FAILED({ channel: channel.id, reason: systemReason(error) }, error);
    }
  }

  const couriers = channels.map((channel) =>
    courier(channel).catch((error) => {
      if (closing.signal.aborted) return;
      log.error(
        { channel: channel.id, error: error instanceof Error ? error.name : 'unknown' },
        'alerts: the channel gave up',
      );
    }),
  );

  return {
    check: () =>
      inTurn(async () => {
        const before = new Set(book.alerts.filter(({ resolvedAt }) => !resolvedAt));
        const changed = book.follow(options.judge(), now());
        for (const alert of book.alerts) tell(alert, before.has(alert), log);
        if (changed || unsaved) await save();
        if (book.dropped() > dropped) log.warn({ messages: book.dropped() }, 'alerts not told were dropped');
        dropped = book.dropped();
        if (changed) changes.notify();
      }),
    list: () => book.alerts,
    async close() {
      closing.abort();
      await Promise.all(couriers);
      await inTurn(async () => {
        if (unsaved) await save();
      });
    },
  };
}

/** The log has every alert, channels or not. */
function tell(alert: Alert, wasOpen: boolean, log: PluginLog): void {
  const { rule, subject, problem, resolvedAt, id } = alert;
  const facts = { alert: id, rule, subject, code: problem.code };
  if (!wasOpen && resolvedAt === undefined) log.warn(facts, problem.title);
  if (wasOpen && resolvedAt !== undefined) log.info(facts, 'alert resolved');
}

function messageOf(
  alert: Alert,
  notice: Notice,
  { agent, department }: Pick<AlertsOptions, 'agent' | 'department'>,
): AlertMessage {
  const { rule, subject, openedAt, resolvedAt, problem, restart } = alert;
  return {
    version: 1,
    id: notice.id,
    event: notice.event,
    alert: alert.id,
    agent,
    department,
    rule,
    subject,
    openedAt,
    ...(notice.event === 'resolved' && resolvedAt !== undefined && { resolvedAt }),
    code: problem.code,
    texts: problem.texts,
    ...(restart !== undefined && { restart }),
  };
}
