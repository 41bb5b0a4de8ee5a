import type { DutyEvent, DutyKind, TimedDuty } from '@qianzhi/model';
import type { DutyStep } from '@qianzhi/model/duty';
import type { Knex } from 'knex';

interface DutyRow {
  readonly seq: number;
  readonly id: string;
  readonly kind: DutyKind;
  readonly object: string;
  readonly owner: string | null;
  readonly rule: string;
  readonly profile: string;
  readonly deadline: string | null;
  readonly state: TimedDuty['state'];
  readonly opened_at: string;
  readonly start_day: string;
  readonly due_day: string | null;
  readonly provisional_years: string;
  readonly pauses: string;
  readonly reminded_at: string | null;
  readonly overdue_at: string | null;
  readonly escalated_at: string | null;
  readonly announced_at: string | null;
  readonly closed_at: string | null;
  readonly outcome: TimedDuty['outcome'];
  readonly note: string | null;
}

type EventRow = Omit<DutyEvent, 'dueDay' | 'provisionalYears'> & {
  readonly due_day: string | null;
  readonly provisional_years: string;
};

export interface DutyFilter {
  readonly owner?: string | undefined;
  readonly object?: string | undefined;
  readonly kind?: DutyKind | undefined;
  readonly state?: TimedDuty['state'] | undefined;
}

/** Writes a duty as it stands after a step, and the step. */
export async function recordStep(
  trx: Knex.Transaction,
  { duty, event, day }: DutyStep,
  { at, actor, note }: Pick<DutyEvent, 'at' | 'actor' | 'note'>,
): Promise<void> {
  const row = rowOf(duty);
  if (event === 'opened') await trx('duties').insert(row);
  // overdue taken back and come again is told again
  else
    await trx('duties')
      .where({ id: duty.id })
      .update(row.overdue_at === null ? { ...row, announced_at: null } : row);
  const { due_day, provisional_years } = row;
  await trx('duty_events').insert({ duty: duty.id, event, day, at, actor, due_day, provisional_years, note });
}

export async function findDuty(db: Knex, id: string): Promise<TimedDuty | undefined> {
  const row: DutyRow | undefined = await db('duties').where({ id }).first();
  return row && dutyOf(row);
}

/** Oldest first. */
export async function listDuties(db: Knex, filter: DutyFilter): Promise<TimedDuty[]> {
  const where = Object.entries(filter).filter(([, value]) => value !== undefined);
  return (await db('duties').where(Object.fromEntries(where)).orderBy('seq')).map(dutyOf);
}

/** Newest first. */
export async function listClosed(db: Knex, filter: DutyFilter, limit: number): Promise<TimedDuty[]> {
  const where = Object.entries({ ...filter, state: 'closed' }).filter(([, value]) => value !== undefined);
  const rows = db('duties').where(Object.fromEntries(where)).orderBy('seq', 'desc').limit(limit);
  return (await rows).map(dutyOf);
}

/** Open and paused, oldest first. */
export async function listUnclosed(db: Knex, filter: DutyFilter = {}): Promise<TimedDuty[]> {
  const where = Object.entries(filter).filter(([, value]) => value !== undefined);
  const rows = db('duties').where(Object.fromEntries(where)).whereNot({ state: 'closed' }).orderBy('seq');
  return (await rows).map(dutyOf);
}

/** Overdue, and who listens was not told yet. */
export async function listUnannounced(db: Knex): Promise<TimedDuty[]> {
  const rows = db('duties')
    .whereNot({ state: 'closed' })
    .whereNotNull('overdue_at')
    .whereNull('announced_at')
    .orderBy('seq');
  return (await rows).map(dutyOf);
}

export async function markAnnounced(db: Knex, id: string, at: string): Promise<void> {
  await db('duties').where({ id }).update({ announced_at: at });
}

export async function listEvents(db: Knex, duty: string): Promise<DutyEvent[]> {
  const rows: readonly EventRow[] = await db('duty_events').where({ duty }).orderBy('seq');
  return rows.map(({ event, day, at, actor, note, ...row }) => ({
    event,
    day,
    at,
    actor,
    dueDay: row.due_day,
    provisionalYears: JSON.parse(row.provisional_years),
    note,
  }));
}

function rowOf(duty: TimedDuty): Omit<DutyRow, 'seq' | 'announced_at'> {
  return {
    id: duty.id,
    kind: duty.kind,
    object: duty.object,
    owner: duty.owner,
    rule: duty.rule,
    profile: duty.profile,
    deadline: duty.deadline && JSON.stringify(duty.deadline),
    state: duty.state,
    opened_at: duty.openedAt,
    start_day: duty.startDay,
    due_day: duty.dueDay,
    provisional_years: JSON.stringify(duty.provisionalYears),
    pauses: JSON.stringify(duty.pauses),
    reminded_at: duty.remindedAt,
    overdue_at: duty.overdueAt,
    escalated_at: duty.escalatedAt,
    closed_at: duty.closedAt,
    outcome: duty.outcome,
    note: duty.note,
  };
}

function dutyOf(row: DutyRow): TimedDuty {
  return {
    id: row.id,
    kind: row.kind,
    object: row.object,
    owner: row.owner,
    rule: row.rule,
    profile: row.profile,
    deadline: row.deadline === null ? null : JSON.parse(row.deadline),
    state: row.state,
    openedAt: row.opened_at,
    startDay: row.start_day,
    dueDay: row.due_day,
    provisionalYears: JSON.parse(row.provisional_years),
    pauses: JSON.parse(row.pauses),
    remindedAt: row.reminded_at,
    overdueAt: row.overdue_at,
    escalatedAt: row.escalated_at,
    closedAt: row.closed_at,
    outcome: row.outcome,
    note: row.note,
  };
}
