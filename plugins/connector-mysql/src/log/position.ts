import type { LogPlace } from '@qianzhi/sql-kit';

/** A place in a binary log, behind a whole transaction. */
export interface LogPosition {
  /** Which server's file it is. */
  readonly server: string;
  /** When the file was begun, in seconds: a file of the same name that was begun at another time is another one. 0 is not known. */
  readonly made: number;
  /** '' where only the transactions are known. */
  readonly file: string;
  readonly offset: number;
  /** Every transaction that lies before, as the server names them; '' where it has no names. Some more may be before. */
  readonly gtid: string;
}

export function positionText({ server, made, offset, gtid, file }: LogPosition): string {
  return [server, made, offset, gtid || '-', file].join(' ');
}

export function positionOf({ position }: Pick<LogPlace, 'position'>): LogPosition {
  const [server = '', made, offset, gtid = '', ...file] = position.split(' ');
  return {
    server,
    made: Number(made ?? 0),
    offset: Number(offset ?? 0),
    gtid: gtid === '-' ? '' : gtid,
    file: file.join(' '),
  };
}

/** Where an event ends, of one server. */
export interface Point {
  readonly file: string;
  readonly offset: number;
}

/** Whether `point` lies before the other one; files are numbered in their order. */
export function isBefore(point: Point, other: Point): boolean {
  const [number, otherNumber] = [numberOf(point.file), numberOf(other.file)];
  return number === otherNumber ? point.offset < other.offset : number < otherNumber;
}

function numberOf(file: string): number {
  return Number(/\d+$/.exec(file)?.[0] ?? 0);
}
