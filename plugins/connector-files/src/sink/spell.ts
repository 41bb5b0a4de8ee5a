import type { CatalogItem } from '@qianzhi/model';
import iconv from 'iconv-lite';
import type { Encoding, FilesTarget } from '../config.js';
import { createTranscoder } from '../text/encoding.js';

/** A column of the target: the item that fills it, by position; -1 where no item does. */
export interface TargetColumn {
  readonly name: string;
  readonly field: number;
  readonly item: CatalogItem | undefined;
}

/** How rows are written as lines. `values` are in the order of the columns. */
export interface Speller {
  /** Line of the column names; '' where there is none. `withOp`: the op comes first. */
  header(withOp: boolean): string;
  /** `op` undefined: a file without ops. */
  line(values: readonly (string | null)[], op: 'U' | 'D' | undefined): string;
}

export function createSpeller(target: FilesTarget, columns: readonly TargetColumn[]): Speller {
  return target.format === 'jsonl' ? jsonLines(target, columns) : separated(target, columns);
}

/** RFC 4180, but NULL and the empty text differ: NULL is written without quotes, '' as `""`. */
function separated(target: FilesTarget, columns: readonly TargetColumn[]): Speller {
  const { nullText } = target;
  const delimiter = delimiterOf(target);
  const end = target.lineEnd === 'crlf' ? '\r\n' : '\n';
  const special = new RegExp(`["\\r\\n\\u{${delimiter.charCodeAt(0).toString(16)}}]|^[\\s\\ufeff]|\\s$`, 'u');
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const field = (value: string | null) => {
    if (value === null) return nullText;
    return value === '' || value === nullText || special.test(value) ? quoted(value) : value;
  };
  const row = (values: readonly (string | null)[]) => values.map(field).join(delimiter) + end;
  return {
    header: (withOp) => {
      const names = columns.map(({ name }) => name);
      return target.header ? row(withOp ? [target.opColumn, ...names] : names) : '';
    },
    line: (values, op) => (op === undefined ? row(values) : row([op, ...values])),
  };
}

export function delimiterOf(target: FilesTarget): string {
  return target.delimiter ?? (target.format === 'tsv' ? '\t' : ',');
}

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Numbers are written digit by digit, however many there are; what JSON has no number for is text. */
function jsonLines(target: FilesTarget, columns: readonly TargetColumn[]): Speller {
  const keys = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  const writers = columns.map(({ item }): ((text: string) => string) => {
    if (item && 'INYBF'.includes(item.type))
      return (text) => (JSON_NUMBER.test(text) ? text : JSON.stringify(text));
    if (item?.type === 'L')
      return (text) => (text === 't' ? 'true' : text === 'f' ? 'false' : JSON.stringify(text));
    return (text) => JSON.stringify(text);
  });
  const opKey = `${JSON.stringify(target.opColumn)}:`;
  return {
    header: () => '',
    line(values, op) {
      const fields = values.map((value, at) => keys[at]! + (value === null ? 'null' : writers[at]!(value)));
      if (op !== undefined) fields.unshift(`${opKey}"${op}"`);
      return `{${fields.join(',')}}\n`;
    },
  };
}

/** Text to bytes; undefined where the encoding cannot hold it exactly. */
export interface Encoder {
  readonly mark: Buffer;
  encode(text: string): Buffer | undefined;
}

export function createEncoder(encoding: Encoding, bom: boolean): Encoder {
  const mark = bom && encoding.startsWith('utf') ? bytesOf('\ufeff', encoding) : Buffer.alloc(0);
  if (encoding.startsWith('utf')) return { mark, encode: (text) => bytesOf(text, encoding) };
  const { decode } = createTranscoder(encoding);
  // what is read back differs where a character was replaced, or stands for two
  return {
    mark,
    encode(text) {
      const bytes = bytesOf(text, encoding);
      return decode(bytes) === text ? bytes : undefined;
    },
  };
}

function bytesOf(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  return iconv.encode(text, encoding);
}
