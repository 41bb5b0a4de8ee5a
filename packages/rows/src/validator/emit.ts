import type { RejectReason } from '../reasons.js';
import { emitDecimal, emitInteger } from './emit-number.js';
import type { ItemPlan } from './plan.js';

/** Numbers the generated code answers for a rejected value, negated; the order is private to the validator. */
export const reasonNumbers = [
  'malformed',
  'required',
  'type',
  'no-such-date',
  'special-value',
  'too-long',
  'too-many-digits',
  'below-minimum',
  'above-maximum',
  'unknown-code',
  'pattern',
  'identifier',
  'delete-without-key',
  'delete-with-values',
  'row-too-large',
] as const satisfies readonly RejectReason[];
type CodedReason = (typeof reasonNumbers)[number];

/** No text is longer: a row is far smaller. */
const MOST_CHARACTERS = 2 ** 30;

export interface EmitContext {
  readonly plan: ItemPlan;
  /** TAB, or LF for the last item. */
  readonly delimiter: number;
  /** A later check needs this value too: its span is kept in `late`. */
  readonly watched: boolean;
  fail(reason: CodedReason): string;
}

/**
 * Code that checks one field from `p` to its delimiter and steps behind it. It may use the group's variables
 * c, n, s, v, r. Only numbers reach the source: names and texts of the catalog never do.
 */
export function emitItem(context: EmitContext): string {
  const { plan, delimiter, watched, fail } = context;
  const required = plan.item.required || plan.item.key;
  return `
  if (b[p]===92 && b[p+1]===78) {
    p+=2; if (b[p]!==${delimiter}) ${fail('malformed')}
    ${required ? fail('required') : watched ? `late[${plan.index * 2}]=-1;` : ''}
  } else {
    s=p;
    ${emitValue(context)}
  }
  p++;`;
}

/** A `D` row: key items are of their type (rules may have changed since the row was stored), all others `\N`. */
export function emitDeleteItem(context: EmitContext): string {
  const { plan, delimiter, fail } = context;
  if (!plan.item.key) {
    return `
  if (b[p]!==92 || b[p+1]!==78 || b[p+2]!==${delimiter}) ${fail('delete-with-values')}
  p+=3;`;
  }
  return `
  if (b[p]===92 && b[p+1]===78) ${fail('delete-without-key')}
  s=p;
  ${emitType(context, false)}
  p++;`;
}

function emitType(context: EmitContext, withRange: boolean): string {
  const { plan, delimiter, fail } = context;
  const wrongValue = `if (r<0) { if (r===-2) ${fail('no-such-date')} if (r===-3) ${fail('special-value')} ${fail('type')} } p=r;`;
  switch (plan.item.type) {
    case 'C':
    case 'M':
      return emitText(context);
    case 'I':
      return emitInteger(context, withRange);
    case 'N':
    case 'Y':
      return emitDecimal(context, withRange);
    case 'D':
      return `r=dateEnd(b,p,${delimiter},${plan.allow})|0; ${wrongValue}${withRange ? emitRange(context) : ''}`;
    case 'T':
      return `r=timestampEnd(b,p,${delimiter},${plan.allow},${plan.item.instant === true})|0; ${wrongValue}${withRange ? emitRange(context) : ''}`;
    case 'B':
    case 'F':
      return `r=floatEnd(b,p,${delimiter},${plan.allow})|0; ${wrongValue}${withRange ? emitRange(context) : ''}`;
    case 'L':
      return `c=b[p]; if ((c!==116 && c!==102) || b[p+1]!==${delimiter}) ${fail('type')} p++;`;
    case 'G':
      return `
    if (b[p]!==92 || b[p+1]!==92 || b[p+2]!==120) ${fail('type')}
    p+=3; s=p;
    for (;;) { c=b[p]; if ((c>=48 && c<=57) || (c>=97 && c<=102)) p++; else break; }
    if (b[p]!==${delimiter} || ((p-s)&1)!==0) ${fail('type')}
    ${plan.item.length === undefined ? '' : `if (p-s>${plan.item.length * 2}) ${fail('too-long')}`}`;
  }
}

function emitText({ plan, delimiter, fail }: EmitContext): string {
  const { length = MOST_CHARACTERS, fixedLength } = plan.item;
  return `
    r=textEnd(b,p,${delimiter},${length},rare,${plan.index})|0;
    if (r<0) { if (r===-1) ${fail('malformed')} ${fail('too-long')} }
    p=r;
    ${fixedLength ? `if (p>s && b[p-1]===32) ${fail('type')}` : ''}`;
}

export function emitRange({ plan, fail }: EmitContext): string {
  if (!plan.range) return '';
  return `r=range${plan.index}(b,s,p)|0; if (r<0) ${fail('below-minimum')} if (r>0) ${fail('above-maximum')}`;
}

/** A rule of an item: code that is true where the value from s to p keeps it. */
interface Rule {
  readonly holds: string;
  readonly found: string;
  /** Where a value that keeps the rule has one of few lengths: code over (start, length) for each. */
  readonly proofs: readonly { readonly length: number; readonly holds: string }[];
}

const schemeBytes = { citizenId: 18, uscc: 18, regNo: 15, orgCode: 9 } as const;

function rulesOf({ plan, fail }: EmitContext): Rule[] {
  const { index } = plan;
  const rules: Rule[] = [];
  if (!plan.idType && plan.schemes.length > 0) {
    rules.push({
      holds: plan.schemes.map((scheme) => `${scheme}(b,s,p)`).join(' || '),
      found: plan.flagInvalid ? `flagIdentifier(${index});` : fail('identifier'),
      proofs: plan.schemes.map((scheme) => {
        const length = schemeBytes[scheme];
        return { length, holds: `${scheme}(b,p,p+${length})` };
      }),
    });
  }
  for (const [name, check, reason] of [
    ['pattern', plan.pattern, 'pattern'],
    ['codes', plan.codes, 'unknown-code'],
  ] as const) {
    if (!check) continue;
    const { length } = check;
    rules.push({
      holds: `${name}${index}(b,s,p)`,
      found: fail(reason),
      proofs: length === undefined ? [] : [{ length, holds: `${name}${index}(b,p,p+${length})` }],
    });
  }
  return rules;
}

/**
 * The value and its rules. Where one rule proves every byte of a value of known length (an identifier, a code),
 * the text itself needs no second look.
 */
function emitValue(context: EmitContext): string {
  const { plan, delimiter, watched } = context;
  const { type, length = Infinity, fixedLength } = plan.item;
  const rules = rulesOf(context);
  const check = (rule: Rule) => `if (!(${rule.holds})) ${rule.found}`;
  const keep = watched ? `late[${plan.index * 2}]=s; late[${plan.index * 2 + 1}]=p;` : '';
  const proving =
    (type === 'C' || type === 'M') && !fixedLength ? rules.find((rule) => rule.proofs.length > 0) : undefined;
  const proofs = (proving?.proofs ?? []).filter((proof) => proof.length <= length);
  const known = proofs.map(
    (proof) => `if (b[p+${proof.length}]===${delimiter} && ${proof.holds}) p+=${proof.length}; else`,
  );
  if (!proving || known.length === 0)
    return [emitType(context, true), ...rules.map(check), keep].join('\n    ');
  const others = rules.filter((rule) => rule !== proving);
  return `${known.join(' ')} { ${emitType(context, true)}
    ${check(proving)} }
    ${others.map(check).join('\n    ')}${keep}`;
}
