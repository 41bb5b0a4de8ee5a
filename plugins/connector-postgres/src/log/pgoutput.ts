/** Values of the key columns as PostgreSQL prints them. */
export type KeyText = readonly string[];

/** What is taken from the log: whose row changed and where transactions end, never the row itself. */
export type LogEvent =
  | { readonly kind: 'begin'; readonly xid: number }
  | { readonly kind: 'key'; readonly key: KeyText }
  /** Single rows can no longer be told: the table was emptied, or its replica identity does not cover the key. */
  | { readonly kind: 'copy'; readonly reason: 'truncated' | 'key-unknown' }
  /** The table was altered, or is named for the first time in this stream. */
  | { readonly kind: 'relation' }
  | { readonly kind: 'commit'; readonly end: bigint };

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
  /** Where the key columns stand; -1 for one that is not there. */
  readonly places: readonly number[];
  /** What an update without the row as it was says of the key: a replica identity without it, or a full one, is not told so. */
  readonly keyStays: boolean;
}

/**
 * Takes messages of the plugin pgoutput, protocol version 1, apart: of each changed row its key before and after.
 * https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
export function createDecoder(table: FollowedTable): (message: Buffer) => readonly LogEvent[] {
  /** Null for a relation that is another table. */
  const known = new Map<number, Relation | null>();
  return (message) => {
    const type = String.fromCharCode(message[0] ?? 0);
    if (type === 'B') return [{ kind: 'begin', xid: message.readUInt32BE(17) }];
    if (type === 'C') return [{ kind: 'commit', end: message.readBigUInt64BE(10) }];
    if (type === 'R') {
      const found = relationOf(message, table);
      known.set(message.readUInt32BE(1), found);
      return found ? [{ kind: 'relation' }] : [];
    }
    if (type === 'T') {
      const count = message.readUInt32BE(1);
      const relations = Array.from({ length: count }, (_, at) => message.readUInt32BE(6 + 4 * at));
      return relations.some((relation) => known.get(relation)) ? [{ kind: 'copy', reason: 'truncated' }] : [];
    }
    if (type !== 'I' && type !== 'U' && type !== 'D') return [];
    const relation = known.get(message.readUInt32BE(1));
    return relation ? keysOf(message, relation) : [];
  };
}

function relationOf(message: Buffer, table: FollowedTable): Relation | null {
  let at = 5;
  const text = (): string => {
    const end = message.indexOf(0, at);
    const found = message.toString('utf8', at, end);
    at = end + 1;
    return found;
  };
  const schema = text();
  const name = text();
  if (schema !== table.schema || name !== table.name) return null;
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
  // one that is not there is in no row
  const places = table.keyColumns.map((name) => columns.findIndex(({ column }) => column === name));
  return { places, keyStays: !full && places.every((place) => columns[place]?.inIdentity) };
}

/** One key, or two where it was changed. */
function keysOf(message: Buffer, { places, keyStays }: Relation): LogEvent[] {
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

function keyOf(values: readonly (string | undefined)[]): LogEvent {
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
