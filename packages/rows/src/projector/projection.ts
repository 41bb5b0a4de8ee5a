import { bufferView, plainView } from '../views.js';

export type FieldAction = 'copy' | 'skip' | 'mask';

const TAB = 9;
const LF = 10;
const LITERAL_N = 78;
const BACKSLASH = 92;

/**
 * One pass over a block that copies the granted fields, leaves the others out and replaces masked ones.
 * `replace` gets and gives row text; `\N` is copied without asking it.
 */
export function projectionOf(
  actions: readonly FieldAction[],
  replace: (item: number, fieldText: string) => string,
): (block: Uint8Array) => Uint8Array {
  const last = actions.length - 1;
  // runs of fields that are treated alike are passed over together, up to the run's last delimiter
  const runs: { action: FieldAction; item: number; fields: number }[] = [];
  actions.forEach((action, item) => {
    const before = runs.at(-1);
    if (before && before.action === action && action !== 'mask') before.fields++;
    else runs.push({ action, item, fields: 1 });
  });

  function project(block: Uint8Array): Uint8Array {
    const b = plainView(block);
    const source = bufferView(block);
    let out = Buffer.allocUnsafeSlow(block.length + 1);
    let q = 0;

    function mask(start: number, end: number, item: number): void {
      const text = replace(item, source.toString('utf8', start, end));
      const bytes = Buffer.byteLength(text);
      // a pseudonym may be longer than its value: what is still to come must fit behind it
      const needed = q + bytes + (block.length - end) + 1;
      if (needed > out.length) {
        const larger = Buffer.allocUnsafeSlow(needed + (needed >> 2));
        out.copy(larger, 0, 0, q);
        out = larger;
      }
      q += out.write(text, q, 'utf8');
    }

    for (let p = 0; p < b.length; ) {
      out[q++] = b[p++]!;
      for (const { action, item, fields } of runs) {
        const lastRun = item + fields - 1 === last;
        // `p` is at the TAB before the run's first field
        const start = p;
        p = fieldsEnd(b, p + 1, fields);
        if (action === 'copy') {
          q = copyBytes(b, start, p, out, q);
        } else if (action === 'mask') {
          out[q++] = TAB;
          if (b[start + 1] === BACKSLASH && b[start + 2] === LITERAL_N)
            q = copyBytes(b, start + 1, p, out, q);
          else mask(start + 1, p, item);
        }
        if (lastRun) p++;
      }
      out[q++] = LF;
    }
    return out.subarray(0, q);
  }
  return project;
}

/** The delimiter that ends the last of `fields` fields. */
function fieldsEnd(b: Uint8Array, start: number, fields: number): number {
  let p = start;
  let left = fields;
  for (;;) {
    const c = b[p]!;
    if (c < 11 && (c === TAB || c === LF) && --left === 0) return p;
    p++;
  }
}

/** For short runs a loop beats `set` with a subarray. */
function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  const length = end - start;
  if (length > 200) {
    to.set(from.subarray(start, end), at);
  } else {
    for (let i = 0; i < length; i++) to[at + i] = from[start + i]!;
  }
  return at + length;
}
