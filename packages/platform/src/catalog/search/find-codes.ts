import type { Knex } from 'knex';
import { gramsOf, termsOf } from './search-text.js';

export interface CatalogFilter {
  readonly department?: string | undefined;
  readonly attribute?: string | undefined;
  readonly sharing?: string | undefined;
  /** Words, each of which must be found literally, in whatever case and width. */
  readonly text?: string | undefined;
  /** Code of the last resource of the page before. */
  readonly after?: string | undefined;
  /** All unless told. */
  readonly limit?: number | undefined;
}

/** A pair of characters that more resources have than this tells little. */
const FEW = 2000;
/** So many of the rarest pairs narrow the search; what is left is compared by its text. */
const NARROWING = 3;
/** Pairs of a text that are looked at: each costs a look at the index. */
const MOST_PAIRS = 30;

/** Codes in their order, at most `limit`. */
export async function findCodes(db: Knex, filter: CatalogFilter): Promise<readonly string[]> {
  const { department, attribute, sharing, text, after, limit } = filter;
  const rows = db('resources').select('code').orderBy('code');
  if (limit !== undefined) rows.limit(limit);
  if (after !== undefined) rows.where('code', '>', after);
  for (const [column, value] of Object.entries({ department, attribute, sharing })) {
    if (value !== undefined) rows.where(column, value);
  }
  if (text !== undefined) {
    const terms = termsOf(text);
    const pairs = await rarest(db, [...new Set(terms.flatMap((term) => [...gramsOf(term)]))]);
    const [first] = pairs;
    const having = (gram: string) => db('resource_grams').where({ gram }).select('code');
    // told by their codes: PostgreSQL takes few for many and would go through all resources in their order
    if (first && first.count < FEW) rows.whereIn('code', await having(first.gram).pluck('code'));
    else for (const { gram } of pairs.slice(0, NARROWING)) rows.whereIn('code', having(gram));
    for (const term of terms)
      rows.whereRaw("search like ? escape '!'", [`%${term.replace(/[!%_]/g, '!$&')}%`]);
  }
  return (await rows).map((row: { code: string }) => row.code);
}

interface CountedPair {
  readonly gram: string;
  /** Resources that have it, counted up to FEW. */
  readonly count: number;
}

/** In one statement: those that the fewest resources have come first. */
async function rarest(db: Knex, grams: readonly string[]): Promise<readonly CountedPair[]> {
  if (grams.length === 0) return [];
  const looked = grams.slice(0, MOST_PAIRS);
  const counts = looked.map((gram, place) => {
    const few = db('resource_grams').where({ gram }).select('gram').limit(FEW).as('few');
    return db
      .from(few)
      .select(db.raw(`${place} as place`))
      .count({ count: '*' });
  });
  const rows: readonly { place: number; count: number | string }[] = await db
    .queryBuilder()
    .unionAll(counts, true);
  return rows
    .map(({ place, count }) => ({ gram: looked[place]!, count: Number(count) }))
    .sort((a, b) => a.count - b.count);
}
