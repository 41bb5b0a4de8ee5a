import type { CatalogItem } from '@qianzhi/model';
import type { DeliverSpec } from '../protocol.js';
import type { OrderedRow } from './ordered-rows.js';

/** Gathered while rows are written. */
export interface GatheredNotes {
  readonly neutralised: Record<string, number>;
  privateUse: number;
  readonly asText: Set<string>;
  sheets?: number;
}

export interface SpellerOptions {
  readonly items: readonly CatalogItem[];
  /** Names of the columns as written, the op's first where changes are delivered. */
  readonly header: readonly string[];
  readonly changes: boolean;
  readonly encoding: DeliverSpec['encoding'];
  readonly notes: GatheredNotes;
}

/** How rows become bytes of a format that is written row by row. */
export interface RowSpeller {
  begin(): Uint8Array;
  rows(rows: readonly OrderedRow[]): Uint8Array;
}

/** The first column of changes: `U` a row that is new or another, `D` one that is gone, its key alone. */
export const CHANGE_COLUMN = { names: '变更', columns: '_change' } as const;

export function headerOf(items: readonly CatalogItem[], { header, changes }: DeliverSpec): string[] {
  const names = items.map((item) => (header === 'names' ? item.name : item.column));
  return changes ? [CHANGE_COLUMN[header], ...names] : names;
}
