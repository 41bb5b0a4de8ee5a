import { type EmitContext, emitRange } from './emit.js';

/** I: `-?(0|[1-9][0-9]*)`, never `-0`. */
export function emitInteger(context: EmitContext, withRange: boolean): string {
  const { plan, delimiter, fail } = context;
  const small = withRange ? plan.range?.small : undefined;
  return `
    c=b[p]; const neg${plan.index}=c===45; if (neg${plan.index}) p++;
    r=p; v=0;
    for (;;) { c=b[p]-48; if (c<0 || c>9) break; ${small ? 'v=v*10+c;' : ''} p++; }
    n=p-r;
    if (n===0 || b[p]!==${delimiter} || (b[r]===48 && (n>1 || neg${plan.index}))) ${fail('type')}
    ${withRange ? emitBounds(context, `neg${plan.index}`, 'n') : ''}`;
}

/**
 * N, Y: plain digits with exactly `scale` digits behind the point (any number where the catalog gives no scale);
 * no leading zeros, no negative zero. More digits than scale or precision allow are no spelling but a loss.
 */
export function emitDecimal(context: EmitContext, withRange: boolean): string {
  const { plan, delimiter, fail } = context;
  const { scale, precision } = plan.item;
  const { index, allow } = plan;
  const small = withRange && plan.range?.small ? 'v=v*10+c;' : '';
  const bounds = withRange ? emitBounds(context, `neg${index}`, 'n') : '';
  const wholeDigits =
    precision === undefined ? undefined : scale === undefined ? precision : precision - scale;
  const fractionRule =
    scale === undefined
      ? `if (f${index}===0) ${fail('type')}`
      : `if (f${index}>${scale}) ${fail('too-many-digits')}`;
  return `
    c=b[p];
    if (c===73 || c===78 || (c===45 && b[p+1]===73)) {
      r=specialNumberEnd(b,p,${delimiter},${allow})|0;
      if (r===-3) ${fail('special-value')} if (r<0) ${fail('type')}
      p=r;
    } else {
      const neg${index}=c===45; if (neg${index}) p++;
      r=p; v=0; let f${index}=0, some${index}=0;
      for (;;) { c=b[p]-48; if (c<0 || c>9) break; some${index}|=c; ${small} p++; }
      n=p-r;
      if (n===0 || (n>1 && b[r]===48)) ${fail('type')}
      const whole${index}=b[r]===48?0:n;
      if (b[p]===46) {
        p++; r=p;
        for (;;) { c=b[p]-48; if (c<0 || c>9) break; some${index}|=c; ${small} p++; }
        f${index}=p-r; n+=f${index};
        if (b[p]!==${delimiter}) ${fail('type')}
        ${fractionRule}
      }
      if (b[p]!==${delimiter}${scale === undefined ? '' : ` || f${index}!==${scale}`} || (neg${index} && some${index}===0)) ${fail('type')}
      ${wholeDigits === undefined ? '' : `if (whole${index}${scale === undefined ? `+f${index}` : ''}>${wholeDigits}) ${fail('too-many-digits')}`}
      ${bounds}
    }`;
}

/** Up to 15 digits a double is exact; longer values, and bounds that are no exact double, compare as text. */
function emitBounds(context: EmitContext, negative: string, digits: string): string {
  const { plan, fail } = context;
  const small = plan.range?.small;
  if (!small) return emitRange(context);
  return `
    if (${digits}<=15) {
      if (${negative}) v=-v;
      ${small.min === -Infinity ? '' : `if (v<${small.min}) ${fail('below-minimum')}`}
      ${small.max === Infinity ? '' : `if (v>${small.max}) ${fail('above-maximum')}`}
    } else { ${emitRange(context)} }`;
}
