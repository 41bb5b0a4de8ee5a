import type {
  CatalogDraft,
  CatalogEntry,
  CatalogResource,
  CatalogState,
  CatalogStepTaken,
  LiveAgreements,
  Withdrawal,
} from '@qianzhi/model';
import type { Knex } from 'knex';

/** A change on its way or at its end, as it is stored. */
export interface Draft {
  readonly id: string;
  readonly code: string;
  readonly department: string;
  readonly change: CatalogDraft['change'];
  readonly state: CatalogState;
  readonly resource: CatalogResource | null;
  readonly withdrawal: Withdrawal | null;
}

interface DraftRow extends Omit<Draft, 'resource' | 'withdrawal'> {
  readonly document: string;
}

const ended: readonly CatalogState[] = ['published', 'withdrawn', 'discarded'];

/** The department that is to be responsible for the entry, where the change is that it is another. */
export function receiverOf({
  resource,
  department,
}: Pick<Draft, 'resource' | 'department'>): string | undefined {
  return resource && resource.department !== department ? resource.department : undefined;
}

export const isOpen = ({ state }: Draft) => !ended.includes(state);

/** The latest change of a code, on its way or ended. */
export async function latestDraft(db: Knex, code: string): Promise<Draft | undefined> {
  const row: DraftRow | undefined = await db('catalog_drafts').where({ code }).orderBy('seq', 'desc').first();
  return row && draftOf(row);
}

/** Those on their way, or those of one state, oldest first. */
export async function listDrafts(db: Knex, state: CatalogState | undefined): Promise<readonly Draft[]> {
  const rows = db('catalog_drafts').orderBy('seq');
  return (await (state === undefined ? rows.whereNotIn('state', ended) : rows.where({ state }))).map(draftOf);
}

export async function insertDraft(trx: Knex.Transaction, draft: Draft): Promise<void> {
  const { id, code, department, change, state } = draft;
  await trx('catalog_drafts').insert({ id, code, department, change, state, document: documentOf(draft) });
}

export async function updateDraft(trx: Knex.Transaction, draft: Draft): Promise<void> {
  const { id, department, state } = draft;
  await trx('catalog_drafts')
    .where({ id })
    .update({ department, state, document: documentOf(draft) });
}

export async function insertStep(
  trx: Knex.Transaction,
  draft: string,
  step: CatalogStepTaken,
): Promise<void> {
  await trx('catalog_steps').insert({ draft, ...step });
}

/** Oldest first. */
export async function stepsOf(db: Knex, draft: string): Promise<CatalogStepTaken[]> {
  return db('catalog_steps')
    .where({ draft })
    .orderBy('seq')
    .select('step', 'state', 'by', 'department', 'at', 'note');
}

export interface WithdrawalRow {
  readonly code: string;
  readonly reason: string;
  readonly live_agreements: LiveAgreements;
  readonly withdrawn_at: string;
}

/** As it is shown with the entry. */
export function withdrawalFrom(row: WithdrawalRow | undefined): CatalogEntry['withdrawn'] {
  if (!row) return null;
  return { reason: row.reason, liveAgreements: row.live_agreements, withdrawnAt: row.withdrawn_at };
}

/** The withdrawal in force. */
export async function withdrawalOf(db: Knex, code: string): Promise<Withdrawal | undefined> {
  const row: { reason: string; live_agreements: LiveAgreements } | undefined = await db('catalog_withdrawals')
    .where({ code, lifted_at: null })
    .first();
  return row && { reason: row.reason, liveAgreements: row.live_agreements };
}

export async function insertWithdrawal(
  trx: Knex.Transaction,
  code: string,
  { reason, liveAgreements }: Withdrawal,
  { by, at }: { readonly by: string; readonly at: string },
): Promise<void> {
  const row = { code, reason, live_agreements: liveAgreements, withdrawn_by: by, withdrawn_at: at };
  await trx('catalog_withdrawals').insert(row);
}

/** Whether there was one to lift. */
export async function liftWithdrawal(trx: Knex.Transaction, code: string, at: string): Promise<boolean> {
  return (await trx('catalog_withdrawals').where({ code, lifted_at: null }).update({ lifted_at: at })) > 0;
}

function documentOf({ resource, withdrawal }: Draft): string {
  return JSON.stringify(resource ?? withdrawal);
}

function draftOf({ id, code, department, change, state, document }: DraftRow): Draft {
  const content: unknown = JSON.parse(document);
  return {
    id,
    code,
    department,
    change,
    state,
    resource: change === 'publish' ? (content as CatalogResource) : null,
    withdrawal: change === 'withdraw' ? (content as Withdrawal) : null,
  };
}
