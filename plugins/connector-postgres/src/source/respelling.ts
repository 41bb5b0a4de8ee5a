import type { CatalogItem } from '@qianzhi/model';
import { canonicalizer } from '@qianzhi/rows';
import type { TableColumn } from '../connection/table.js';
import { familyOf } from '../native-type.js';
import { expressionOf, SHORTEST_FLOATS } from './expression.js';

const same = (text: string) => text;
const withoutPadding = (text: string) => text.replace(/ +$/, '');

/**
 * Makes of the text that PostgreSQL prints of a column what `expressionOf` makes in SQL; undefined where that is left to SQL. A session's
 * settings hold for both.
 */
export function respellingOf(
  item: CatalogItem,
  column: TableColumn,
  version: number,
): ((text: string) => string) | undefined {
  const { sql, respell } = expressionOf(item, column, 'x', 'UTC', version);
  if (respell) return undefined;
  if (sql === 'x') return same;
  switch (familyOf(column)) {
    case 'char':
      return item.type === 'C' || item.type === 'M' ? withoutPadding : undefined;
    case 'text':
      return item.type === 'C' ? canonicalizer(item) : undefined;
    case 'decimal':
      return item.type === 'N' || item.type === 'Y' ? canonicalizer(item) : undefined;
    case 'float':
      return (item.type === 'B' || item.type === 'F') && version >= SHORTEST_FLOATS
        ? canonicalizer(item)
        : undefined;
    default:
      return undefined;
  }
}
