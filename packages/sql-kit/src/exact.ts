import { canonicalText } from '@qianzhi/rows';
import type { Unwritable, ValueRule } from './rewrite-rows.js';

/** A value that the column would change beyond recall. */
export const notExact: Unwritable = { reason: 'not-exact' };
export const tooLong: Unwritable = { reason: 'too-long' };

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** A number for a column of so many digits behind the point: zeros may go, no other digit. Negative: before the point. */
export function atScale(scale: number): ValueRule {
  return (text) => {
    const found = DECIMAL.exec(plainNumber(text));
    if (!found) return scaleless.test(text) ? text : notExact;
    const fraction = (found[3] ?? '').replace(/0+$/, '');
    if (fraction.length > Math.max(scale, 0)) return notExact;
    if (scale < 0 && !/^0*$/.test(found[2]!.slice(scale))) return notExact;
    return `${found[1]}${found[2]}${fraction === '' ? '' : `.${fraction}`}`;
  };
}

const scaleless = /^(NaN|-?Infinity)$/;

/** A number for an integer column. */
export const asInteger: ValueRule = (text) => {
  const whole = atScale(0)(text);
  return typeof whole === 'string' && /^-?\d+$/.test(whole) && text !== '-0' ? whole : notExact;
};

/** A number for a double: it must read back as the same number, whatever its spelling. */
export const asDouble: ValueRule = (text) => {
  if (scaleless.test(text)) return text;
  const value = Number(text);
  return Number.isFinite(value) && trimmed(spelled(value)) === trimmed(text) ? text : notExact;
};

/** A number for a single-precision column. */
export const asSingle: ValueRule = (text) => {
  if (scaleless.test(text)) return text;
  const single = Math.fround(Number(text));
  if (!Number.isFinite(single)) return notExact;
  for (let digits = 1; digits <= 9; digits++) {
    const shortest = Object.is(single, -0) ? '-0' : single.toPrecision(digits);
    if (Math.fround(Number(shortest)) === single)
      return trimmed(shortest) === trimmed(text) ? text : notExact;
  }
  return notExact;
};

function plainNumber(text: string): string {
  return /[eE]/.test(text) ? canonicalText({ type: 'N' }, text) : text;
}

function spelled(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Plain digits without zeros behind the point; the sign of zero stays. */
function trimmed(text: string): string {
  const plain = canonicalText({ type: 'N' }, text);
  const short = plain.includes('.') ? plain.replace(/\.?0+$/, '') : plain;
  return short === '0' && text.startsWith('-') ? '-0' : short;
}

/** Text for a column of so many characters (code points); `cutsBlanks`: it would lose blanks at the end. */
export function withinLength(characters: number | undefined, cutsBlanks: boolean): ValueRule {
  return (text) => {
    if (characters !== undefined && text.length > characters && pointsIn(text) > characters) return tooLong;
    return cutsBlanks && text.endsWith(' ') ? notExact : text;
  };
}

function pointsIn(text: string): number {
  let points = 0;
  for (const _ of text) points++;
  return points;
}

/** `t` and `f` for a column of numbers. */
export const asBit: ValueRule = (text) => (text === 't' ? '1' : '0');
