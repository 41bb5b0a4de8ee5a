import { bufferView, plainView } from '../views.js';

export type FieldAction = 'copy' | 'skip' | 'mask';

const TAB = 9;
const LF = 10;
const LITERAL_N = 78;
const BACKSLASH = 92;

/** Fields next to each other that are treated alike; masked ones stand alone. */
interface Run {
  readonly action: FieldAction;
  readonly item: number;
  fields: number;
}

/**
 * One pass over a block that copies the granted fields, leaves the others out and replaces masked ones.
 * `replace` gets and gives row text; `\N` is copied without asking it.
 */
export function projectionOf(
  actions: readonly FieldAction[],
  replace: (item: number, fieldText: string) => string,
): (block: Uint8Array) => Uint8Array {
  const runs = runsOf(actions);
  return (block) => {
    const b = plainView(block);
    const source = bufferView(block);
    let out = plainView(Buffer.allocUnsafeSlow(block.length));
    let text = bufferView(out);
    let p = 0;
    let q = 0;

    function maskField(end: number, item: number): void {
      const replaced = replace(item, source.toString('utf8', p + 1, end));
      // a pseudonym may be longer than its value: what is still to come must fit behind it
      const needed = q + Buffer.byteLength(replaced) + (block.length - end) + 1;
      if (needed > out.length) {
        const larger = new Uint8Array(needed + (needed >> 2));
        larger.set(out.subarray(0, q));
        out = larger;
        text = bufferView(out);
      }
      out[q++] = TAB;
      q += text.write(replaced, q, 'utf8');
    }

    function projectRow(): void {
      out[q++] = b[p++]!;
      // `p` is at the TAB before a run's first field
      for (let i = 0; i < runs.length; i++) {
        const { action, item, fields } = runs[i]!;
        if (action === 'copy') {
          const end = copyFields(b, p, fields, out, q);
          q += end - p;
          p = end;
        } else {
          const end = fieldsEnd(b, p + 1, fields);
          if (action === 'mask') {
            if (b[p + 1] === BACKSLASH && b[p + 2] === LITERAL_N) q += copyFields(b, p, 1, out, q) - p;
            else maskField(end, item);
          }
          p = end;
        }
      }
      out[q++] = LF;
      p++;
    }

    while (p < b.length) projectRow();
    return text.subarray(0, q);
  };
}

function runsOf(actions: readonly FieldAction[]): Run[] {
  const runs: Run[] = [];
  actions.forEach((action, item) => {
    const before = runs.at(-1);
    if (before && before.action === action && action !== 'mask') before.fields++;
    else runs.push({ action, item, fields: 1 });
  });
  return runs;
}

/** The delimiter that ends the last of `fields` fields. */
function fieldsEnd(b: Uint8Array, start: number, fields: number): number {
  let p = start;
  let left = fields;
  for (;;) {
    while (b[p]! > LF) p++;
    if (b[p]! >= TAB && --left === 0) return p;
    p++;
  }
}

/** Copies `fields` fields with the TAB before each, from the TAB at `start`; answers the delimiter behind them. */
function copyFields(from: Uint8Array, start: number, fields: number, to: Uint8Array, at: number): number {
  let p = start;
  let q = at;
  let left = fields;
  to[q++] = from[p++]!;
  for (;;) {
    let c = from[p]!;
    while (c > LF) {
      to[q++] = c;
      c = from[++p]!;
    }
    if (c >= TAB && --left === 0) return p;
    to[q++] = c;
    p++;
  }
}
