import type { SqlColumn } from '@qianzhi/sql-kit';

/** Styles of CONVERT: they do not depend on language or date format of the session. */
const DATE = 23;
const ODBC_MILLIS = 121;
const MONEY_4_DIGITS = 2;

/**
 * Fetches a column so that the driver loses nothing of it: decimals and money would come as JS numbers, times as JS Dates; varchar is
 * decoded by the server, which knows its code page.
 */
export function fetched(column: SqlColumn, name: string): string {
  const { baseType, family, length, large } = column;
  switch (family) {
    case 'decimal':
      return /money/.test(baseType)
        ? `CONVERT(varchar(50), ${name}, ${MONEY_4_DIGITS})`
        : `CONVERT(varchar(50), ${name})`;
    case 'date':
      return `CONVERT(varchar(10), ${name}, ${DATE})`;
    case 'wall':
      return `CONVERT(varchar(30), ${name}, ${ODBC_MILLIS})`;
    case 'instant':
      return `REPLACE(CONVERT(varchar(40), SWITCHOFFSET(${name}, '+00:00'), ${ODBC_MILLIS}), ' +00:00', '+00')`;
    case 'guid':
      return `CONVERT(varchar(36), ${name})`;
    case 'text':
    case 'char':
      if (baseType === 'nvarchar' || baseType === 'nchar') return name;
      return `CONVERT(nvarchar(${large || length === null || length > 4000 ? 'max' : length}), ${name})`;
    case 'other':
      return baseType === 'time' ? `CONVERT(varchar(16), ${name})` : `CONVERT(nvarchar(max), ${name})`;
    default:
      return name;
  }
}

/** As text that `valueOf` takes back. Floats and bytes have no text that is surely the same value again. */
export function keyText(column: SqlColumn, name: string): string | undefined {
  if (column.large) return undefined;
  switch (column.family) {
    case 'integer':
      return `CONVERT(varchar(20), ${name})`;
    case 'boolean':
      return `CONVERT(varchar(1), ${name})`;
    case 'double':
    case 'single':
    case 'binary':
    case 'other':
      return undefined;
    default:
      return fetched(column, name);
  }
}

/** Types without national characters: the server puts `?` where their code page has no character. */
export function isNarrow({ baseType }: SqlColumn): boolean {
  return baseType === 'varchar' || baseType === 'char' || baseType === 'text';
}

/** `convert` is CONVERT, or TRY_CONVERT where a value that does not fit is to become NULL. */
export function converted(
  column: SqlColumn,
  text: string,
  convert: 'CONVERT' | 'TRY_CONVERT' = 'CONVERT',
): string {
  const { baseType, family, nativeType, length } = column;
  switch (family) {
    case 'text':
    case 'char': {
      const collated = `${text}${column.collation === null ? '' : ` COLLATE ${column.collation}`}`;
      // wider than the column: what is too long is refused by the assignment, where a cast to its length would cut it
      if (isNarrow(column)) return `CONVERT(varchar(${length === null ? 'max' : 8000}), ${collated})`;
      return collated;
    }
    case 'date':
      return `${convert}(date, ${text}, ${DATE})`;
    case 'wall':
      // these take no more than three digits of a second from a text
      if (baseType !== 'datetime2')
        return `${convert}(${baseType}, ${convert}(datetime2(7), ${text}, ${ODBC_MILLIS}))`;
      return `${convert}(${nativeType}, ${text}, ${ODBC_MILLIS})`;
    case 'instant':
      return `${convert}(${nativeType}, REPLACE(${text}, N'+00', N' +00:00'), ${ODBC_MILLIS})`;
    // compared as what it becomes: a single is another number as a double
    case 'single':
    case 'guid':
    case 'integer':
    case 'decimal':
    case 'boolean':
      return `${convert}(${nativeType}, ${text})`;
    default:
      return text;
  }
}
