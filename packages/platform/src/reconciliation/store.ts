import type { Knex } from 'knex';

export interface SessionRow {
  readonly id: string;
  readonly resource: string;
  readonly agreement: string;
  readonly grant_version: number;
  /** Agents. */
  readonly provider: string;
  readonly consumer: string;
  readonly provider_department: string;
  readonly consumer_department: string;
  /** 0 and 1 in SQLite. */
  readonly repair: boolean | number;
  readonly state: 'open' | 'done' | 'failed';
  readonly failed_agent: string | null;
  readonly failed_code: string | null;
  readonly opened_at: string;
  readonly touched_at: string;
  readonly ended_at: string | null;
  /** Messages each has left so far. */
  readonly provider_sent: number;
  readonly consumer_sent: number;
  /** Signed documents. */
  readonly provider_report: string | null;
  readonly consumer_report: string | null;
}

export type NewSession = Pick<
  SessionRow,
  | 'id'
  | 'resource'
  | 'agreement'
  | 'grant_version'
  | 'provider'
  | 'consumer'
  | 'provider_department'
  | 'consumer_department'
  | 'repair'
  | 'opened_at'
>;

export async function insertSession(trx: Knex.Transaction, row: NewSession): Promise<SessionRow> {
  const session = { ...row, state: 'open' as const, touched_at: row.opened_at };
  await trx('reconcile_sessions').insert(session);
  return (await findSession(trx, row.id))!;
}

export async function findSession(db: Knex, id: string): Promise<SessionRow | undefined> {
  return db('reconcile_sessions').where({ id }).first();
}

/** The one under way, unless the agent has done its part: what that one found is of before. */
export async function openSessionOf(
  db: Knex,
  agreement: string,
  agent: string,
): Promise<SessionRow | undefined> {
  const rows: readonly SessionRow[] = await db('reconcile_sessions').where({ agreement, state: 'open' });
  return rows.find((row) => (agent === row.provider ? row.provider_report : row.consumer_report) === null);
}

export async function openSessionsWith(db: Knex, agent: string): Promise<readonly SessionRow[]> {
  return db('reconcile_sessions')
    .where({ state: 'open' })
    .where((own) => own.where({ provider: agent }).orWhere({ consumer: agent }))
    .orderBy('opened_at');
}

export async function silentSessions(db: Knex, before: string): Promise<readonly SessionRow[]> {
  return db('reconcile_sessions').where({ state: 'open' }).where('touched_at', '<', before);
}

export async function updateSession(trx: Knex, id: string, change: Partial<SessionRow>): Promise<void> {
  await trx('reconcile_sessions').where({ id }).update(change);
}

/** Newest first. */
export async function listSessions(
  db: Knex,
  filter: {
    readonly resource?: string | undefined;
    readonly department: string | null | undefined;
    readonly limit: number;
  },
): Promise<readonly SessionRow[]> {
  const { resource, department, limit } = filter;
  const query = db('reconcile_sessions').orderBy('opened_at', 'desc').limit(limit);
  if (resource !== undefined) query.where({ resource });
  if (department !== undefined) {
    query.where((own) =>
      own.where({ provider_department: department }).orWhere({ consumer_department: department }),
    );
  }
  return query;
}

export async function putMessage(
  trx: Knex,
  message: {
    readonly session: string;
    readonly sender: string;
    readonly seq: number;
    readonly payload: string;
  },
): Promise<void> {
  await trx('reconcile_messages').insert(message).onConflict(['session', 'sender', 'seq']).ignore();
}

export async function findMessage(
  db: Knex,
  session: string,
  sender: string,
  seq: number,
): Promise<string | undefined> {
  const row = await db('reconcile_messages').where({ session, sender, seq }).first('payload');
  return row?.payload;
}

export async function dropMessages(db: Knex, session: string, sender?: string, before?: number) {
  const query = db('reconcile_messages').where(sender === undefined ? { session } : { session, sender });
  if (before !== undefined) query.where('seq', '<', before);
  await query.delete();
}

export async function countMessages(db: Knex, session: string, sender: string): Promise<number> {
  const row = await db('reconcile_messages').where({ session, sender }).count({ count: '*' }).first();
  return Number(row?.count ?? 0);
}

/** Who applied what the agreement delivers: the issuer of its newest receipt. */
export async function applierOf(db: Knex, agreement: string): Promise<string | undefined> {
  const row = await db('receipts')
    .where({ agreement, stage: 'applied' })
    .orderBy('position', 'desc')
    .first('issuer');
  return row?.issuer;
}
