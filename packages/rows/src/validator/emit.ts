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
    ${emitType(context, true)}
    ${emitRules(context)}
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
      return `r=h.dateEnd(b,p,${delimiter},${plan.allow}); ${wrongValue}${withRange ? emitRange(context) : ''}`;
    case 'T':
      return `r=h.timestampEnd(b,p,${delimiter},${plan.allow},${plan.item.instant === true}); ${wrongValue}${withRange ? emitRange(context) : ''}`;
    case 'B':
    case 'F':
      return `r=h.floatEnd(b,p,${delimiter},${plan.allow}); ${wrongValue}${withRange ? emitRange(context) : ''}`;
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

/** Valid UTF-8 is known, so the lead byte says how far to step; `n` counts code points. */
function emitText({ plan, delimiter, fail }: EmitContext): string {
  const { length, fixedLength } = plan.item;
  return `
    n=0;
    for (;;) {
      c=b[p];
      if (c<128) {
        if (c<14) { if (c===${delimiter}) break; if (c===9 || c===10 || c===13) ${fail('malformed')} }
        else if (c===92) {
          c=b[p+1];
          if (c!==92 && c!==116 && c!==110 && c!==114) ${fail('malformed')}
          p++;
        }
        p++;
      } else if (c<0xee) { p+=c<0xe0?2:3; }
      else { p=h.rare(b,p,${plan.index}); }
      n++;
    }
    ${length === undefined ? '' : `if (n>${length}) ${fail('too-long')}`}
    ${fixedLength ? `if (p>s && b[p-1]===32) ${fail('type')}` : ''}`;
}

export function emitRange({ plan, fail }: EmitContext): string {
  if (!plan.range) return '';
  return `r=h.items[${plan.index}].range.check(b,s,p); if (r<0) ${fail('below-minimum')} if (r>0) ${fail('above-maximum')}`;
}

function emitRules({ plan, watched, fail }: EmitContext): string {
  const { index } = plan;
  const lines: string[] = [];
  if (plan.codes) lines.push(`if (!codes${index}(b,s,p)) ${fail('unknown-code')}`);
  if (plan.pattern) lines.push(`if (!pattern${index}(b,s,p)) ${fail('pattern')}`);
  if (watched) lines.push(`late[${index * 2}]=s; late[${index * 2 + 1}]=p;`);
  if (!plan.idType && plan.schemes.length > 0) {
    const valid = plan.schemes.map((scheme) => `h.${scheme}(b,s,p)`).join(' || ');
    lines.push(`if (!(${valid})) ${plan.flagInvalid ? `h.flagIdentifier(${index});` : fail('identifier')}`);
  }
  return lines.join('\n    ');
}
