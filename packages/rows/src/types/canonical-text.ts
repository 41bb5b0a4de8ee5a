import type { CatalogItem } from '@qianzhi/model';

/** What `canonicalText` needs of an item. */
export type TypedItem = Pick<
  CatalogItem,
  'type' | 'length' | 'precision' | 'scale' | 'fixedLength' | 'instant' | 'allow'
>;

/**
 * The catalog's canonical text for a value as a driver prints it: decimals padded to scale, trailing zero
 * fractions trimmed, trailing blanks of fixed-length char removed, `T` between date and time, `true`/`1`, exponents,
 * signs and leading zeros rewritten, binary as `\x` and lower hex. It changes the spelling only: a text that would lose something (more
 * digits than the scale, a time of day on a date, a zone on a wall-clock item) is answered unchanged, so that
 * the validator rejects it.
 */
export function canonicalText(item: TypedItem, text: string): string {
  return canonicalizer(item)?.(text) ?? text;
}

/** `canonicalText` for one item, decided once; undefined when every text of the type stays as it is. */
export function canonicalizer(item: TypedItem): ((text: string) => string) | undefined {
  switch (item.type) {
    case 'C':
      return item.fixedLength ? (text) => text.replace(/ +$/, '') : undefined;
    case 'M':
      return undefined;
    case 'N':
    case 'Y':
      return (text) => canonicalDecimal(text, item.scale);
    case 'I':
      return (text) => canonicalDecimal(text, 0);
    case 'B':
    case 'F':
      return canonicalFloat;
    case 'D':
      return canonicalDate;
    case 'T':
      return item.instant ? canonicalInstant : canonicalTimestamp;
    case 'L':
      return (text) => booleans[text.toLowerCase()] ?? text;
    case 'G':
      return (text) =>
        text.replace(/^(\\x|0x)([0-9a-f]*)$/i, (_, _mark, hex: string) => `\\x${hex.toLowerCase()}`);
  }
}

const booleans: Readonly<Record<string, string>> = {
  true: 't',
  t: 't',
  '1': 't',
  false: 'f',
  f: 'f',
  '0': 'f',
};
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Exact: digits are moved, padded and stripped of zeros, never rounded. */
function canonicalDecimal(text: string, scale: number | undefined): string {
  const found = NUMBER.exec(text);
  if (!found || !(found[2] || found[3])) return canonicalSpecial(text);
  let whole = found[2]!;
  let fraction = found[3] ?? '';
  const exponent = Number(found[4] ?? 0);
  if (exponent > 0) {
    whole += fraction.slice(0, exponent).padEnd(exponent, '0');
    fraction = fraction.slice(exponent);
  } else if (exponent < 0) {
    const padded = whole.padStart(-exponent, '0');
    fraction = padded.slice(padded.length + exponent) + fraction;
    whole = padded.slice(0, padded.length + exponent);
  }
  whole = whole.replace(/^0+(?=\d)/, '') || '0';
  if (scale !== undefined) fraction = fraction.slice(0, scale) + fraction.slice(scale).replace(/0+$/, '');
  const digits = scale === undefined ? fraction : fraction.padEnd(scale, '0');
  const sign = found[1] === '-' && /[1-9]/.test(whole + digits) ? '-' : '';
  return sign + whole + (digits === '' ? '' : `.${digits}`);
}

/** Digits a printed double has at most; a longer text is a decimal that a double would change. */
const DOUBLE_DIGITS = 17;

function canonicalFloat(text: string): string {
  const found = NUMBER.exec(text);
  if (!found || !(found[2] || found[3])) return canonicalSpecial(text);
  const significant = (found[2]! + (found[3] ?? '')).replace(/^0+/, '').replace(/0+$/, '');
  const value = Number(text);
  if (significant.length > DOUBLE_DIGITS || !Number.isFinite(value)) return text;
  return Object.is(value, -0) ? '-0' : String(value);
}

function canonicalSpecial(text: string): string {
  const found = /^([+-]?)(nan|inf|infinity)$/i.exec(text);
  if (!found) return text;
  return found[2]!.toLowerCase() === 'nan' ? 'NaN' : `${found[1] === '-' ? '-' : ''}Infinity`;
}

function canonicalDate(text: string): string {
  // a date column that also holds a time of day keeps it, and is rejected, unless it is midnight
  return text
    .replace(/^(\d{4}-\d\d-\d\d)[ T]00:00(?::00(?:\.0+)?)?$/, '$1')
    .replace(/^[+-]?infinity$/i, lowerInfinity);
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?)?$/;

function canonicalTimestamp(text: string): string {
  const found = TIME.exec(text);
  if (!found) return text.replace(/^[+-]?infinity$/i, lowerInfinity);
  const fraction = (found[4] ?? '').replace(/0+$/, '');
  return `${found[1]} ${found[2] ?? '00:00'}:${found[3] ?? '00'}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Only a text that says UTC is an instant: which zone another one means is for its source to know. */
function canonicalInstant(text: string): string {
  const found = /^(.*?) ?(?:Z|UTC|[+-]00(?::?00)?)$/.exec(text);
  if (!found || !TIME.test(found[1]!)) return text.replace(/^[+-]?infinity$/i, lowerInfinity);
  return `${canonicalTimestamp(found[1]!)}+00`;
}

function lowerInfinity(text: string): string {
  return text.startsWith('-') ? '-infinity' : 'infinity';
}
