import { unescapeText } from '../field-text.js';
import { bufferView } from '../views.js';
import type { BytesCheck, ValueCheck } from './identifier-bytes.js';
import type { ItemProblem } from './plan.js';

/** A regular expression over the decoded value, which must match as a whole. */
export function patternCheck(pattern: string, wrong: ItemProblem): ValueCheck {
  let whole: RegExp;
  try {
    new RegExp(pattern, 'u'); // alone first, so that the wrapping cannot mend or break it
    whole = new RegExp(`^(?:${pattern})$`, 'u');
  } catch {
    throw wrong('pattern');
  }
  return simplePattern(pattern) ?? { check: (b, start, end) => whole.test(textOf(b, start, end)) };
}

function textOf(b: Uint8Array, start: number, end: number): string {
  return unescapeText(bufferView(b).toString('utf8', start, end));
}

/** Longer fixed patterns are left to the regular expression. */
const MAX_SIMPLE = 64;

const ELEMENT = /(\[(?:[A-Za-z0-9](?:-[A-Za-z0-9])?|\\d|_)+\]|\\d|[A-Za-z0-9_])(?:\{(\d{1,3})\})?/y;

/**
 * Most patterns of catalogs are a few ASCII classes with fixed counts (`[1-9]\d{5}`): such a one is checked byte by
 * byte, because its length is fixed and no step back is ever needed. Undefined for any other pattern.
 */
function simplePattern(pattern: string): ValueCheck | undefined {
  const inner = pattern.replace(/^\^/, '').replace(/\$$/, '');
  const classes: Uint8Array[] = [];
  ELEMENT.lastIndex = 0;
  for (let at = 0; at < inner.length; at = ELEMENT.lastIndex) {
    const found = ELEMENT.exec(inner);
    if (!found) return undefined;
    const one = membersOf(found[1]!);
    for (let n = Number(found[2] ?? 1); n > 0; n--) classes.push(one);
    if (classes.length > MAX_SIMPLE) return undefined;
  }
  const length = classes.length;
  const members = new Uint8Array(length * 256);
  classes.forEach((one, i) => {
    members.set(one, i * 256);
  });
  const check: BytesCheck = (b, start, end) => {
    if (end - start !== length) return false;
    for (let i = 0; i < length; i++) if (members[(i << 8) | b[start + i]!] === 0) return false;
    return true;
  };
  return { check, length };
}

function membersOf(element: string): Uint8Array {
  const one = new RegExp(`^${element}$`, 'u');
  return Uint8Array.from({ length: 256 }, (_, c) => (c < 128 && one.test(String.fromCharCode(c)) ? 1 : 0));
}
