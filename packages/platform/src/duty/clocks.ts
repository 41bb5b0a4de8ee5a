import { randomUUID } from 'node:crypto';
import type { TimedDuty } from '@qianzhi/model';
import {
  closeDuty,
  type DutyStep,
  dueMarks,
  handOverDuty,
  type MarkRules,
  openDuty,
  pauseDuty,
  recountDuty,
  resumeDuty,
} from '@qianzhi/model/duty';
import type { Knex } from 'knex';
import type { AuditEntry, DutyClocks } from '../ports.js';
import { callerName } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { readCalendar } from './calendar.js';
import { dutyErrors } from './errors.js';
import { findDuty, listUnannounced, listUnclosed, markAnnounced, recordStep } from './store.js';

type Actor = AuditEntry['actor'];

export interface KeptClocks extends DutyClocks {
  /** Counts every duty that is not closed again, after the calendar was changed in the transaction. Answers those that moved. */
  recount(trx: Knex.Transaction, actor: Actor, note: string): Promise<TimedDuty[]>;
  /** Makes the marks whose day has come, then tells who listens. May be run at any time, and after any downtime. */
  keepHouse(): Promise<void>;
}

export function createDutyClocks(context: PlatformContext, rules: MarkRules): KeptClocks {
  const { db, audit, now, log } = context;
  const listeners = new Set<(duty: TimedDuty) => Promise<void>>();

  async function record(trx: Knex.Transaction, step: DutyStep, actor: Actor, note: string | null) {
    const { duty, event, day } = step;
    const name = actor === 'platform' ? actor : callerName(actor);
    await recordStep(trx, step, { at: now().toISOString(), actor: name, note });
    const { kind, object, owner, rule, dueDay } = duty;
    const details = { kind, about: object, owner, rule, day, dueDay };
    await audit.record({ actor, action: `duty.${event}`, object: duty.id, outcome: 'done', details }, trx);
  }

  /** The duty with the marks that the housekeeping has not come to yet: they are of before what happens now. */
  async function marked(trx: Knex.Transaction, id: string): Promise<TimedDuty> {
    const duty = await findDuty(trx, id);
    if (!duty) throw dutyErrors.DUTY_UNKNOWN({ duty: id });
    const steps = dueMarks(await readCalendar(trx), duty, rules, now());
    for (const step of steps) await record(trx, step, 'platform', null);
    return steps.at(-1)?.duty ?? duty;
  }

  async function mark(): Promise<void> {
    const calendar = await readCalendar(db);
    const at = now();
    for (const seen of await listUnclosed(db, { state: 'open' })) {
      if (dueMarks(calendar, seen, rules, at).length === 0) continue;
      const { id, kind, owner, dueDay } = await db.transaction((trx) => marked(trx, seen.id));
      log.info({ duty: id, kind, owner, dueDay }, 'a duty was marked');
    }
  }

  /** One listener that throws keeps nobody else from being told; the first such error is thrown at the end. */
  async function announce(): Promise<void> {
    if (listeners.size === 0) return;
    const failures: unknown[] = [];
    for (const duty of await listUnannounced(db)) {
      const told = await Promise.allSettled([...listeners].map((listener) => listener(duty)));
      const failed = told.filter((one) => one.status === 'rejected');
      failures.push(...failed.map(({ reason }) => reason));
      if (failed.length === 0) await markAnnounced(db, duty.id, now().toISOString());
    }
    if (failures.length > 0) throw failures[0];
  }

  return {
    async open(trx, { since = now(), ...duty }, actor) {
      const id = randomUUID();
      const step = openDuty(await readCalendar(trx), { ...duty, id }, since);
      await record(trx, step, actor, null);
      return id;
    },
    async pause(trx, id, reason, actor) {
      await record(trx, pauseDuty(await marked(trx, id), now()), actor, reason);
    },
    async resume(trx, id, actor) {
      const duty = await marked(trx, id);
      await record(trx, resumeDuty(await readCalendar(trx), duty, now()), actor, null);
    },
    async close(trx, id, outcome, note, actor) {
      await record(trx, closeDuty(await marked(trx, id), outcome, note, now()), actor, `${outcome}: ${note}`);
    },
    async handOver(trx, id, owner, note, actor) {
      await record(trx, handOverDuty(await marked(trx, id), owner, now()), actor, `${owner}: ${note}`);
    },
    openOfOwner: (owner, kind, trx) => listUnclosed(trx ?? db, { owner, kind }),
    openOf: (object, kind, trx) => listUnclosed(trx ?? db, { object, kind }),
    onOverdue(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async recount(trx, actor, note) {
      const calendar = await readCalendar(trx);
      const moved: TimedDuty[] = [];
      for (const duty of await listUnclosed(trx)) {
        const step = recountDuty(calendar, duty, rules, now());
        if (!step) continue;
        await record(trx, step, actor, note);
        moved.push(step.duty);
      }
      return moved;
    },
    async keepHouse() {
      await mark();
      await announce();
    },
  };
}
