import type { FileHandle } from 'node:fs/promises';
import type { ItemType, LocalText } from '@qianzhi/model';
import type { Encoding } from '../config.js';
import { filesErrors } from '../errors.js';
import { createTranscoder } from '../text/encoding.js';

const HEADER_BYTES = 32;
const FIELD_BYTES = 32;
const END_OF_FIELDS = 0x0d;

export interface DbfField {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  readonly length: number;
  readonly decimals: number;
}

export interface DbfHeader {
  readonly version: number;
  readonly records: number;
  readonly headerBytes: number;
  readonly recordBytes: number;
  readonly encoding: Encoding;
  /** Columns a person sees; hidden system columns are left out. */
  readonly fields: readonly DbfField[];
}

/** Code page marks (language driver ids) of Chinese files; others are read as GB18030 too, unless the config says otherwise. */
const codePages: Readonly<Record<number, Encoding>> = { 77: 'gbk', 122: 'gbk' };

/** Catalog types of dBase III and FoxPro field types. */
export const dbfTypes: Readonly<Record<string, ItemType>> = {
  C: 'C',
  V: 'C',
  M: 'M',
  N: 'N',
  F: 'N',
  D: 'D',
  L: 'L',
  I: 'I',
  B: 'B',
  Y: 'Y',
  T: 'T',
};

export async function readHeader(
  file: FileHandle,
  path: string,
  declared: Encoding | 'auto',
): Promise<DbfHeader> {
  const broken = (zh: string, en: string) => {
    const problem: LocalText = { zh, en };
    return filesErrors.DAMAGED({ path, format: 'DBF', problem });
  };
  const head = await readAt(file, 0, HEADER_BYTES);
  if (head.length < HEADER_BYTES) throw broken('文件头不完整', 'its header is cut off');
  const version = head[0]!;
  const records = head.readUInt32LE(4);
  const headerBytes = head.readUInt16LE(8);
  const recordBytes = head.readUInt16LE(10);
  const encoding = declared === 'auto' ? (codePages[head[29]!] ?? 'gb18030') : declared;
  const { decode } = createTranscoder(encoding);
  const area = await readAt(file, HEADER_BYTES, Math.max(0, headerBytes - HEADER_BYTES));
  const fields: DbfField[] = [];
  let offset = 1;
  for (let at = 0; at + FIELD_BYTES <= area.length && area[at] !== END_OF_FIELDS; at += FIELD_BYTES) {
    const entry = area.subarray(at, at + FIELD_BYTES);
    const nameEnd = entry.indexOf(0);
    const name = decode(entry.subarray(0, nameEnd < 0 || nameEnd > 11 ? 11 : nameEnd));
    if (name === undefined) throw broken('列名不合编码', `a column name is no ${encoding}`);
    const type = String.fromCharCode(entry[11]!);
    // a character column may be longer than a byte counts: FoxPro and Clipper put the rest where decimals are
    const length = type === 'C' ? entry[16]! + entry[17]! * 256 : entry[16]!;
    const system = (entry[18]! & 1) !== 0;
    if (!system && type !== '0')
      fields.push({ name: name.trim(), type, offset, length, decimals: entry[17]! });
    offset += length;
  }
  if (fields.length === 0 || offset > recordBytes)
    throw broken('列与记录长度不符', 'columns and record length disagree');
  const { size } = await file.stat();
  if (size < headerBytes + records * recordBytes) {
    throw broken(`声明 ${records} 行,文件不足`, `it announces ${records} rows and is shorter`);
  }
  const strange = fields.find(({ type }) => dbfTypes[type] === undefined);
  if (strange)
    throw broken(
      `列 ${strange.name} 的类型 ${strange.type} 不支持`,
      `column ${strange.name} has the unknown type ${strange.type}`,
    );
  return { version, records, headerBytes, recordBytes, encoding, fields };
}

export async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}
