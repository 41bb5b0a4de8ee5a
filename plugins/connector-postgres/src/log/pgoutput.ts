import type { LoggedRow } from './logged-row.js';

/** Values of the key columns as PostgreSQL prints them. */
export type KeyText = readonly string[];

/** What is taken from the log of one table. */
export type TableEvent =
  /** Whose row changed, and where the log tells it whole, what it is now: an upsert or a delete. */
  | { readonly kind: 'key'; readonly key: KeyText; readonly row?: Buffer }
  /** Single rows can no longer be told: the table was emptied, or its replica identity does not cover the key. */
  | { readonly kind: 'copy'; readonly reason: 'truncated' | 'key-unknown' }
  /** The table was altered, or is named for the first time in this stream. */
  | { readonly kind: 'relation' };

const INSERT = 0x49;
const DELETE = 0x44;
/** Before a row as it is now. */
const NEW = 0x4e;
/** Before a row as it was, with all its values. */
const OLD = 0x4f;
/** Larger rows are not held until their turn comes. */
const LARGEST_ROW = 65_536;
const IS_NULL = 0x6e;
const IS_TEXT = 0x74;
/** The replica identity that is the whole row. */
const FULL = 0x66;

export interface FollowedTable {
  readonly schema: string;
  readonly name: string;
  /** Its columns, in the order of `KeyText`. */
  readonly keyColumns: readonly string[];
  /** Left out: rows are not taken from the log. */
  readonly logged?: LoggedRow | undefined;
}

/** A relation as the stream names it. */
interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly full: boolean;
  readonly columns: readonly { readonly column: string; readonly inIdentity: boolean }[];
}

/** What of a relation's rows one follower wants. */
interface Wanted {
  /** Where the columns stand, those of the key first; -1 for one that is not there. */
  readonly places: readonly number[];
  readonly keys: number;
  readonly logged: LoggedRow | undefined;
  /** What an update without the row as it was says of the key: a replica identity without it, or a full one, is not told so. */
  readonly keyStays: boolean;
}

/** To whom the messages of a stream are told. */
export interface Followers<F extends FollowedTable> {
  /** A transaction whose commit is written at this place. */
  begin(xid: number, at: bigint): void;
  commit(end: bigint): void;
  of(schema: string, name: string): readonly F[];
  tell(follower: F, event: TableEvent): void;
}

/**
 * Takes messages of the plugin pgoutput, protocol version 1, apart: of each changed row its key before and after, for each follower of
 * its table. Followers may come and go between two messages.
 * https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
export function createDecoder<F extends FollowedTable>(followers: Followers<F>): (message: Buffer) => void {
  const known = new Map<number, Relation & { readonly wanted: WeakMap<F, Wanted> }>();
  return (message) => {
    const type = String.fromCharCode(message[0] ?? 0);
    if (type === 'B') followers.begin(message.readUInt32BE(17), message.readBigUInt64BE(1));
    else if (type === 'C') followers.commit(message.readBigUInt64BE(10));
    else if (type === 'R') {
      const relation = { ...relationOf(message), wanted: new WeakMap() };
      known.set(message.readUInt32BE(1), relation);
      for (const follower of followers.of(relation.schema, relation.name))
        followers.tell(follower, { kind: 'relation' });
    } else if (type === 'T') {
      const count = message.readUInt32BE(1);
      for (let at = 0; at < count; at++) {
        const relation = known.get(message.readUInt32BE(6 + 4 * at));
        if (!relation) continue;
        for (const follower of followers.of(relation.schema, relation.name))
          followers.tell(follower, { kind: 'copy', reason: 'truncated' });
      }
    } else if (type === 'I' || type === 'U' || type === 'D') {
      const relation = known.get(message.readUInt32BE(1));
      if (!relation) return;
      for (const follower of followers.of(relation.schema, relation.name)) {
        const wanted = relation.wanted.get(follower) ?? wantedOf(relation, follower);
        relation.wanted.set(follower, wanted);
        const within = message.length > LARGEST_ROW ? { ...wanted, logged: undefined } : wanted;
        for (const event of keysOf(message, within)) followers.tell(follower, event);
      }
    }
  };
}

function relationOf(message: Buffer): Relation {
  let at = 5;
  const text = (): string => {
    const end = message.indexOf(0, at);
    const found = message.toString('utf8', at, end);
    at = end + 1;
    return found;
  };
  const schema = text();
  const name = text();
  const full = message[at] === FULL;
  const count = message.readUInt16BE(at + 1);
  at += 3;
  const columns = Array.from({ length: count }, () => {
    // flags before the name, type and modifier behind it
    const inIdentity = (message[at++]! & 1) === 1;
    const column = text();
    at += 8;
    return { column, inIdentity };
  });
  return { schema, name, full, columns };
}

function wantedOf({ full, columns }: Relation, { keyColumns, logged }: FollowedTable): Wanted {
  const placeOf = (name: string) => columns.findIndex(({ column }) => column === name);
  // one that is not there is in no row
  const places = (logged?.columns ?? keyColumns).map(placeOf);
  const keys = keyColumns.length;
  const keyStays = !full && places.slice(0, keys).every((place) => columns[place]?.inIdentity);
  return { places, keys, logged: places.includes(-1) ? undefined : logged, keyStays };
}

/** Of the wanted columns; undefined is not told. */
type Values = readonly (string | null | undefined)[];

