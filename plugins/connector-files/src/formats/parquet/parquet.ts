import type { FileHandle } from 'node:fs/promises';
import { isQianzhiError, throwIfCancelled } from '@qianzhi/model';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  type SchemaElement,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { filesErrors } from '../../errors.js';
import { readAt } from '../dbf-header.js';
import type { Place, RecordTaker, TableFile } from '../table-file.js';
import { type ParquetColumn, parquetColumn } from './column-kind.js';

/** A row group is in memory as a whole. */
const MOST_GROUP_BYTES = 128 * 1024 * 1024;
/** Values come as they are stored: the library would make doubles and milliseconds of them. */
const asStored = {
  stringFromBytes: (bytes: Uint8Array) => bytes,
  jsonFromBytes: (bytes: Uint8Array) => bytes,
  timestampFromNanoseconds: (nanos: bigint) => nanos,
};

/** Opens Parquet: one row group at a time is read. Columns of lists and structures cannot be mapped. */
export async function openParquet(file: FileHandle, path: string): Promise<TableFile> {
  const { size } = await file.stat();
  const source: AsyncBuffer = {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = await readAt(file, start, end - start);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    },
  };
  const metadata = await sound(path, () => parquetMetadataAsync(source));
  const columns = columnsOf(metadata.schema);
  const largest = Math.max(0, ...metadata.row_groups.map((group) => Number(group.total_byte_size)));
  if (largest > MOST_GROUP_BYTES) {
    const what = { zh: '一个行组', en: 'a row group' };
    throw filesErrors.TOO_LARGE({ path, what, mebibytes: MOST_GROUP_BYTES / 1024 / 1024 });
  }
  const plain = { ...metadata, schema: metadata.schema.map(withoutMeaning) };
  return {
    columns: columns.map(({ column }) => column),
    about: `Parquet, ${metadata.num_rows} rows`,
    records: (taker, from, signal) => records(source, path, plain, columns, taker, from?.offset ?? 0, signal),
    close: () => file.close(),
  };
}

async function sound<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isQianzhiError(error)) throw error;
    const problem = { zh: '无法解读', en: 'it cannot be understood' };
    throw filesErrors.DAMAGED({ path, format: 'Parquet', problem });
  }
}

/** Columns of the top level; the schema is a tree written in depth-first order, its root first. */
function columnsOf(schema: readonly SchemaElement[]): ParquetColumn[] {
  const columns: ParquetColumn[] = [];
  const behind = (at: number): number => {
    let next = at + 1;
    for (let child = schema[at]?.num_children ?? 0; child > 0; child--) next = behind(next);
    return next;
  };
  for (let at = 1; at < schema.length; at = behind(at)) {
    const element = schema[at]!;
    columns.push(
      parquetColumn(element, element.type === undefined || element.repetition_type === 'REPEATED'),
    );
  }
  return columns;
}

const converted = new Set(['DECIMAL', 'DATE', 'TIMESTAMP_MILLIS', 'TIMESTAMP_MICROS', 'INTERVAL', 'BSON']);
const logical = new Set(['DECIMAL', 'DATE', 'TIMESTAMP', 'TIME', 'FLOAT16', 'GEOMETRY', 'GEOGRAPHY']);

/** A leaf whose values the library would change on the way is read as what is stored. */
function withoutMeaning(element: SchemaElement): SchemaElement {
  const changes =
    (element.converted_type && converted.has(element.converted_type)) ||
    (element.logical_type && logical.has(element.logical_type.type));
  if (!changes) return element;
  const { converted_type: _, logical_type: __, ...stored } = element;
  return stored;
}

async function* records(
  source: AsyncBuffer,
  path: string,
  metadata: FileMetaData,
  columns: readonly ParquetColumn[],
  taker: RecordTaker,
  behind: number,
  signal: AbortSignal,
): AsyncGenerator<Place> {
  const names = columns.flatMap(({ column }) => (column.nativeType === 'nested' ? [] : [column.name]));
  const at = columns.map(({ column }) => names.indexOf(column.name));
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    throwIfCancelled(signal, 'read a file');
    const rowEnd = rowStart + Number(group.num_rows);
    const first = Math.max(rowStart, behind);
    rowStart = rowEnd;
    if (first >= rowEnd) continue;
    let rows: unknown[][] = [];
    const onComplete = (read: unknown[][]) => {
      rows = read;
    };
    await sound(path, () =>
      parquetRead({
        file: source,
        metadata,
        columns: names,
        rowStart: first,
        rowEnd,
        compressors,
        utf8: false,
        parsers: asStored,
        onComplete,
      }),
    );
    if (rows.length !== rowEnd - first) {
      throw filesErrors.DAMAGED({
        path,
        format: 'Parquet',
        problem: { zh: '行数不符', en: 'rows are missing' },
      });
    }
    for (const [index, row] of rows.entries()) {
      const line = first + index + 1;
      const values = columns.map(({ text }, column) => {
        const value = at[column]! < 0 ? undefined : row[at[column]!];
        if (at[column]! < 0) return undefined;
        return value === null || value === undefined ? null : text(value);
      });
      taker.values(values, line);
      if (taker.full) yield { offset: line, skip: 0, line: line + 1 };
    }
  }
}
