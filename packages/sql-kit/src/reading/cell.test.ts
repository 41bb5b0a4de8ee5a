import type { CatalogItem } from '@qianzhi/model';
import { canonicalText, createRowWriter } from '@qianzhi/rows';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SqlCell } from '../database/session.js';
import type { SqlColumn, SqlFamily } from '../database/table.js';
import { compileCell } from './cell.js';

function written(
  facts: Partial<CatalogItem> & Pick<CatalogItem, 'type'>,
  family: SqlFamily,
  value: SqlCell,
): string {
  const writer = createRowWriter();
  writer.begin('S');
  const write = compileCell({ name: '', column: 'c', ...facts }, { family } as SqlColumn, 'Asia/Shanghai');
  if (!write(writer, value)) return 'no text';
  writer.end();
  return Buffer.from(writer.take()).toString().slice(2, -1);
}

describe('a value of a driver', () => {
  it.each([
    [{ type: 'I' }, 'integer', 0, '0'],
    [{ type: 'I' }, 'integer', -7, '-7'],
    [{ type: 'N', scale: 2 }, 'integer', 5, '5.00'],
    [{ type: 'N', scale: 2 }, 'decimal', '.5', '0.50'],
    [{ type: 'N', scale: 2 }, 'decimal', '1.239', '1.239'],
    [{ type: 'C' }, 'decimal', '.50', '0.50'],
    [{ type: 'B' }, 'double', -0, '-0'],
    [{ type: 'F' }, 'single', Math.fround(0.1), '0.1'],
    [{ type: 'L' }, 'boolean', true, 't'],
    [{ type: 'L' }, 'decimal', '0', 'f'],
    [{ type: 'D' }, 'wall', '2026-01-01 00:00:00', '2026-01-01'],
    [{ type: 'D' }, 'wall', '2026-01-01 08:00:00', '2026-01-01 08:00:00'],
    [{ type: 'T' }, 'wall', '2026-01-01 08:00:00.1200000', '2026-01-01 08:00:00.12'],
    [{ type: 'T' }, 'wall', '2026-01-01 08:00:00.0000000', '2026-01-01 08:00:00'],
    [{ type: 'T' }, 'wall', '-0001-01-01 08:00:00', '-0001-01-01 08:00:00'],
    [{ type: 'T' }, 'instant', '2026-01-01 00:00:00.5 +00:00', '2026-01-01 08:00:00.5'],
    [{ type: 'T', instant: true }, 'wall', '2026-01-01 08:00:00.5', '2026-01-01 00:00:00.5+00'],
    [{ type: 'G' }, 'binary', Buffer.from([1, 255]), '\\\\x01ff'],
    [{ type: 'G' }, 'text', 'x', 'no text'],
    [{ type: 'D' }, 'binary', Buffer.from([1]), 'no text'],
  ] as const)('%o of %s: %s', (item, family, value, text) => {
    expect(written(item, family, value)).toBe(text);
  });

  it('is spelled by the short ways as by the long one', () => {
    const digits = (most: number) => fc.stringMatching(new RegExp(`^\\d{0,${most}}$`));
    fc.assert(
      fc.property(
        digits(20),
        digits(8),
        fc.boolean(),
        fc.constantFrom(0, 2, 4),
        (whole, fraction, minus, scale) => {
          const text = `${minus ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
          expect(written({ type: 'N', scale }, 'decimal', text)).toBe(
            canonicalText({ type: 'N', scale }, text),
          );
        },
      ),
    );
    fc.assert(
      fc.property(digits(9), fc.constantFrom(' ', 'T'), (fraction, between) => {
        const text = `2026-01-01${between}08:00:00${fraction === '' ? '' : `.${fraction}`}`;
        expect(written({ type: 'T' }, 'wall', text)).toBe(canonicalText({ type: 'T' }, text));
      }),
    );
  });
});
