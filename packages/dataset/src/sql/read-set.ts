import type { LinkExtension } from '../link-sets.js';
import type { RowLayout, SetName } from '../protocol.js';

/** Marks the error that a row of another shape raises; the set's name follows after a colon. */
export const wrongShape = 'qz-wrong-shape';

/** `S` rows of a copy, `D` rows of keys, or rows of any op. */
export type WantedOp = 'S' | 'D' | 'any';

/**
 * SQL that answers one VARCHAR column `line` per row of a set, its bytes untouched, every row checked for op and
 * field count. Reads the links that linkSets made.
 */
export function readSet(
  set: SetName,
  op: WantedOp,
  layout: RowLayout,
  extensions: readonly LinkExtension[],
  maxRowBytes: number,
): string {
  const reads = [...new Set(extensions)].map((extension) => readLines(set, extension, maxRowBytes));
  if (reads.length === 0) return `SELECT ''::VARCHAR AS line WHERE false`;
  const ops = op === 'any' ? `'S', 'U', 'D'` : `'${op}'`;
  return `SELECT CASE WHEN line[1] IN (${ops}) AND line[2] = chr(9) AND len(string_split(line, chr(9))) = ${layout.fields + 1}
      THEN line ELSE error('${wrongShape}:${set}') END AS line
    FROM (${reads.join(' UNION ALL ')})`;
}

/**
 * Why this is exact: TAB, quote and backslash mean nothing to this reader. The delimiter is U+0000 and the line end LF,
 * which row text never holds inside a row; a raw CR, which DuckDB takes for a line end, it never holds either.
 * Where a file breaks that, strict mode fails instead of guessing. A line is never empty and never the
 * null text, because it starts with an op and a TAB; for the same reason no file has a BOM
 * of its own to be dropped.
 */
function readLines(set: SetName, extension: LinkExtension, maxRowBytes: number): string {
  return `SELECT line FROM ${lineReader(`'in/${set}/*.${extension}'`, extension, maxRowBytes)}`;
}

/** The table function that reads files of one kind as lines; `files` is a SQL text or list. With `filename`, of which file too. */
export function lineReader(
  files: string,
  extension: LinkExtension,
  maxRowBytes: number,
  filename = false,
): string {
  // a row at the limit, however its op and line end are counted
  const lineBytes = maxRowBytes + 4096;
  return `read_csv(${files}, filename = ${filename}, columns = {'line': 'VARCHAR'}, delim = chr(0),
    quote = '', escape = '', comment = '', nullstr = chr(1), header = false, auto_detect = false, strict_mode = true,
    new_line = '\\n', max_line_size = ${lineBytes}, buffer_size = ${2 * lineBytes},
    compression = '${extension === 'zst' ? 'zstd' : 'none'}')`;
}
