import type { CatalogItem } from '@qianzhi/model';

/** Whether bytes are an item's canonical text already: most files spell their values so, and then no text is made of them. */
export type CanonicalCheck = (data: Uint8Array, start: number, end: number) => boolean;

const MINUS = 45;
const POINT = 46;
const ZERO = 48;

/** Undefined for types whose values are always spelled anew. A false answer says nothing: the value is spelled anew then. */
export function canonicalCheck({ type, scale, instant }: CatalogItem): CanonicalCheck | undefined {
  switch (type) {
    case 'I':
      return (data, start, end) => isDecimal(data, start, end, 0);
    case 'N':
    case 'Y':
      return scale === undefined ? undefined : (data, start, end) => isDecimal(data, start, end, scale);
    case 'D':
      return (data, start, end) => end - start === 10 && isDate(data, start);
    case 'T':
      return instant ? undefined : isTime;
    case 'L':
      return (data, start, end) => end - start === 1 && (data[start] === 0x74 || data[start] === 0x66);
    default:
      return undefined;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= 57;
}

function areDigits(data: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isDigit(data[at])) return false;
  return true;
}

/** No sign before a zero, no zero before the first digit, exactly `scale` digits behind the point. */
function isDecimal(data: Uint8Array, start: number, end: number, scale: number): boolean {
  const negative = data[start] === MINUS;
  const first = negative ? start + 1 : start;
  const point = scale > 0 ? end - scale - 1 : end;
  if (first >= point) return false;
  if (data[first] === ZERO && (negative || point - first > 1)) return false;
  if (scale > 0 && (data[point] !== POINT || !areDigits(data, point + 1, end))) return false;
  return areDigits(data, first, point);
}

function isDate(data: Uint8Array, at: number): boolean {
  return (
    data[at + 4] === MINUS &&
    data[at + 7] === MINUS &&
    areDigits(data, at, at + 4) &&
    areDigits(data, at + 5, at + 7) &&
    areDigits(data, at + 8, at + 10)
  );
}

function isTime(data: Uint8Array, at: number, end: number): boolean {
  if (end - at < 19 || !isDate(data, at)) return false;
  if (data[at + 10] !== 32 || data[at + 13] !== 58 || data[at + 16] !== 58) return false;
  if (
    !areDigits(data, at + 11, at + 13) ||
    !areDigits(data, at + 14, at + 16) ||
    !areDigits(data, at + 17, at + 19)
  ) {
    return false;
  }
  return (
    end - at === 19 ||
    (data[at + 19] === POINT && end - at > 20 && data[end - 1] !== ZERO && areDigits(data, at + 20, end))
  );
}
