import type { SqlColumn } from '@qianzhi/sql-kit';

/** A year before Christ keeps its sign, and is refused as such; others have a blank in its place. */
const SECONDS = 'SYYYY-MM-DD HH24:MI:SS';
const NANOSECONDS = `${SECONDS}.FF9`;

export function isNational({ baseType }: SqlColumn): boolean {
  return baseType === 'nvarchar2' || baseType === 'nchar' || baseType === 'nclob';
}

/**
 * Fetches a column so that the driver loses nothing of it. Numbers come as text by the driver's own decoding; times would come
 * as JS Dates.
 */
export function fetched({ baseType, family }: SqlColumn, name: string): string {
  switch (family) {
    case 'wall':
      return `LTRIM(TO_CHAR(${name}, '${baseType === 'date' ? SECONDS : NANOSECONDS}'))`;
    case 'instant':
      // concatenated to nothing the sign of the zone would remain
      return `NVL2(${name}, LTRIM(TO_CHAR(SYS_EXTRACT_UTC(${name}), '${NANOSECONDS}')) || '+00', NULL)`;
    case 'other':
      if (baseType === 'xmltype') return `XMLSERIALIZE(CONTENT ${name} AS CLOB)`;
      return /^(rowid|interval)/.test(baseType) ? `TO_CHAR(${name})` : name;
    default:
      return name;
  }
}

/** Floats and bytes have no text that is surely the same value again. */
export function keyText(column: SqlColumn, name: string): string | undefined {
  const ordered = ['text', 'char', 'decimal', 'wall', 'instant'].includes(column.family);
  return ordered && !column.large ? fetched(column, name) : undefined;
}

/**
 * Text SQL as a value of the column. Text is staged and bound as national text, which holds every character; a column of the
 * database's own character set gets it converted.
 */
export function converted(column: SqlColumn, text: string): string {
  const { baseType, family, nativeType } = column;
  switch (family) {
    case 'text':
      if (baseType === 'clob') return `TO_CLOB(${text})`;
      if (baseType === 'nclob') return text;
      return isNational(column) ? `TO_NCHAR(${text})` : `TO_CHAR(${text})`;
    case 'char':
      // padded like the column: compared with other text its blanks would count
      return `CAST(${isNational(column) ? text : `TO_CHAR(${text})`} AS ${nativeType})`;
    case 'decimal':
      return `TO_NUMBER(${text})`;
    case 'wall':
      return baseType === 'date'
        ? `TO_DATE(SUBSTR(${text}, 1, 19), 'YYYY-MM-DD HH24:MI:SS')`
        : `TO_TIMESTAMP(${text}, 'YYYY-MM-DD HH24:MI:SS.FF9')`;
    case 'instant':
      return `FROM_TZ(TO_TIMESTAMP(SUBSTR(${text}, 1, LENGTH(${text}) - 3), 'YYYY-MM-DD HH24:MI:SS.FF9'), '+00:00')`;
    case 'single':
      // compared as what it becomes: a single is another number as a double
      return `TO_BINARY_FLOAT(${text})`;
    case 'boolean':
      return `CASE ${text} WHEN N'1' THEN TRUE WHEN N'0' THEN FALSE END`;
    default:
      return text;
  }
}
