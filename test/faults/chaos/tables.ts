import type { CatalogItem } from '@qianzhi/model';

export type Kind = 'postgres' | 'mariadb' | 'sqlite';
export type Strategy = 'snapshot' | 'watermark' | 'flag' | 'change-table' | 'diff' | 'log';

/** One table of a legacy program, the resource it feeds, and how it is read. */
export interface ChaosTable {
  /** Table and resource. */
  readonly code: string;
  readonly kind: Kind;
  readonly strategy: Strategy;
  /** Whether the strategy sees rows that are gone, under which deletes, changed keys and emptied tables happen. */
  readonly seesDeletes: boolean;
}

const table = (code: string, kind: Kind, strategy: Strategy): ChaosTable => ({
  code,
  kind,
  strategy,
  seesDeletes: strategy !== 'watermark' && strategy !== 'flag',
});

export const tables: readonly ChaosTable[] = [
  table('pg_snapshot', 'postgres', 'snapshot'),
  table('pg_watermark', 'postgres', 'watermark'),
  table('pg_flag', 'postgres', 'flag'),
  table('pg_change', 'postgres', 'change-table'),
  table('pg_diff', 'postgres', 'diff'),
  table('pg_log', 'postgres', 'log'),
  table('my_change', 'mariadb', 'change-table'),
  table('my_watermark', 'mariadb', 'watermark'),
  table('lt_change', 'sqlite', 'change-table'),
  table('lt_diff', 'sqlite', 'diff'),
  // on one slot with the other one
  table('pg_log_more', 'postgres', 'log'),
];

/** What is exchanged of each table; its columns are called as its items. */
export const items: readonly Partial<CatalogItem>[] = [
  { column: 'code', length: 40 },
  { column: 'name', length: 200 },
  { column: 'amount', type: 'N', length: undefined, precision: 30, scale: 6 },
  { column: 'big', type: 'I', length: undefined },
  { column: 'at', type: 'T', length: undefined },
  { column: 'memo', type: 'M', length: undefined },
];

export const itemColumns = items.map(({ column }) => column!);
/** What one of the consumers is granted: the platform projects it. */
export const someColumns = ['code', 'name', 'big', 'at'];

/** Columns of a consumer, and where it keeps each table: every kind of target is met by every strategy of some consumer. */
export interface Consumer {
  readonly name: 'sw' | 'rs';
  readonly columns: readonly string[];
  readonly kindOf: (table: ChaosTable) => Kind;
}

const kinds: readonly Kind[] = ['postgres', 'mariadb', 'sqlite'];
const turned = (by: number) => (of: ChaosTable) => kinds[(tables.indexOf(of) + by) % kinds.length]!;

export const consumers: readonly Consumer[] = [
  { name: 'sw', columns: itemColumns, kindOf: turned(0) },
  { name: 'rs', columns: someColumns, kindOf: turned(1) },
];
