import type { Knex } from 'knex';
import { gramsOf, termsOf } from './search-text.js';

export interface CatalogFilter {
  readonly department?: string | undefined;
  readonly attribute?: string | undefined;
  readonly sharing?: string | undefined;
  readonly kind?: string | undefined;
  readonly theme?: string | undefined;
  /** The digits it begins with: 类, 项, 目. */
  readonly classification?: string | undefined;
  /** `late`: pre-compiled, and the day of acceptance is past (R014). */
  readonly project?: 'pre-compiled' | 'registered' | 'late' | undefined;
  readonly withdrawn?: boolean | undefined;
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

/** Codes in their order, at most `limit`; `today` in Asia/Shanghai. */
export async function findCodes(db: Knex, filter: CatalogFilter, today: string): Promise<readonly string[]> {
  const { text, after, limit, classification, project, withdrawn } = filter;
  const { department, attribute, sharing, kind, theme } = filter;
  const rows = db('resources').select('code').orderBy('code');
  if (limit !== undefined) rows.limit(limit);
  if (after !== undefined) rows.where('code', '>', after);
  for (const [column, value] of Object.entries({ department, attribute, sharing, kind, theme })) {
    if (value !== undefined) rows.where(column, value);
  }
  if (classification !== undefined) rows.where('classification', 'like', `${classification}%`);
  if (project === 'late') rows.where({ project_stage: 'pre-compiled' }).where('acceptance_due', '<', today);
  else if (project !== undefined) rows.where({ project_stage: project });
  if (withdrawn !== undefined) {
    const gone = db('catalog_withdrawals').whereNull('lifted_at').select('code');
    if (withdrawn) rows.whereIn('code', gone);
    else rows.whereNotIn('code', gone);
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
  const rows: readonly { place: number; count: number | string }[] = await db.queryBuilder().unionAll(counts);
  return rows
    .map(({ place, count }) => ({ gram: looked[place]!, count: Number(count) }))
    .sort((a, b) => a.count - b.count);
}
