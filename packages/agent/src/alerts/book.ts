import { randomUUID } from 'node:crypto';
import type { Judgement } from './conditions.js';
import type { Condition } from './message.js';
import type { Alert, Notice } from './record.js';

/** Alerts in memory: what is open, what was, and what each channel still has to be told. */
export interface Book {
  /** Oldest first. */
  readonly alerts: readonly Alert[];
  /** Opens, keeps and resolves by what holds now; true when something changed that must survive a restart. */
  follow(judgement: Judgement, at: Date): boolean;
  /** The oldest message a channel was not sent yet. */
  nextFor(channel: string): { readonly alert: Alert; readonly notice: Notice } | undefined;
  /** Why messages were given up: alerts that came faster than they could be told, for long. */
  dropped(): number;
}

/** Alerts kept for the list; what is open, or not told to everybody, goes last. */
const KEPT = 500;

/** `alerts` of the last process go on; open ones are told to channels that are new, and nothing to those that are gone. */
export function createBook(alerts: Alert[], channels: readonly string[], resolveAfterMs: number): Book {
  let dropped = 0;
  for (const alert of alerts) {
    alert.notices = alert.notices.filter(({ sentAt, channel }) => sentAt || channels.includes(channel));
    if (alert.resolvedAt === undefined) addNotices(alert, 'opened', alert.openedAt);
  }

  function addNotices(alert: Alert, event: Notice['event'], at: string): void {
    const told = new Set(alert.notices.filter((one) => one.event === event).map(({ channel }) => channel));
    for (const channel of channels) {
      if (!told.has(channel)) alert.notices.push({ id: randomUUID(), event, channel, at, attempts: 0 });
    }
  }

  function open(condition: Condition, at: string): void {
    const { restart, ...rest } = condition;
    const alert = { ...rest, ...(restart !== undefined && { restart }), id: randomUUID(), openedAt: at };
    alerts.push({ ...alert, notices: [] });
    addNotices(alerts.at(-1)!, 'opened', at);
  }

  /** The same alert while its condition lasts, whatever the numbers in its text are by now. */
  function keep(alert: Alert, { problem, restart }: Condition): boolean {
    const changed = alert.goneSince !== undefined || alert.problem.code !== problem.code;
    alert.problem = problem;
    if (restart === undefined) delete alert.restart;
    else alert.restart = restart;
    delete alert.goneSince;
    return changed;
  }

  function leave(alert: Alert, at: Date): boolean {
    const time = at.toISOString();
    // a clock that was ahead and is set right must not keep it open
    if (alert.goneSince === undefined || Date.parse(alert.goneSince) > at.getTime()) {
      alert.goneSince = time;
      if (resolveAfterMs > 0) return true;
    }
    if (at.getTime() - Date.parse(alert.goneSince) < resolveAfterMs) return false;
    alert.resolvedAt = time;
    addNotices(alert, 'resolved', time);
    return true;
  }

  function forget(): void {
    const isTold = ({ notices }: Alert) => notices.every(({ sentAt }) => sentAt);
    for (const mayGo of [isTold, () => true]) {
      for (let at = 0; alerts.length > KEPT && at < alerts.length; ) {
        const alert = alerts[at]!;
        if (alert.resolvedAt === undefined || !mayGo(alert)) at++;
        else {
          dropped += alert.notices.filter(({ sentAt }) => !sentAt).length;
          alerts.splice(at, 1);
        }
      }
    }
  }

  return {
    alerts,
    follow(judgement, at) {
      const { holding } = judgement;
      let changed = false;
      const lasting = new Set<Condition>();
      for (const alert of alerts) {
        if (alert.resolvedAt !== undefined) continue;
        const condition = holding.find(
          ({ rule, subject }) => rule === alert.rule && subject === alert.subject,
        );
        if (condition) {
          lasting.add(condition);
          if (keep(alert, condition)) changed = true;
        } else if (!judgement.unknown(alert.rule, alert.subject) && leave(alert, at)) changed = true;
      }
      for (const condition of holding) {
        if (lasting.has(condition)) continue;
        open(condition, at.toISOString());
        changed = true;
      }
      forget();
      return changed;
    },
    nextFor(channel) {
      const open = alerts.flatMap((alert) =>
        alert.notices
          .filter((notice) => notice.channel === channel && !notice.sentAt)
          .map((notice) => ({ alert, notice })),
      );
      return open.toSorted((a, b) => (a.notice.at < b.notice.at ? -1 : a.notice.at > b.notice.at ? 1 : 0))[0];
    },
    dropped: () => dropped,
  };
}
