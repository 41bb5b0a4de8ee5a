import { DOUBLED, type Fields, PLAIN, QUOTED } from './table-file.js';

const LF = 10;
const CR = 13;
const NONE = -1;

export interface CsvDialect {
  readonly delimiter: number;
  /** -1: no quotes. */
  readonly quote: number;
}

/** What `next` found: the end of a record, behind its line break, or one of these. */
export const INCOMPLETE = -1;

export interface CsvScanner {
  readonly fields: Fields;
  /** Line breaks in the record found last, its own included. */
  readonly lines: number;
  /** A closing quote is followed by something else than a delimiter, or a quote is not closed before the end. */
  readonly malformed: boolean;
  /** It is malformed because a quote is not closed before the end. */
  readonly unclosed: boolean;
  /** Finds the record at `from`. Without `final` a record that has no line break yet is INCOMPLETE. */
  next(data: Buffer, from: number, end: number, final: boolean): number;
}

/**
 * Finds the fields of CSV records (RFC 4180) in UTF-8 bytes. Delimiter, quote and line breaks are ASCII, which in UTF-8 never is
 * part of another character. A quote inside an unquoted field is a character like any other; CR counts before LF only.
 */
export function createCsvScanner({ delimiter, quote }: CsvDialect): CsvScanner {
  const fields: Fields = {
    data: Buffer.alloc(0),
    count: 0,
    starts: new Int32Array(256),
    ends: new Int32Array(256),
    kinds: new Uint8Array(256),
  };
  let lines = 0;
  let malformed = false;
  let unclosed = false;

  function add(start: number, end: number, kind: number): void {
    if (fields.count === fields.starts.length) widen(fields);
    fields.starts[fields.count] = start;
    fields.ends[fields.count] = end;
    fields.kinds[fields.count++] = kind;
  }

  return {
    fields,
    get lines() {
      return lines;
    },
    get malformed() {
      return malformed || unclosed;
    },
    get unclosed() {
      return unclosed;
    },
    next(data, from, end, final) {
      fields.data = data;
      fields.count = 0;
      lines = 0;
      malformed = false;
      unclosed = false;
      let at = from;
      for (;;) {
        if (quote !== NONE && at < end && data[at] === quote) {
          const start = at + 1;
          let kind = QUOTED;
          at = start;
          for (;;) {
            while (at < end && data[at] !== quote) {
              if (data[at] === LF) lines++;
              at++;
            }
            if (at >= end) {
              if (!final) return INCOMPLETE;
              unclosed = true;
              add(start, at, kind);
              return end;
            }
            if (at + 1 < end && data[at + 1] === quote) {
              kind = DOUBLED;
              at += 2;
            } else break;
          }
          add(start, at, kind);
          at++;
          if (at < end && data[at] === CR && at + 1 < end && data[at + 1] === LF) at++;
          const c = at < end ? data[at]! : NONE;
          if (c !== delimiter && c !== LF && c !== NONE) {
            malformed = true;
            while (at < end && data[at] !== delimiter && data[at] !== LF) at++;
          }
        } else {
          const start = at;
          while (at < end && data[at] !== delimiter && data[at] !== LF) at++;
          const atLineEnd = at < end ? data[at] === LF : final;
          add(start, atLineEnd && at > start && data[at - 1] === CR ? at - 1 : at, PLAIN);
        }
        if (at >= end) return final ? end : INCOMPLETE;
        if (data[at++] === LF) {
          lines++;
          return at;
        }
        // the file ends behind a delimiter: one more field, and it is empty
      }
    },
  };
}

function widen(fields: Fields): void {
  const size = fields.starts.length * 2;
  const starts = new Int32Array(size);
  const ends = new Int32Array(size);
  const kinds = new Uint8Array(size);
  starts.set(fields.starts);
  ends.set(fields.ends);
  kinds.set(fields.kinds);
  Object.assign(fields, { starts, ends, kinds });
}

/** The text of a field; quotes written twice are one. */
export function fieldText({ data, starts, ends, kinds }: Fields, at: number, quote: number): string {
  const text = data.toString('utf8', starts[at], ends[at]);
  if (kinds[at] !== DOUBLED) return text;
  const one = String.fromCharCode(quote);
  return text.replaceAll(one + one, one);
}
