import type { CatalogItem } from '@qianzhi/model';
import { canonicalizer } from '@qianzhi/rows';
import { instantText } from '@qianzhi/sql-kit';
import type { FilesSource } from '../config.js';
import { type CanonicalCheck, canonicalCheck } from './canonical-bytes.js';

/** How one item's values become row text. Spelling only: whether they fit is the validator's work. */
export interface Cell {
  /** Whether UTF-8 bytes of a value are its row text but for the escapes; undefined where they never are. */
  readonly asIs: CanonicalCheck | undefined;
  /** Canonical text of a value as the file spells it; null is NULL. */
  text(value: string, quoted: boolean): string | null;
  /** An empty value is NULL. */
  emptyIsNull(quoted: boolean): boolean;
  /** The text that stands for NULL where it is not quoted. */
  readonly nullText: string | undefined;
}

export function compileCell(item: CatalogItem, spec: FilesSource, zone: string): Cell {
  const isText = item.type === 'C' || item.type === 'M';
  const canonical = canonicalizer(item);
  const spell = spelling(item, canonical, zone);
  const { nullText } = spec;
  // an empty value is no number, date or truth value: there it can only mean NULL
  const emptyIsNull = (quoted: boolean) =>
    !isText || spec.emptyIsNull === 'always' || (spec.emptyIsNull === 'unquoted' && !quoted);
  return {
    asIs: isText && canonical === undefined ? () => true : canonicalCheck(item),
    nullText,
    emptyIsNull,
    text(value, quoted) {
      if (value === '' ? emptyIsNull(quoted) : !quoted && value === nullText) return null;
      if (isText) return canonical ? canonical(value) : value;
      const trimmed = value.trim();
      return trimmed === '' ? null : spell(trimmed);
    },
  };
}

function spelling(
  item: CatalogItem,
  canonical: ((text: string) => string) | undefined,
  zone: string,
): (text: string) => string {
  const same = canonical ?? ((text: string) => text);
  if (item.type === 'D') return (text) => same(yearFirst(text));
  if (item.type !== 'T') return same;
  if (!item.instant) return (text) => same(yearFirst(text));
  return (text) => {
    const written = same(yearFirst(text));
    if (written.endsWith('+00')) return written;
    const wall = canonicalizer({ ...item, instant: false })?.(yearFirst(text)) ?? text;
    return instantText(wall, zone) ?? written;
  };
}

const SEPARATED =
  /^(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?(?:[ T]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})秒?(\.\d+)?|分)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;
const COMPACT = /^(\d{4})(\d\d)(\d\d)(?:[ T]?(\d\d)(\d\d)(\d\d)?(\.\d+)?)?$/;

/**
 * Dates that begin with the year can be told whatever parts them: 2026/1/2, 2026年1月2日, 20260102, 20260102080000. Others are left
 * as they are and rejected: 01/02/2026 is two dates.
 */
export function yearFirst(text: string): string {
  const found = SEPARATED.exec(text) ?? COMPACT.exec(text);
  if (!found) return text;
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone = ''] = found;
  const date = `${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`;
  if (hour === undefined) return date;
  return `${date} ${hour.padStart(2, '0')}:${minute!.padStart(2, '0')}:${second.padStart(2, '0')}${fraction}${zone}`;
}
