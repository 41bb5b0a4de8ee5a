import { type CatalogItem, looksLikeFormula } from '@qianzhi/model';
import iconv from 'iconv-lite';
import type { OrderedRow } from './ordered-rows.js';
import type { RowSpeller, SpellerOptions } from './spellers.js';

const SPECIAL = /[",\r\n]|^[\s\ufeff]|\s$/;
const PRIVATE_USE = /[\ue000-\uf8ff\u{f0000}-\u{10ffff}]/u;

/**
 * RFC 4180 with CRLF; NULL is written without quotes, '' as `""`. UTF-8 has a BOM, by which spreadsheets know it. A text that a
 * spreadsheet would take for a formula gets an apostrophe before it.
 */
export function csvSpeller({ items, header, changes, encoding, notes }: SpellerOptions): RowSpeller {
  const encode = (text: string) => (encoding === 'utf-8' ? Buffer.from(text) : iconv.encode(text, 'gb18030'));
  const spell = items.map(cellSpeller);

  function cellSpeller(item: CatalogItem): (value: string) => string {
    if (item.type === 'L') return (value) => (value === 't' ? 'true' : value === 'f' ? 'false' : value);
    if (item.type !== 'C' && item.type !== 'M') return (value) => value;
    return (value) => {
      let text = value;
      if (looksLikeFormula(value)) {
        text = `'${value}`;
        notes.neutralised[item.column] = (notes.neutralised[item.column] ?? 0) + 1;
      }
      return text === '' || SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
  }

  function line({ op, fields }: OrderedRow): string {
    let text = changes ? (op === 'D' ? 'D' : 'U') : '';
    for (let at = 0; at < fields.length; at++) {
      if (at > 0 || changes) text += ',';
      const value = fields[at]!;
      if (value !== null) text += spell[at]!(value);
    }
    // a row of one NULL alone is an empty line, which readers pass over
    return `${text === '' ? '""' : text}\r\n`;
  }

  const quoted = (name: string) => (SPECIAL.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
  return {
    begin: () =>
      Buffer.concat([
        Buffer.from(encoding === 'utf-8' ? '\ufeff' : ''),
        encode(`${header.map(quoted).join(',')}\r\n`),
      ]),
    rows(rows) {
      const lines = rows.map(line);
      if (encoding === 'gb18030') notes.privateUse += lines.filter((text) => PRIVATE_USE.test(text)).length;
      return encode(lines.join(''));
    },
  };
}
