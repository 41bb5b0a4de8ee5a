import type { MatterEventAct, MatterStage, PolicyProfile, Refusal } from '@qianzhi/model';
import type { Knex } from 'knex';

/** Which of its deadlines the profile sets for a reply. */
export type ReplyDeadline = keyof PolicyProfile['replyDays'];

/** One application on its way from reply to ruling; an agreement that is extended has several, the newest counts. */
export interface MatterRow {
  readonly id: string;
  /** What is decided on: an agreement, or a request for what is in no catalog. */
  readonly agreement: string;
  /** `seq` of the application it is about; changes when it is completed. */
  readonly application: number;
  /** Null for a request that no department has been given yet. */
  readonly provider: string | null;
  readonly consumer: string;
  readonly stage: MatterStage;
  /** Policy profile it is judged by: the one in force when it began. */
  readonly profile: string;
  /** Digest of its text then; null where it began before that was kept. */
  readonly policy: string | null;
  /** Which deadline its reply has, once that is owed. */
  readonly asked: ReplyDeadline;
  /** Who decides, since the reply is owed; null before, and where the profile names nobody. */
  readonly approver: PolicyProfile['approver'];
  /** Asks for what is not shared (R138): a ruling decides, nobody else. */
  readonly restricted: boolean;
  /** Only a competent department may agree: a mode needs its consent (R035). */
  readonly consent: boolean;
  /** Basis of each item that names one (R067). */
  readonly itemBasis: Readonly<Record<string, string>>;
  /** Why duty requires what is not shared (R138). */
  readonly need: string | null;
  readonly refusal: Refusal | null;
  /** What the provider thinks, where the competent department decides with it. */
  readonly opinion: 'agrees' | 'objects' | null;
  /** The duty whose clock runs at this stage. */
  readonly duty: string | null;
  /** What the provider owes since it was agreed to: the data; of a request the catalog entry. */
  readonly supplyDuty: string | null;
  readonly filingDuty: string | null;
  /** Digest of the confidentiality agreement that was signed (R077). */
  readonly confidentiality: string | null;
  readonly beganAt: string;
}

export interface MatterEvent {
  readonly at: string;
  readonly actor: string;
  readonly act: MatterEventAct;
  readonly stage: MatterStage;
  readonly text: string;
}

/** Where matters of one kind lie. */
export interface MatterTables {
  readonly matters: string;
  readonly events: string;
  /** The column that names what is decided on. */
  readonly subject: string;
}

export const agreementMatters: MatterTables = {
  matters: 'matters',
  events: 'matter_events',
  subject: 'agreement',
};

const columns = {
  itemBasis: 'item_basis',
  supplyDuty: 'supply_duty',
  filingDuty: 'filing_duty',
  beganAt: 'began_at',
} as const;

/** As the database has it: flags as 0 and 1, objects as JSON text. */
interface StoredMatter
  extends Omit<
    MatterRow,
    'restricted' | 'consent' | 'itemBasis' | 'refusal' | 'supplyDuty' | 'filingDuty' | 'beganAt'
  > {
  readonly seq: number;
  readonly restricted: number;
  readonly consent: number;
  readonly item_basis: string;
  readonly refusal: string | null;
  readonly supply_duty: string | null;
  readonly filing_duty: string | null;
  readonly began_at: string;
}

function toRow(matter: Partial<MatterRow>, { subject }: MatterTables): Record<string, unknown> {
  const named: Readonly<Record<string, string>> = { ...columns, agreement: subject };
  return Object.fromEntries(
    Object.entries(matter).map(([name, value]) => [
      named[name] ?? name,
      typeof value === 'boolean'
        ? Number(value)
        : value !== null && typeof value === 'object'
          ? JSON.stringify(value)
          : value,
    ]),
  );
}

function fromRow(row: StoredMatter, { subject } = agreementMatters): MatterRow {
  const {
    item_basis,
    supply_duty,
    filing_duty,
    began_at,
    seq: _,
    [subject as 'agreement']: agreement,
    ...same
  } = row;
  return {
    ...same,
    agreement,
    restricted: row.restricted === 1,
    consent: row.consent === 1,
    itemBasis: JSON.parse(item_basis),
    refusal: row.refusal === null ? null : JSON.parse(row.refusal),
    supplyDuty: supply_duty,
    filingDuty: filing_duty,
    beganAt: began_at,
  };
}

/** The newest matter of an agreement or request. */
export async function latestMatter(
  db: Knex,
  id: string,
  tables = agreementMatters,
): Promise<MatterRow | undefined> {
  const { matters, subject } = tables;
  const row = await db(matters)
    .where({ [subject]: id })
    .orderBy('seq', 'desc')
    .first();
  return row && fromRow(row, tables);
}

