/** Compares two plain decimal texts (`-?digits[.digits]`) exactly: negative, zero or positive. */
export function compareDecimals(a: string, b: string): number {
  const x = partsOf(a);
  const y = partsOf(b);
  if (x.negative !== y.negative) return x.negative ? -1 : 1;
  const order = compareMagnitudes(x, y);
  return x.negative ? -order : order;
}

interface Parts {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
}

function partsOf(text: string): Parts {
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = (negative ? text.slice(1) : text).split('.');
  const parts = { whole: whole.replace(/^0+/, ''), fraction: fraction.replace(/0+$/, '') };
  return { ...parts, negative: negative && parts.whole + parts.fraction !== '' };
}

function compareMagnitudes(x: Parts, y: Parts): number {
  if (x.whole.length !== y.whole.length) return x.whole.length - y.whole.length;
  if (x.whole !== y.whole) return x.whole < y.whole ? -1 : 1;
  if (x.fraction === y.fraction) return 0;
  return x.fraction < y.fraction ? -1 : 1;
}
