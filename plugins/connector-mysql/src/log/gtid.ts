import { BrokenBytes, type Bytes } from './bytes.js';

/** The number of a transaction, as its event tells it. */
export interface GtidRead {
  /** MariaDB's domain, or MySQL's uuid; '' of an anonymous one. */
  readonly stream: string;
  /** MariaDB's server. */
  readonly server: number;
  readonly number: bigint;
  /** It is MariaDB's: whatever is not alone has begun with it. */
  readonly begins: boolean;
  /** What has begun will be prepared, not committed. */
  readonly xa: boolean;
}

const STANDALONE = 1;
const PREPARED_XA = 64;

export function mariadbGtid(body: Bytes, server: number): GtidRead {
  const number = body.big();
  const stream = String(body.unsigned(4));
  const flags = body.unsigned(1);
  const begins = (flags & STANDALONE) === 0;
  return { stream, server, number, begins, xa: (flags & PREPARED_XA) !== 0 };
}

export function mysqlGtid(body: Bytes, anonymous: boolean): GtidRead {
  body.skip(1);
  const hex = body.take(16).toString('hex');
  const number = body.big();
  const stream = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { stream: anonymous ? '' : stream, server: 0, number, begins: false, xa: false };
}

/** Transactions that are read, as a server names them: `0-1-100,1-2-7` of MariaDB, `uuid:1-100:105` of MySQL. */
export interface GtidState {
  add(gtid: GtidRead): void;
  text(): string;
}

/** The last number of each domain. */
export function mariadbState(text: string): GtidState {
  const last = new Map(
    text
      .split(',')
      .filter((part) => part !== '')
      .map((part): [string, string] => [part.split('-')[0]!, part]),
  );
  return {
    add: ({ stream, server, number }) => void last.set(stream, `${stream}-${server}-${number}`),
    text: () => [...last.values()].join(','),
  };
}

/** First and last number, both in it. */
type Range = [bigint, bigint];

/** `uuid:1-5:7,uuid2:1`, blanks and line breaks as the server puts them. */
export function rangesOf(text: string): Map<string, Range[]> {
  const found = new Map<string, Range[]>();
  for (const part of text.replace(/\s/g, '').split(',')) {
    const [uuid = '', ...ranges] = part.split(':');
    if (uuid === '') continue;
    const read = ranges.map((range): Range => {
      const [from, to = from] = range.split('-');
      if (!/^\d+$/.test(from ?? '') || !/^\d+$/.test(to ?? '')) throw new BrokenBytes('a GTID with a tag');
      return [BigInt(from!), BigInt(to!)];
    });
    found.set(uuid.toLowerCase(), [...(found.get(uuid.toLowerCase()) ?? []), ...read]);
  }
  return found;
}

export function mysqlState(text: string): GtidState {
  const sets = rangesOf(text);
  return {
    add({ stream, number }) {
      if (stream === '') return;
      const ranges = sets.get(stream) ?? [];
      const before = ranges.findIndex(([from, to]) => from <= number && number <= to + 1n);
      if (before < 0) {
        ranges.push([number, number]);
        ranges.sort(([a], [b]) => (a < b ? -1 : 1));
      } else if (number > ranges[before]![1]) {
        ranges[before]![1] = number;
      }
      sets.set(stream, joined(ranges));
    },
    text: () =>
      [...sets]
        .map(([uuid, ranges]) =>
          [uuid, ...ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`))].join(':'),
        )
        .join(','),
  };
}

function joined(ranges: readonly Range[]): Range[] {
  const found: Range[] = [];
  for (const [from, to] of ranges) {
    const last = found.at(-1);
    if (last && from <= last[1] + 1n) last[1] = to > last[1] ? to : last[1];
    else found.push([from, to]);
  }
  return found;
}

/** As COM_BINLOG_DUMP_GTID wants it: ends are behind the last number. */
export function encodedSet(text: string): Buffer {
  const number = (value: bigint | number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    return bytes;
  };
  const sets = rangesOf(text);
  return Buffer.concat([
    number(sets.size),
    ...[...sets].flatMap(([uuid, ranges]) => [
      Buffer.from(uuid.replaceAll('-', ''), 'hex'),
      number(ranges.length),
      ...ranges.flatMap(([from, to]) => [number(from), number(to + 1n)]),
    ]),
  ]);
}