/** One key, or two where it was changed. */
function keysOf(message: Buffer, wanted: Wanted): TableEvent[] {
  const tuples = createTuples(message, 5, wanted.places);
  const first = tuples.next();
  const type = message[0];
  if (type === INSERT) return [changed(first, wanted)];
  if (type === DELETE) return [gone(first, wanted)];
  if (message[5] === NEW)
    return [wanted.keyStays ? changed(first, wanted) : { kind: 'copy', reason: 'key-unknown' }];
  const known = message[5] === OLD ? wanted.places.length : wanted.keys;
  // a value that lies apart and was not changed is told with the row as it was alone
  const now = tuples.next().map((value, at) => (value === undefined && at < known ? first[at] : value));
  const moved = first.slice(0, wanted.keys).some((value, at) => value !== now[at]);
  return moved ? [gone(first, wanted), changed(now, wanted)] : [changed(now, wanted)];
}

function changed(values: Values, { keys, logged }: Wanted): TableEvent {
  const key = keyOf(values, keys);
  if (!key) return { kind: 'copy', reason: 'key-unknown' };
  if (!logged || !isWhole(values)) return { kind: 'key', key };
  return { kind: 'key', key, row: logged.upsert(values) };
}

function gone(values: Values, { keys, logged }: Wanted): TableEvent {
  const key = keyOf(values, keys);
  if (!key) return { kind: 'copy', reason: 'key-unknown' };
  return logged ? { kind: 'key', key, row: logged.gone(key) } : { kind: 'key', key };
}

/** Undefined where a part is not told; none can be NULL. */
function keyOf(values: Values, keys: number): KeyText | undefined {
  const key = values.slice(0, keys).filter((value) => typeof value === 'string');
  return key.length === keys ? key : undefined;
}

function isWhole(values: Values): values is readonly (string | null)[] {
  return !values.includes(undefined);
}

/** Reads the wanted values of one tuple after the other. */
function createTuples(message: Buffer, start: number, wanted: readonly number[]) {
  let at = start;
  return {
    next(): (string | null | undefined)[] {
      const found: (string | null | undefined)[] = wanted.map(() => undefined);
      const columns = message.readUInt16BE(at + 1);
      at += 3;
      for (let column = 0; column < columns; column++) {
        const form = message[at++];
        const place = wanted.indexOf(column);
        if (form === IS_NULL && place >= 0) found[place] = null;
        if (form !== IS_TEXT) continue;
        const length = message.readUInt32BE(at);
        at += 4;
        if (place >= 0) found[place] = message.toString('utf8', at, at + length);
        at += length;
      }
      return found;
    },
  };
}
