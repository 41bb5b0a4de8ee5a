import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutRareEscapes } from './rare-escapes.js';

/** As PostgreSQL's COPY writes a text (https://www.postgresql.org/docs/current/sql-copy.html). */
const copyText = (text: string) =>
  text.replace(
    /[\\\b\f\n\r\t\v]/g,
    (char) => `\\${{ '\\': '\\', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v' }[char]}`,
  );
const rowText = (text: string) =>
  text.replace(/[\\\n\r\t]/g, (char) => `\\${{ '\\': '\\', '\n': 'n', '\r': 'r', '\t': 't' }[char]}`);

describe('the rare escapes', () => {
  it('become raw bytes, and nothing else changes', () => {
    const unit = fc.constantFrom('\\', '\b', '\f', '\v', '\n', '\t', 'b', 'f', 'v', 'N', '甲');
    fc.assert(
      fc.property(fc.array(fc.string({ unit, maxLength: 12 }), { maxLength: 6 }), (texts) => {
        const line = (write: (text: string) => string) => `S\t${texts.map(write).join('\t')}\n`;
        expect(withoutRareEscapes(Buffer.from(line(copyText))).toString()).toBe(line(rowText));
      }),
      { numRuns: 500 },
    );
  });

  it('a block without them is not touched', () => {
    const bytes = Buffer.from('S\t\\N\ta\\\\\tb\n');
    expect(withoutRareEscapes(bytes)).toBe(bytes);
  });
});
