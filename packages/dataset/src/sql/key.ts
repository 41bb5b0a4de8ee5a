import type { RowLayout } from '../protocol.js';

/** The key of `line`: its key fields joined by TAB. */
export function keyOfLine({ keyFields }: RowLayout): string {
  return keyFields.map((field) => `split_part(line, chr(9), ${field + 2})`).join(' || chr(9) || ');
}

/** The `D` row of `key`: its fields in their places, every other field `\N`. */
export function deleteRowOfKey({ fields, keyFields }: RowLayout): string {
  const parts: string[] = [];
  let literal = 'D';
  for (let field = 0; field < fields; field++) {
    const part = keyFields.indexOf(field);
    if (part < 0) {
      literal += '\\t\\\\N';
    } else {
      parts.push(`E'${literal}\\t'`, `split_part(key, chr(9), ${part + 1})`);
      literal = '';
    }
  }
  if (literal) parts.push(`E'${literal}'`);
  return parts.join(' || ');
}
