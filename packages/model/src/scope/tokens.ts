import type { LocalText } from '../errors/language.js';
import { modelErrors } from '../errors.js';
import { scopeComparisons, scopeLimits } from './scope.js';

export type TokenKind = 'name' | 'word' | 'text' | 'number' | 'date' | 'sign' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** A word in lower case, a name or text without its quotes. */
  readonly text: string;
  /** Character it begins at, from 1. */
  readonly at: number;
}

/** Words of the language: an item of such a name is written in double quotes. */
export const scopeWords = [
  'and',
  'or',
  'not',
  'in',
  'is',
  'null',
  'starts',
  'with',
  'true',
  'false',
] as const;

const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const DATE = /\d{4}-\d{2}-\d{2}(?![\p{N}\p{L}_-])/uy;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\p{N}\p{L}_.])/uy;
const TEXT = /'((?:[^']|'')*)'/uy;
const QUOTED = /"([^"]+)"/uy;
const SIGN = new RegExp(`${scopeComparisons.join('|')}|[(),]`, 'uy');
const BLANK = /\s*/uy;
// typed with a Chinese keyboard
const WIDE = /[\uff01-\uff5e\u2018-\u201d\u3001\u3002]/u;

/** Throws QZ_MODEL_SCOPE_SYNTAX, with the place. */
export function tokensOf(text: string, resource: string): readonly Token[] {
  if (text.length > scopeLimits.characters)
    throw syntax(resource, text.length, {
      zh: `超过 ${scopeLimits.characters} 个字符`,
      en: `it has more than ${scopeLimits.characters} characters`,
    });
  const control = [...text].findIndex((c) => (c < ' ' && !'\t\n\r'.includes(c)) || /\p{Cs}/u.test(c));
  if (control >= 0)
    throw syntax(resource, control + 1, { zh: '含控制字符', en: 'a control character stands there' });
  const tokens: Token[] = [];
  let p = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = p;
    const found = pattern.exec(text);
    if (found) p = pattern.lastIndex;
    return found;
  };
  for (;;) {
    match(BLANK);
    const at = p + 1;
    if (p >= text.length) return [...tokens, { kind: 'end', text: '', at }];
    const read = (kind: TokenKind, pattern: RegExp, shown: (found: RegExpExecArray) => string) => {
      const found = match(pattern);
      if (found) tokens.push({ kind, text: shown(found), at });
      return found !== null;
    };
    if (read('text', TEXT, ([, inner]) => inner!.replaceAll("''", "'"))) {
      if (/[\t\n\r]/.test(tokens.at(-1)!.text))
        throw syntax(resource, at, {
          zh: '引号内有换行或制表符',
          en: 'the quoted text holds a line break or tab',
        });
      continue;
    }
    if (read('name', QUOTED, ([, inner]) => inner!)) continue;
    if (read('date', DATE, ([all]) => all)) continue;
    if (read('number', NUMBER, ([all]) => all)) continue;
    if (read('sign', SIGN, ([all]) => all)) continue;
    const name = match(NAME)?.[0];
    if (name === undefined) throw strange(resource, text, at);
    const word = name.toLowerCase();
    if ((scopeWords as readonly string[]).includes(word)) tokens.push({ kind: 'word', text: word, at });
    else tokens.push({ kind: 'name', text: name, at });
  }
}

function strange(resource: string, text: string, at: number) {
  const found = String.fromCodePoint(text.codePointAt(at - 1)!);
  if (found === "'" || found === '"')
    return syntax(resource, at, { zh: `引号 ${found} 没有结束`, en: `the quote ${found} is not closed` });
  const wide = WIDE.test(found);
  return syntax(resource, at, {
    zh: `此处不能有 ${found}${wide ? ',请用半角(英文)符号' : ''}`,
    en: `${found} cannot stand there${wide ? ': use ASCII signs' : ''}`,
  });
}

export function syntax(resource: string, at: number, problem: LocalText) {
  return modelErrors.SCOPE_SYNTAX({ resource, at, problem });
}
