import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import type { CheckNote } from '@qianzhi/plugin-api';
import { warning } from '../check.js';
import { checkWarnings } from '../errors/check-warnings.js';
import { type ColumnType, familyOf } from '../native-type.js';
import type { Target } from './target.js';

/** Columns that cannot hold all the catalog allows: their rows are refused one by one, when they come. */
export function narrowColumns(target: Target, resource: CatalogResource): CheckNote[] {
  return resource.items.flatMap((item, at) => {
    const { column } = target.columns[at]!;
    const { name, nativeType, charset } = column;
    const table = target.table.name;
    const notes: CheckNote[] = [];
    const text = item.type === 'C' || item.type === 'M';
    if (text && charset !== null && charset !== 'utf8mb4' && charset !== 'gb18030') {
      notes.push(warning(checkWarnings.COLUMN_CHARSET({ table, column: name, charset })));
    }
    if (isNarrow(item, column)) {
      notes.push(
        warning(checkWarnings.COLUMN_NARROW({ table, column: name, nativeType, item: item.column })),
      );
    }
    return notes;
  });
}

const integerDigits: Readonly<Record<string, number>> = {
  tinyint: 2,
  smallint: 4,
  mediumint: 6,
  int: 9,
  bigint: 18,
};

function isNarrow(item: CatalogItem, column: ColumnType): boolean {
  const family = familyOf(column);
  switch (item.type) {
    case 'C':
    case 'M':
      // digits with leading zeros, blanks, letters: a column of another kind takes only some texts
      if (family !== 'text' && family !== 'char') return column.baseType !== 'json';
      return (
        /char$/.test(column.baseType) && (item.length ?? Number.POSITIVE_INFINITY) > (column.length ?? 0)
      );
    case 'I':
      return family === 'integer' && column.baseType !== 'bigint';
    case 'N':
    case 'Y':
      return isNarrowNumber(item, column);
    case 'T':
      return family === 'timestamp' || column.fraction < 6;
    default:
      return false;
  }
}

/** Compares digits before and behind the point; a catalog that names no precision promises nothing to compare with. */
function isNarrowNumber({ precision, scale = 0 }: CatalogItem, column: ColumnType): boolean {
  const family = familyOf(column);
  if (family === 'integer') return scale > 0 || (precision ?? 0) > (integerDigits[column.baseType] ?? 0);
  if (family !== 'decimal' || column.precision === null || column.scale === null) return false;
  return scale > column.scale || (precision ?? 0) - scale > column.precision - column.scale;
}
