import type { Knex } from 'knex';

/** Tables that are read with every request and written to when a person decides something. */
export type SlowTable =
  | 'agents'
  | 'grants'
  | 'resource_revisions'
  | 'secrecy_reviews'
  | 'supply_duties'
  | 'supply_waivers';

const slow: ReadonlySet<string> = new Set<SlowTable>([
  'agents',
  'grants',
  'resource_revisions',
  'secrecy_reviews',
  'supply_duties',
  'supply_waivers',
]);

interface Memory {
  readonly answers: Map<string, unknown>;
  /** Rises with every write: what was read before one is not kept after it. */
  writes: number;
}

/** By the settings of a database, which its transactions share. */
const memories = new WeakMap<object, Memory>();
const MOST_ANSWERS = 1000;
const WRITTEN = /^\s*(?:insert\s+into|update|delete\s+from)\s+[`"]?(\w+)/i;

/** From now on answers about this database are kept: it has one connection, and whatever is written goes through it. */
export function rememberReads({ client }: Knex): void {
  memories.set(client.config, { answers: new Map(), writes: 0 });
}

/** To be told of every statement before it is run. */
export function forgetWritten(config: object, sql: string): void {
  const memory = memories.get(config);
  const table = memory && WRITTEN.exec(sql)?.[1]?.toLowerCase();
  if (!memory || table === undefined || !slow.has(table)) return;
  memory.writes++;
  for (const key of memory.answers.keys()) {
    if (tablesOf(key).includes(table)) memory.answers.delete(key);
  }
}

/**
 * What `load` answers of these tables, until one of them is written to. Whoever reads while a transaction is under way waits for
 * its end, and a write is known before it is made: so nothing is answered that a committed write has changed. The answer is shared:
 * nobody may change it. Inside a transaction, and where others may write to the database, it is loaded each time.
 */
export async function remember<T>(
  db: Knex,
  tables: readonly SlowTable[],
  question: readonly unknown[],
  load: () => Promise<T>,
): Promise<T> {
  const memory = db.isTransaction ? undefined : memories.get(db.client.config);
  if (!memory) return load();
  const key = JSON.stringify([tables, question]);
  if (memory.answers.has(key)) return memory.answers.get(key) as T;
  const { writes } = memory;
  const answer = await load();
  if (memory.writes !== writes) return answer;
  if (memory.answers.size >= MOST_ANSWERS) memory.answers.clear();
  memory.answers.set(key, answer);
  return answer;
}

function tablesOf(key: string): readonly string[] {
  return (JSON.parse(key) as [readonly string[], unknown])[0];
}
