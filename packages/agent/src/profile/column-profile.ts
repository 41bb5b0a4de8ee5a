import { checkIdentifier, type IdentifierScheme } from '@qianzhi/model';

/** What a sample says of one column: counts, and of few different short values the values themselves. */
export interface ColumnProfile {
  readonly rows: number;
  readonly nulls: number;
  /** Texts of length 0, apart from null. */
  readonly empty: number;
  /** In characters, over values that are not null; null where there are none. */
  readonly minLength: number | null;
  readonly maxLength: number | null;
  /** Different values; above `MANY` no more are counted and `distinctAtLeast` says so. */
  readonly distinct: number;
  readonly distinctAtLeast: boolean;
  /** Values that pass each check, of those that are not null. */
  readonly valid: Readonly<Record<IdentifierScheme | 'mobile', number>>;
  /** The different values with how often they occur, where they are few and short enough to be codes. Never shown else. */
  readonly codes: ReadonlyMap<string, number> | undefined;
}

/** Different values counted per column at most, so that memory stays flat. */
const MANY = 10_000;
const MOST_CODES = 30;
const LONGEST_CODE = 20;

const schemes = ['citizenId', 'uscc', 'regNo', 'orgCode'] as const satisfies readonly IdentifierScheme[];
const mobile = /^(?:\+?86[- ]?)?1[3-9]\d{9}$/;

/** Counts values of one column, one after the other. */
export interface ColumnCounter {
  add(value: string | null): void;
  result(): ColumnProfile;
}

export function countColumn(): ColumnCounter {
  let rows = 0;
  let nulls = 0;
  let empty = 0;
  let minLength: number | null = null;
  let maxLength: number | null = null;
  const seen = new Set<string>();
  let atLeast = false;
  let codes: Map<string, number> | undefined = new Map();
  const valid = { citizenId: 0, uscc: 0, regNo: 0, orgCode: 0, mobile: 0 };

  function countCode(value: string): void {
    if (!codes) return;
    codes.set(value, (codes.get(value) ?? 0) + 1);
    if (codes.size > MOST_CODES || value.length > LONGEST_CODE) codes = undefined;
  }

  return {
    add(value) {
      rows++;
      if (value === null) {
        nulls++;
        return;
      }
      const length = [...value].length;
      if (length === 0) empty++;
      minLength = Math.min(minLength ?? length, length);
      maxLength = Math.max(maxLength ?? length, length);
      if (seen.size < MANY) seen.add(value);
      else atLeast ||= !seen.has(value);
      countCode(value);
      for (const scheme of schemes) if (checkIdentifier(scheme, value)) valid[scheme]++;
      if (mobile.test(value)) valid.mobile++;
    },
    result: () => ({
      rows,
      nulls,
      empty,
      minLength,
      maxLength,
      distinct: seen.size,
      distinctAtLeast: atLeast,
      valid: { ...valid },
      codes,
    }),
  };
}
