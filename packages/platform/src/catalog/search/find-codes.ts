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
    const pairs = await rarest(db, new Set(terms.flatMap((term) => [...gramsOf(term)])));
    if (pairs === undefined) return [];
    for (const gram of pairs) rows.whereIn('code', db('resource_grams').where({ gram }).select('code'));
    for (const term of terms)
      rows.whereRaw("search like ? escape '!'", [`%${term.replace(/[!%_]/g, '!$&')}%`]);
  }
  return (await rows).map((row: { code: string }) => row.code);
}

/** The pairs that the fewest resources have; undefined where one is in none at all. */
async function rarest(db: Knex, grams: ReadonlySet<string>): Promise<readonly string[] | undefined> {
  const counted: { readonly gram: string; readonly count: number }[] = [];
  for (const gram of grams) {
    const few = db('resource_grams').where({ gram }).select('gram').limit(FEW).as('few');
    const [row] = await db.from(few).count({ count: '*' });
    const count = Number(row?.count ?? 0);
    if (count === 0) return undefined;
    counted.push({ gram, count });
    if (count < FEW / 100) break;
  }
  const sorted = counted.toSorted((a, b) => a.count - b.count);
  const [first] = sorted;
  // one that few have leaves little to compare; the others would only cost their own look-up
  const narrow = first && first.count < FEW ? 1 : NARROWING;
  return sorted.slice(0, narrow).map(({ gram }) => gram);
}
