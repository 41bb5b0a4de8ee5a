import type { LocalText } from '../errors/language.js';
import { type Scope, type ScopeComparison, type ScopeValue, scopeLimits } from './scope.js';
import { syntax, type Token, tokensOf } from './tokens.js';

/**
 * Reads the text of a row scope: `ITEM = <> < <= > >= VALUE`, `ITEM [not] in (VALUE, …)`, `ITEM is [not] null`, `ITEM starts
 * with 'TEXT'`, joined by `and`, `or`, `not` and parentheses; `not` binds closest, `or` last. Texts stand in single
 * quotes (doubled inside), items bare or in double quotes. Not yet held against a resource: see `bindScope`. `resource` is its code, for the
 * errors. Throws QZ_MODEL_SCOPE_SYNTAX (data) with place and what may stand there.
 */
export function parseScope(text: string, resource: string): Scope {
  const tokens = tokensOf(text, resource);
  let p = 0;
  let depth = 0;
  let conditions = 0;
  let values = 0;

  const here = () => tokens[p]!;
  const is = (kind: Token['kind'], wanted: string) => here().kind === kind && here().text === wanted;
  function take(kind: Token['kind'], wanted: string): boolean {
    if (!is(kind, wanted)) return false;
    p++;
    return true;
  }
  function need(kind: Token['kind'], wanted: string): void {
    if (!take(kind, wanted)) throw expected({ zh: wanted, en: wanted });
  }
  function expected(what: LocalText) {
    const { kind, text: found, at } = here();
    return syntax(resource, at, {
      zh: kind === 'end' ? `到此结束,缺少${what.zh}` : `是“${found}”,应为${what.zh}`,
      en: kind === 'end' ? `it ends, ${what.en} is missing` : `"${found}" stands there, not ${what.en}`,
    });
  }

  function joined(word: 'and' | 'or', next: () => Scope): Scope {
    const parts = [next()];
    while (take('word', word)) parts.push(next());
    if (parts.length === 1) return parts[0]!;
    return { kind: word, parts: parts.flatMap((part) => (part.kind === word ? part.parts : [part])) };
  }
  const any = (): Scope => joined('or', every);
  const every = (): Scope => joined('and', negated);

  function negated(): Scope {
    const { at } = here();
    if (is('word', 'not') || is('sign', '(')) {
      if (++depth > scopeLimits.depth)
        throw syntax(resource, at, {
          zh: `括号和 not 嵌套超过 ${scopeLimits.depth} 层`,
          en: `parentheses and not are more than ${scopeLimits.depth} deep`,
        });
      const part = take('word', 'not') ? turned(negated()) : inParentheses();
      depth--;
      return part;
    }
    return condition();
  }

  function inParentheses(): Scope {
    need('sign', '(');
    const part = any();
    need('sign', ')');
    return part;
  }

  function condition(): Scope {
    const { kind, text: item, at } = here();
    if (kind !== 'name') throw expected({ zh: '信息项、not 或括号', en: 'an item, not or a parenthesis' });
    if (++conditions > scopeLimits.conditions)
      throw syntax(resource, at, {
        zh: `条件超过 ${scopeLimits.conditions} 个`,
        en: `there are more than ${scopeLimits.conditions} conditions`,
      });
    p++;
    const about = { item, at };
    if (take('word', 'is')) {
      const negative = take('word', 'not');
      need('word', 'null');
      return negative ? turned({ kind: 'null', ...about }) : { kind: 'null', ...about };
    }
    if (take('word', 'starts')) {
      need('word', 'with');
      return { kind: 'starts', ...about, value: value() };
    }
    if (take('word', 'not')) {
      need('word', 'in');
      return turned({ kind: 'in', ...about, values: list() });
    }
    if (take('word', 'in')) return { kind: 'in', ...about, values: list() };
    const sign = here();
    if (sign.kind !== 'sign' || '(),'.includes(sign.text))
      throw expected({
        zh: ' = <> < <= > >=、in、is null 或 starts with',
        en: '= <> < <= > >=, in, is null or starts with',
      });
    p++;
    return { kind: 'compare', ...about, comparison: sign.text as ScopeComparison, value: value() };
  }

  function list(): ScopeValue[] {
    need('sign', '(');
    const found = [value()];
    while (take('sign', ',')) found.push(value());
    need('sign', ')');
    return found;
  }

  function value(): ScopeValue {
    const { kind, text: found, at } = here();
    if (++values > scopeLimits.values)
      throw syntax(resource, at, {
        zh: `值超过 ${scopeLimits.values} 个`,
        en: `there are more than ${scopeLimits.values} values`,
      });
    const truth = kind === 'word' && (found === 'true' || found === 'false');
    if (!truth && kind !== 'text' && kind !== 'number' && kind !== 'date')
      throw expected({
        zh: "值:'文本'、数字、日期、true 或 false",
        en: "a value: 'text', a number, a date, true or false",
      });
    p++;
    return truth
      ? { form: 'boolean', text: found, at }
      : { form: kind as ScopeValue['form'], text: found, at };
  }

  const scope = any();
  if (here().kind !== 'end') throw expected({ zh: ' and、or 或结尾', en: 'and, or or the end' });
  return scope;
}

/** Twice not is the condition itself, also where it is unknown. */
function turned(part: Scope): Scope {
  return part.kind === 'not' ? part.part : { kind: 'not', part };
}
