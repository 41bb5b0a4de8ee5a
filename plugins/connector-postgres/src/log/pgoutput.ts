/** Values of the key columns as PostgreSQL prints them. */
export type KeyText = readonly string[];

/** What is taken from the log of one table: whose row changed, never the row itself. */
export type TableEvent =
  | { readonly kind: 'key'; readonly key: KeyText }
  /** Single rows can no longer be told: the table was emptied, or its replica identity does not cover the key. */
  | { readonly kind: 'copy'; readonly reason: 'truncated' | 'key-unknown' }
  /** The table was altered, or is named for the first time in this stream. */
  | { readonly kind: 'relation' };

const INSERT = 0x49;
const DELETE = 0x44;
/** Before a row as it is now. */
const NEW = 0x4e;
/** The replica identity that is the whole row. */
const FULL = 0x66;

export interface FollowedTable {
  readonly schema: string;
  readonly name: string;
  /** Its columns, in the order of `KeyText`. */
  readonly keyColumns: readonly string[];
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
  /** Where the key columns stand; -1 for one that is not there. */
  readonly places: readonly number[];
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
        for (const event of keysOf(message, wanted)) followers.tell(follower, event);
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

function wantedOf({ full, columns }: Relation, { keyColumns }: FollowedTable): Wanted {
  // one that is not there is in no row
  const places = keyColumns.map((name) => columns.findIndex(({ column }) => column === name));
  return { places, keyStays: !full && places.every((place) => columns[place]?.inIdentity) };
}

/** One key, or two where it was changed. */
function keysOf(message: Buffer, { places, keyStays }: Wanted): TableEvent[] {
  const tuples = createTuples(message, 5, places);
  const first = tuples.next();
  const type = message[0];
  if (type === INSERT || type === DELETE) return [keyOf(first)];
  if (message[5] === NEW) return [keyStays ? keyOf(first) : { kind: 'copy', reason: 'key-unknown' }];
  const second = tuples.next();
  // a value that lies apart and was not changed is told with the old key alone
  const now = keyOf(second.map((value, at) => value ?? first[at]));
  return first.every((value, at) => value === (second[at] ?? value)) ? [now] : [keyOf(first), now];
}

function keyOf(values: readonly (string | undefined)[]): TableEvent {
  const key = values.filter((value) => value !== undefined);
  return key.length === values.length ? { kind: 'key', key } : { kind: 'copy', reason: 'key-unknown' };
}

/** Reads the wanted values of one tuple after the other; undefined is not told, or NULL, which no key column holds. */
function createTuples(message: Buffer, start: number, wanted: readonly number[]) {
  let at = start;
  return {
    next(): (string | undefined)[] {
      const found: (string | undefined)[] = wanted.map(() => undefined);
      const columns = message.readUInt16BE(at + 1);
      at += 3;
      for (let column = 0; column < columns; column++) {
        const form = message[at++];
        if (form !== 0x74) continue;
        const length = message.readUInt32BE(at);
        at += 4;
        const place = wanted.indexOf(column);
        if (place >= 0) found[place] = message.toString('utf8', at, at + length);
        at += length;
      }
      return found;
    },
  };
}
