import { createReadStream } from 'node:fs';
import type { CatalogItem } from '@qianzhi/model';
import type { Workspace } from '../jobs/workspace.js';
import { lineReader } from '../sql/read-set.js';
import { ORDERED } from './keyed-order.js';
import type { OutputFile } from './output-file.js';
import type { SpellerOptions } from './spellers.js';

const MADE = 'made.parquet';

/**
 * Parquet with zstd by DuckDB: numbers, dates and times as such where every value of the column fits exactly, else the column is
 * text and said so.
 */
export async function writeParquet(
  { database, layout }: Workspace,
  { items, header, changes, notes }: SpellerOptions,
  file: OutputFile,
): Promise<void> {
  const source = `(SELECT string_split(line, chr(9)) AS f FROM ${lineReader(`'${ORDERED}'`, 'rows', layout.maxRowBytes + 64)})`;
  const value = (at: number) =>
    `(CASE WHEN f[${at + 3}] = '\\N' THEN NULL ELSE ${resolved(`f[${at + 3}]`)} END)`;
  const types = items.map(typeOf);
  const misfits = types.flatMap((type, at) => (type ? [misfit(type, value(at))] : []));
  const counts =
    misfits.length > 0 ? await database.numbers(`SELECT ${misfits.join(', ')} FROM ${source}`) : [];
  let checked = 0;
  const columns = items.map((item, at) => {
    const type = types[at];
    const fits = type !== undefined && counts[checked++] === 0;
    if (type !== undefined && !fits) notes.asText.add(item.column);
    return `${fits ? type.cast(value(at)) : value(at)} AS ${identifier(header[at + (changes ? 1 : 0)]!)}`;
  });
  if (changes) columns.unshift(`CASE WHEN f[2] = 'D' THEN 'D' ELSE 'U' END AS ${identifier(header[0]!)}`);
  await database.keepOrder();
  await database.run(
    `COPY (SELECT ${columns.join(', ')} FROM ${source}) TO '${MADE}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  for await (const piece of createReadStream(MADE, { highWaterMark: 1024 * 1024 })) await file.write(piece);
}

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** U+0000 is in no row text, so it can stand for a backslash while the others are resolved. */
function resolved(field: string): string {
  const steps = [
    ["'\\\\'", 'chr(0)'],
    ["'\\t'", 'chr(9)'],
    ["'\\n'", 'chr(10)'],
    ["'\\r'", 'chr(13)'],
    ['chr(0)', "'\\'"],
  ];
  const text = steps.reduce((made, [from, to]) => `replace(${made}, ${from}, ${to})`, field);
  return `CASE WHEN contains(${field}, '\\') THEN ${text} ELSE ${field} END`;
}

interface ParquetType {
  readonly name: string;
  cast(value: string): string;
  /** Also wanted of every value. */
  readonly also?: (value: string) => string;
}

const plain = (name: string, also?: ParquetType['also']): ParquetType => ({
  name,
  cast: (value) => `CAST(${value} AS ${name})`,
  ...(also && { also }),
});
/** Parquet's times have microseconds. */
const microseconds = (value: string) => `length(regexp_extract(${value}, '\\.(\\d+)', 1)) <= 6`;

/** Undefined: text. */
function typeOf(item: CatalogItem): ParquetType | undefined {
  const { type, precision = 0, scale = 0 } = item;
  if (type === 'C' || type === 'M') return undefined;
  if (type === 'L') return { name: 'BOOLEAN', cast: (value) => `(${value} = 't')` };
  if (type === 'G') return { name: 'BLOB', cast: (value) => `unhex(substr(${value}, 3))` };
  if (type === 'B' || type === 'F') return plain('DOUBLE');
  if (type === 'I') return plain('BIGINT');
  if (item.allow?.length) return undefined;
  if (type === 'D') return plain('DATE');
  if (type === 'T') return plain(item.instant ? 'TIMESTAMPTZ' : 'TIMESTAMP', microseconds);
  return precision > 0 && precision <= 38 ? plain(`DECIMAL(${precision}, ${scale})`) : undefined;
}

function misfit({ name, also }: ParquetType, value: string): string {
  if (name === 'BOOLEAN' || name === 'BLOB') return `count(*) FILTER (false)`;
  const exact = also ? ` OR NOT ${also(value)}` : '';
  return `count(*) FILTER (${value} IS NOT NULL AND (try_cast(${value} AS ${name}) IS NULL${exact}))`;
}
