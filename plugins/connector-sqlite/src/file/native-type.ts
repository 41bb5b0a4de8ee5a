import type { ItemType } from '@qianzhi/model';
import { affinityOf } from './table.js';

export interface NativeType {
  readonly type: ItemType | null;
  readonly length: number | null;
  readonly precision: number | null;
  readonly scale: number | null;
}

/** Declared words and the catalog type they mean; the first that fits. SQLite itself knows only the affinity. */
const words: readonly (readonly [RegExp, ItemType])[] = [
  [/^BOOL/, 'L'],
  [/^(DATETIME|TIMESTAMP)/, 'T'],
  [/^DATE/, 'D'],
  [/^(MONEY|CURRENCY)/, 'Y'],
  [/^(DEC|NUMERIC|NUMBER)/, 'N'],
  [/INT/, 'I'],
  [/^(TEXT|CLOB|MEMO|LONGTEXT|MEDIUMTEXT|NTEXT)/, 'M'],
  [/CHAR|CLOB|TEXT|STRING/, 'C'],
  [/BLOB|BINARY|IMAGE|BYTEA|RAW/, 'G'],
  [/^(FLOAT|SINGLE)/, 'F'],
  [/REAL|DOUB|FLOA/, 'B'],
];

/**
 * The catalog type that a declared column type means. A column without one may hold anything: null.
 * `VARCHAR(20)` is C of length 20, `DECIMAL(10,2)` N with precision and scale.
 */
export function nativeType(declared: string): NativeType {
  const upper = declared.trim().toUpperCase();
  const type =
    upper === '' || upper === 'ANY'
      ? null
      : (words.find(([word]) => word.test(upper))?.[1] ?? fromAffinity(upper));
  const sizes = /\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)/.exec(upper);
  const first = sizes ? Number(sizes[1]) : null;
  const decimal = type === 'N' || type === 'Y';
  return {
    type,
    length: type === 'C' || type === 'G' ? first || null : null,
    precision: decimal ? first : null,
    scale: decimal && first !== null ? Number(sizes?.[2] ?? 0) : null,
  };
}

function fromAffinity(declared: string): ItemType | null {
  const affinity = affinityOf(declared);
  if (affinity === 'TEXT') return 'M';
  if (affinity === 'REAL') return 'B';
  return affinity === 'INTEGER' ? 'I' : null;
}

const sources: Readonly<Record<ItemType, string>> = {
  C: 'CMDTLINYBF',
  M: 'CMDTLINYBF',
  I: 'INYBFCML',
  N: 'INYBFCM',
  Y: 'INYBFCM',
  B: 'INYBFCM',
  F: 'INYBFCM',
  D: 'DTCM',
  T: 'DTCM',
  L: 'LICMN',
  G: 'G',
};

/** Whether a column of this native type can hold values of the item's type. Numbers hold dates only where the source says so. */
export function fits(item: ItemType, declared: string, datesAsNumbers: boolean): boolean {
  const native = nativeType(declared).type;
  if (native === null) return true;
  if ((item === 'D' || item === 'T') && datesAsNumbers) return 'INBFYDT'.includes(native);
  return sources[item].includes(native);
}
