import type { ExchangeReportSchema } from '@qianzhi/model';
import type { Static } from '@qianzhi/model/schema';
import type { Knex } from 'knex';
import { remember } from '../database/remember.js';

export type ExchangeReport = Static<typeof ExchangeReportSchema>;

export interface AgentRow {
  readonly agent: string;
  readonly department: string;
  readonly state: 'invited' | 'enrolled' | 'revoked';
  /** Number of the live instance; 0 before the first claim. */
  readonly fence: number;
  readonly last_seen_at: string | null;
  /** JSON of its latest report. */
  readonly exchanges: string;
}

export async function findAgent(db: Knex, agent: string): Promise<AgentRow | undefined> {
  return remember(db, ['agents'], ['agent', agent], async () => db('agents').where({ agent }).first());
}

export async function listAgents(db: Knex, department?: string | null): Promise<readonly AgentRow[]> {
  const rows = db('agents').orderBy('agent');
  return department === undefined ? rows : rows.where({ department });
}

export async function insertInvited(trx: Knex.Transaction, agent: string, department: string): Promise<void> {
  const row = { agent, department, state: 'invited', fence: 0, exchanges: '[]' };
  await trx('agents').insert(row).onConflict('agent').ignore();
}

export async function setAgentState(
  trx: Knex.Transaction,
  agent: string,
  state: AgentRow['state'],
): Promise<void> {
  await trx('agents').where({ agent }).update({ state });
}

/** Answers the new fence; every older instance is refused from now on. */
export async function raiseFence(trx: Knex.Transaction, agent: string, instance: string): Promise<number> {
  await trx('agents').where({ agent }).increment('fence', 1).update({ instance });
  const row: { fence: number } = await trx('agents').where({ agent }).first('fence');
  return row.fence;
}

export async function setReport(db: Knex, agent: string, reports: readonly ExchangeReport[]): Promise<void> {
  await db('agents')
    .where({ agent })
    .update({ exchanges: JSON.stringify(reports) });
}

export async function setLastSeen(db: Knex, agent: string, at: string): Promise<void> {
  await db('agents').where({ agent }).update({ last_seen_at: at });
}
