import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import type { CheckNote } from '@qianzhi/plugin-api';
import { warning } from '../check.js';
import { checkWarnings } from '../errors/check-warnings.js';
import { type ColumnType, familyOf, numericSize } from '../native-type.js';
import type { Target } from './target.js';

/** Columns that cannot hold all the catalog allows: their rows are refused one by one, when they come. */
export function narrowColumns(target: Target, resource: CatalogResource): CheckNote[] {
  return resource.items.flatMap((item, at) => {
    const { column } = target.columns[at]!;
    if (!isNarrow(item, column)) return [];
    const { name, nativeType } = column;
    return [
      warning(
        checkWarnings.COLUMN_NARROW({
          table: target.table.name,
          column: name,
          nativeType,
          item: item.column,
        }),
      ),
    ];
  });
}

const integerDigits: Readonly<Record<string, number>> = { int2: 4, int4: 9, oid: 9, int8: 18 };

function isNarrow(item: CatalogItem, column: ColumnType): boolean {
  const family = familyOf(column);
  switch (item.type) {
    case 'C':
    case 'M': {
      // digits with leading zeros, blanks, letters: a column of another kind takes only some texts
      if (family !== 'text' && family !== 'char')
        return column.baseType !== 'jsonb' && column.baseType !== 'json';
      return column.typmod >= 4 && (item.length ?? Number.POSITIVE_INFINITY) > column.typmod - 4;
    }
    case 'I':
      return family === 'integer' && column.baseType !== 'int8';
    case 'N':
    case 'Y':
      return isNarrowNumber(item, column);
    default:
      return false;
  }
}

/** Compares digits before and behind the point; a catalog that names no precision promises nothing to compare with. */
function isNarrowNumber({ precision, scale = 0 }: CatalogItem, column: ColumnType): boolean {
  const family = familyOf(column);
  if (family === 'integer') {
    return scale > 0 || (precision ?? 0) > (integerDigits[column.baseType] ?? 0);
  }
  if (family !== 'decimal') return false;
  const size = numericSize(column.typmod);
  if (size.precision === null || size.scale === null) return false;
  return scale > size.scale || (precision ?? 0) - scale > size.precision - size.scale;
}