/** The newest matter of each of these that has one. */
export async function latestMatters(
  db: Knex,
  ids: readonly string[],
  tables = agreementMatters,
): Promise<ReadonlyMap<string, MatterRow>> {
  const { matters, subject } = tables;
  const newest = db(matters).max('seq').whereIn(subject, ids).groupBy(subject);
  const rows = (await db(matters).whereIn('seq', newest)).map((row) => fromRow(row, tables));
  return new Map(rows.map((matter) => [matter.agreement, matter]));
}

export async function insertMatter(
  trx: Knex.Transaction,
  matter: MatterRow,
  tables = agreementMatters,
): Promise<void> {
  await trx(tables.matters).insert(toRow(matter, tables));
}

/** Changes a matter that still stands where it was seen, with the application that was seen; false when someone else was faster. */
export async function changeMatter(
  trx: Knex.Transaction,
  { id, stage, application }: Pick<MatterRow, 'id' | 'stage' | 'application'>,
  change: Partial<MatterRow>,
  tables = agreementMatters,
): Promise<boolean> {
  const stands = trx(tables.matters).where({ id, stage, application });
  return (await stands.update(toRow(change, tables))) === 1;
}

/** Matters whose supply is still owed. */
export async function unsuppliedMatters(db: Knex): Promise<readonly MatterRow[]> {
  return (await db('matters').whereNotNull('supply_duty').orderBy('seq')).map((row) => fromRow(row));
}

/** The matter of an agreement that waits to be taken on file (R076). */
export async function findFiling(db: Knex, agreement: string): Promise<MatterRow | undefined> {
  const row = await db('matters').where({ agreement }).whereNotNull('filing_duty').orderBy('seq').first();
  return row && fromRow(row);
}

/** Takes the duties that run for an agreement, every one unless told, from all its matters, and answers them: they are to be closed. */
export async function takeDuties(
  trx: Knex.Transaction,
  agreement: string,
  which: readonly ('duty' | 'supply_duty' | 'filing_duty')[] = ['duty', 'supply_duty', 'filing_duty'],
): Promise<readonly string[]> {
  const rows: readonly Record<string, string | null>[] = await trx('matters')
    .where({ agreement })
    .orderBy('seq')
    .select(...which);
  await trx('matters')
    .where({ agreement })
    .update(Object.fromEntries(which.map((column) => [column, null])));
  return rows.flatMap((row) => Object.values(row)).filter((id) => id !== null);
}

export async function insertMatterEvent(
  trx: Knex.Transaction,
  matter: string,
  { at, actor, act, stage, text }: MatterEvent,
  { events } = agreementMatters,
): Promise<void> {
  await trx(events).insert({ matter, at, actor, act, stage, text });
}

/** Oldest first. */
export async function matterEvents(
  db: Knex,
  matter: string,
  { events } = agreementMatters,
): Promise<readonly MatterEvent[]> {
  const rows = await db(events).where({ matter }).orderBy('seq');
  return rows.map(({ at, actor, act, stage, text }) => ({ at, actor, act, stage, text }));
}

/** Of all matters of an agreement or request, oldest first. */
export async function wholeStory(
  db: Knex,
  id: string,
  { matters, events, subject } = agreementMatters,
): Promise<readonly MatterEvent[]> {
  return db(events)
    .join(matters, `${matters}.id`, `${events}.matter`)
    .where(`${matters}.${subject}`, id)
    .orderBy(`${events}.seq`)
    .select(eventColumns(events));
}

const eventColumns = (events: string) =>
  ['at', 'actor', 'act', 'stage', 'text'].map((column) => `${events}.${column}`);

export interface PublishedEvent extends MatterEvent, Pick<MatterRow, 'agreement' | 'consumer'> {
  /** A department has it by then. */
  readonly provider: string;
}

/** What is public of negotiations and rulings (R071, R073), newest first. */
export async function publishedEvents(
  db: Knex,
  acts: readonly MatterEventAct[],
  limit: number,
  { matters, events, subject } = agreementMatters,
): Promise<readonly PublishedEvent[]> {
  return db(events)
    .join(matters, `${matters}.id`, `${events}.matter`)
    .whereIn('act', acts)
    .orderBy(`${events}.seq`, 'desc')
    .limit(limit)
    .select(
      ...eventColumns(events),
      `${matters}.${subject} as agreement`,
      `${matters}.provider`,
      `${matters}.consumer`,
    );
}
