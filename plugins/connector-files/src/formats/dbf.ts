import type { FileHandle } from 'node:fs/promises';
import { throwIfCancelled } from '@qianzhi/model';
import type { FilesSource } from '../config.js';
import { createTranscoder, type Transcoder } from '../text/encoding.js';
import { type DbfField, type DbfHeader, dbfTypes, readAt, readHeader } from './dbf-header.js';
import { type MemoFile, openMemo } from './dbf-memo.js';
import type { FileColumn, Place, RecordTaker, TableFile } from './table-file.js';

const DELETED = 0x2a;
const CHUNK_BYTES = 256 * 1024;
const JULIAN_UNIX_EPOCH = 2_440_588;
const DAY_MS = 86_400_000;

/** Opens dBase III and FoxPro tables. Records marked as deleted are left out, as their own programs do. */
export async function openDbf(file: FileHandle, path: string, spec: FilesSource): Promise<TableFile> {
  const header = await readHeader(file, path, spec.encoding);
  const memo = header.fields.some(({ type }) => type === 'M') ? await openMemo(path) : undefined;
  return {
    columns: header.fields.map(columnOf),
    about: `DBF ${header.version.toString(16).padStart(2, '0')}, ${header.encoding}, ${header.records} records`,
    records: (taker, from, signal) => records(file, header, memo, taker, from, signal),
    async close() {
      await memo?.close();
      await file.close();
    },
  };
}

function columnOf({ name, type, length, decimals }: DbfField): FileColumn {
  const known = dbfTypes[type]!;
  const shown =
    known === 'N' ? `${type}(${length}, ${decimals})` : known === 'C' ? `${type}(${length})` : type;
  return {
    name,
    nativeType: shown,
    type: known === 'N' && decimals === 0 ? 'I' : known,
    ...(known === 'C' && { length }),
    ...(known === 'N' && { precision: length, scale: decimals }),
  };
}

async function* records(
  file: FileHandle,
  header: DbfHeader,
  memo: MemoFile | undefined,
  taker: RecordTaker,
  from: Place | undefined,
  signal: AbortSignal,
): AsyncGenerator<Place> {
  const { recordBytes, headerBytes, fields } = header;
  const transcoder = createTranscoder(header.encoding);
  const atOnce = Math.max(1, Math.floor(CHUNK_BYTES / recordBytes));
  for (let at = from?.offset ?? 0; at < header.records; at += atOnce) {
    throwIfCancelled(signal, 'read a file');
    const count = Math.min(atOnce, header.records - at);
    const chunk = await readAt(file, headerBytes + at * recordBytes, count * recordBytes);
    for (let n = 0; n < count; n++) {
      const record = chunk.subarray(n * recordBytes, (n + 1) * recordBytes);
      const line = at + n + 1;
      if (record[0] !== DELETED) await take(record, fields, memo, transcoder, taker, line);
      if (taker.full && line < header.records) yield { offset: line, skip: 0, line: line + 1 };
    }
  }
}

async function take(
  record: Buffer,
  fields: readonly DbfField[],
  memo: MemoFile | undefined,
  transcoder: Transcoder,
  taker: RecordTaker,
  line: number,
): Promise<void> {
  const values: (string | null | undefined)[] = [];
  for (const field of fields) {
    const bytes = record.subarray(field.offset, field.offset + field.length);
    if (field.type === 'C' || field.type === 'V' || field.type === 'M') {
      const raw = field.type === 'M' ? await memoAt(bytes, memo) : bytes;
      const text = raw && transcoder.decode(raw);
      if (raw && text === undefined) {
        taker.bad('invalid-utf8', line);
        return;
      }
      const whole = field.type === 'M' ? text : text?.replace(/[ \0]+$/, '');
      values.push(raw === null || whole === '' ? null : whole);
    } else values.push(simpleValue(field, bytes));
  }
  taker.values(values, line);
}

/** Null where the record has no long text; undefined where it has one that is not to be had. */
async function memoAt(bytes: Buffer, memo: MemoFile | undefined): Promise<Buffer | null | undefined> {
  const block = bytes.length === 4 ? bytes.readUInt32LE(0) : Number(bytes.toString('latin1').trim() || 0);
  if (block === 0) return null;
  return memo?.read(block);
}

function simpleValue({ type, length }: DbfField, bytes: Buffer): string | null {
  switch (type) {
    case 'I':
      return String(bytes.readInt32LE(0));
    case 'B':
      return String(bytes.readDoubleLE(0));
    case 'Y':
      return scaled(bytes.readBigInt64LE(0));
    case 'T':
      return isBlank(bytes) ? null : timeOf(bytes.readInt32LE(0), bytes.readInt32LE(4));
    case 'L': {
      const letter = String.fromCharCode(bytes[0]!).toUpperCase();
      return letter === 'Y' || letter === 'T' ? 't' : letter === 'N' || letter === 'F' ? 'f' : null;
    }
    default: {
      const text = bytes.toString('latin1', 0, length).replace(/\0/g, ' ').trim();
      return text === '' ? null : text;
    }
  }
}

/** Some programs leave blanks where there is no value, others zeros. */
function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20);
}

/** Currency: a whole number of ten-thousandths. */
function scaled(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(5, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

/** Julian day and milliseconds of the day; FoxPro stores some a millisecond short of the second that was meant, and shows none. */
function timeOf(day: number, ms: number): string | null {
  if (day === 0) return null;
  const time = new Date((day - JULIAN_UNIX_EPOCH) * DAY_MS + Math.round(ms / 1000) * 1000);
  return Number.isNaN(time.getTime()) ? `${day}/${ms}` : time.toISOString().slice(0, 19).replace('T', ' ');
}
