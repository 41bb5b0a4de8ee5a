import type { RowSpeller, SpellerOptions } from './spellers.js';

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** One object in each line, UTF-8. Numbers are written digit by digit, however many there are; NULL is null. */
export function jsonLinesSpeller({ items, header, changes }: SpellerOptions): RowSpeller {
  const names = header.map((name) => `${JSON.stringify(name)}:`);
  const spell = items.map(({ type }): ((value: string) => string) => {
    if ('INYBF'.includes(type)) return (value) => (JSON_NUMBER.test(value) ? value : JSON.stringify(value));
    if (type === 'L')
      return (value) => (value === 't' ? 'true' : value === 'f' ? 'false' : JSON.stringify(value));
    return JSON.stringify;
  });
  const first = changes ? 1 : 0;
  return {
    begin: () => new Uint8Array(0),
    rows(rows) {
      let text = '';
      for (const { op, fields } of rows) {
        const cells = fields.map(
          (value, at) => names[at + first]! + (value === null ? 'null' : spell[at]!(value)),
        );
        if (changes) cells.unshift(`${names[0]}"${op === 'D' ? 'D' : 'U'}"`);
        text += `{${cells.join(',')}}\n`;
      }
      return Buffer.from(text);
    },
  };
}
