import type { ColumnDescription } from '@qianzhi/plugin-api';

/** A column of a file. Formats without types (CSV) leave everything but the name open. */
export type FileColumn = Pick<ColumnDescription, 'name'> & Partial<Omit<ColumnDescription, 'name'>>;

/**
 * Where to go on: `offset` in bytes (text formats) or in records, `skip` lines behind it, `line` the number of the next line or
 * record, from 1, for a person.
 */
export interface Place {
  readonly offset: number;
  readonly skip: number;
  readonly line: number;
}

/** How the bytes of a field stand in a line. */
export const PLAIN = 0;
export const QUOTED = 1;
/** Quoted, and quotes inside are written twice. */
export const DOUBLED = 2;

/** Fields of one record as spans of UTF-8 bytes; reused for each record. */
export interface Fields {
  data: Buffer;
  count: number;
  starts: Int32Array;
  ends: Int32Array;
  kinds: Uint8Array;
}

/** Takes the records of a file, one after another; each becomes row text or a rejected row. */
export interface RecordTaker {
  /** The block is large enough: the reader yields its place. */
  readonly full: boolean;
  /** `valid`: the bytes are known to be UTF-8. */
  fields(fields: Fields, line: number, valid: boolean): void;
  /** Values in the order of the file's columns; null is NULL, undefined what is no single value. */
  values(values: readonly (string | null | undefined)[], line: number): void;
  /** A record that has no fields to speak of. `bytes`: the line as far as it is known. */
  bad(reason: 'malformed' | 'row-too-large' | 'invalid-utf8', line: number, bytes?: Uint8Array): void;
}

/** One opened file as a table. */
export interface TableFile {
  readonly columns: readonly FileColumn[];
  /** For a person: format, encoding, delimiter as they were declared or detected. */
  readonly about: string;
  /** Reads from a place, or the beginning, on. Yields at each record where the taker is full; ends with the file. */
  records(taker: RecordTaker, from: Place | undefined, signal: AbortSignal): AsyncGenerator<Place>;
  close(): Promise<void>;
}
