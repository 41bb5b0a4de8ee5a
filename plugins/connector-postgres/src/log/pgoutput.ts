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

export interface FollowedTable {
  readonly schema: string;
  readonly name: string;
  /** Its columns, in the order of `KeyText`. */
  readonly keyColumns: readonly string[];
}

/**
 * Takes messages of the plugin pgoutput, protocol version 1, apart: of each changed row its key before and after.
 * https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
export function createDecoder(table: FollowedTable): (message: Buffer) => readonly LogEvent[] {
  /** By relation: where the key columns stand; null for a relation that is another table. */
  const places = new Map<number, readonly number[] | null>();
  return (message) => {
    const type = String.fromCharCode(message[0] ?? 0);
    if (type === 'B') return [{ kind: 'begin', xid: message.readUInt32BE(17) }];
    if (type === 'C') return [{ kind: 'commit', end: message.readBigUInt64BE(10) }];
    if (type === 'R') {
      const found = relationOf(message, table);
      places.set(message.readUInt32BE(1), found);
      return found ? [{ kind: 'relation' }] : [];
    }
    if (type === 'T') {
      const count = message.readUInt32BE(1);
      const relations = Array.from({ length: count }, (_, at) => message.readUInt32BE(6 + 4 * at));
      return relations.some((relation) => places.get(relation))
        ? [{ kind: 'copy', reason: 'truncated' }]
        : [];
    }
    if (type !== 'I' && type !== 'U' && type !== 'D') return [];
    const wanted = places.get(message.readUInt32BE(1));
    return wanted ? keysOf(message, wanted) : [];
  };
}

function relationOf(message: Buffer, table: FollowedTable): readonly number[] | null {
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
  const count = message.readUInt16BE(at + 1);
  at += 3;
  const columns = Array.from({ length: count }, () => {
    // flags before the name, type and modifier behind it
    at += 1;
    const column = text();
    at += 8;
    return column;
  });
  // one that is not there is in no row
  return table.keyColumns.map((column) => columns.indexOf(column));
}

/** One key, or two where it was changed. */
function keysOf(message: Buffer, wanted: readonly number[]): LogEvent[] {
  const tuples = createTuples(message, 5, wanted);
  const first = tuples.next();
  // 'N': the row as it is now, and nothing before it
  if (message[5] === 0x4e || message[0] === 0x44) return [keyOf(first)];
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
