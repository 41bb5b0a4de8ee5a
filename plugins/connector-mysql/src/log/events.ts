import { crc32 } from 'node:zlib';
import { BrokenBytes, type Bytes, bytesOf } from './bytes.js';
import { type GtidRead, mariadbGtid, mysqlGtid } from './gtid.js';
import {
  type FollowedTable,
  inflated,
  type KeyText,
  type Layout,
  type RowsForm,
  readRowKeys,
  readTableMap,
} from './rows-event.js';
import { type Statement, statementOf, xidText } from './statement.js';

/** What is taken from the log: whose row changed and where transactions end, never the row itself. */
export type LogEvent =
  /** Another file, or the one that is read, by its name. */
  | { readonly kind: 'file'; readonly file: string; readonly offset: number }
  /** When the file was begun, in seconds. */
  | { readonly kind: 'format'; readonly made: number }
  | { readonly kind: 'gtid'; readonly gtid: GtidRead }
  | { readonly kind: 'key'; readonly key: KeyText }
  | { readonly kind: 'prepared'; readonly xid: string }
  | Statement
  /** The low 32 bits of where the last event ends. */
  | { readonly kind: 'passed'; readonly offset: number };

const HEADER = 19;
const CHECKSUM = 4;
const ARTIFICIAL = 0x20;

const QUERY = 2;
const ROTATE = 4;
const FORMAT = 15;
const XID = 16;
const TABLE_MAP = 19;
const INCIDENT = 26;
const HEARTBEATS: readonly number[] = [27, 41];
const GTID = 33;
const ANONYMOUS_GTID = 34;
const XA_PREPARE = 38;
const PAYLOAD = 40;
const TAGGED_GTID = 42;
const EXECUTE_LOAD = 18;
const MARIADB_GTID = 162;
const MARIADB_QUERY_COMPRESSED = 165;

const rowsForms: Readonly<Partial<Record<number, RowsForm>>> = {
  23: { change: 'write', version: 1 },
  24: { change: 'update', version: 1 },
  25: { change: 'delete', version: 1 },
  30: { change: 'write', version: 2 },
  31: { change: 'update', version: 2 },
  32: { change: 'delete', version: 2 },
  39: { change: 'update', version: 2, partial: true },
  166: { change: 'write', version: 1, compressed: true },
  167: { change: 'update', version: 1, compressed: true },
  168: { change: 'delete', version: 1, compressed: true },
  169: { change: 'write', version: 2, compressed: true },
  170: { change: 'update', version: 2, compressed: true },
  171: { change: 'delete', version: 2, compressed: true },
};

const tableTypes: readonly number[] = [TABLE_MAP, QUERY, MARIADB_QUERY_COMPRESSED, ROTATE, FORMAT];

/** An event without its header and checksum. */
export interface RawEvent {
  readonly type: number;
  readonly body: Buffer;
  readonly event: Buffer;
  /** The low 32 bits of where it ends; undefined for one that is not in the log. */
  readonly passed: number | undefined;
}

/** Checks each event; undefined for one that says nothing. Throws BrokenBytes where a length or checksum is not true. */
export function createChecker(): (event: Buffer) => RawEvent | undefined {
  let checked = false;

  function bodyOf(event: Buffer, type: number): Buffer {
    if (type === FORMAT) {
      checked = event[event.length - CHECKSUM - 1] === 1;
      return event.subarray(HEADER, event.length - CHECKSUM - 1);
    }
    const end = event.length - CHECKSUM;
    // the server makes the first one up, before it is known whether events are checked
    const isChecked = type === ROTATE ? end >= HEADER && isTrue(event, end) : checked;
    if (!isChecked) return event.subarray(HEADER);
    if (end < HEADER || !isTrue(event, end)) throw new BrokenBytes(`checksum of an event of type ${type}`);
    return event.subarray(HEADER, end);
  }

  return (event) => {
    if (event.length < HEADER || event.readUInt32LE(9) !== event.length)
      throw new BrokenBytes(`an event of ${event.length} bytes`);
    const type = event[4]!;
    if (HEARTBEATS.includes(type)) return undefined;
    const offset = event.readUInt32LE(13);
    const made = (event.readUInt16LE(17) & ARTIFICIAL) !== 0 || offset === 0 || type === ROTATE;
    return { type, body: bodyOf(event, type), event, passed: made ? undefined : offset };
  };
}

export interface TableDecoder {
  decode(raw: RawEvent): readonly LogEvent[];
  /** False for rows of other tables. */
  wants(raw: RawEvent): boolean;
}

/** What an event says depends on the table that is asked about, or has to be known for it. */
export function isOfTable({ type }: RawEvent): boolean {
  return rowsForms[type] !== undefined || tableTypes.includes(type);
}

export function holdsRows({ type }: RawEvent): boolean {
  return rowsForms[type] !== undefined;
}

/**
 * Takes events of a binary log apart, of MySQL 5.7 and later and MariaDB. Throws BrokenBytes where a length or checksum is not true.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication_binlog_event.html
 * https://mariadb.com/kb/en/replication-protocol/
 */
export function createDecoder(table: FollowedTable): (event: Buffer) => readonly LogEvent[] {
  const check = createChecker();
  const { decode } = createTableDecoder(table);
  return (event) => {
    const raw = check(event);
    return raw ? decode(raw) : [];
  };
}

export function createTableDecoder(table: FollowedTable): TableDecoder {
  /** By number: a table map holds until another one of its number. Those of other tables are left out. */
  const layouts = new Map<number, Layout | 'altered'>();

  function decode(type: number, body: Bytes, event: Buffer): readonly LogEvent[] {
    const rows = rowsForms[type];
    if (rows) return keysOf(body, rows);
    switch (type) {
      case ROTATE:
        layouts.clear();
        return [{ kind: 'file', offset: Number(body.big()), file: body.rest().toString() }];
      case FORMAT:
        layouts.clear();
        return [{ kind: 'format', made: event.readUInt32LE(0) }];
      case TABLE_MAP: {
        const { id, layout } = readTableMap(body, table);
        if (layout === 'other') layouts.delete(id);
        else layouts.set(id, layout);
        return [];
      }
      case QUERY:
      case MARIADB_QUERY_COMPRESSED:
        return [readQuery(body, type !== QUERY, table)];
      case EXECUTE_LOAD:
        return [{ kind: 'copy', reason: 'statement-logged' }];
      case XID:
        return [{ kind: 'end' }];
      case XA_PREPARE:
        return [readPrepared(body)];
      case GTID:
      case ANONYMOUS_GTID:
        return [{ kind: 'gtid', gtid: mysqlGtid(body, type === ANONYMOUS_GTID) }];
      case MARIADB_GTID:
        return [{ kind: 'gtid', gtid: mariadbGtid(body, event.readUInt32LE(5)) }];
      case INCIDENT:
        return [{ kind: 'copy', reason: 'incident' }];
      case PAYLOAD:
      case TAGGED_GTID:
        return [{ kind: 'copy', reason: 'payload-compressed' }];
      default:
        return [];
    }
  }

  function keysOf(body: Bytes, form: RowsForm): readonly LogEvent[] {
    let altered = false;
    const keys = readRowKeys(body, form, (id) => {
      const layout = layouts.get(id);
      altered = layout === 'altered';
      return layout === 'altered' ? undefined : layout;
    });
    if (altered) return [{ kind: 'copy', reason: 'table-altered' }];
    return keys.map((key) => (key ? { kind: 'key', key } : { kind: 'copy', reason: 'key-unknown' }));
  }

  return {
    wants({ type, body }) {
      if (!rowsForms[type]) return true;
      return body.length < 6 || layouts.has(body.readUIntLE(0, 6));
    },
    decode({ type, body, event, passed }) {
      const found = decode(type, bytesOf(body), event);
      return passed === undefined ? found : [...found, { kind: 'passed', offset: passed }];
    },
  };
}

function isTrue(event: Buffer, end: number): boolean {
  return crc32(event.subarray(0, end)) === event.readUInt32LE(end);
}

/** Texts come in the character set of whoever sent them: names outside of ASCII are read in the two that are likely. */
function readQuery(body: Bytes, compressed: boolean, table: FollowedTable): Statement {
  body.skip(8);
  const schemaLength = body.unsigned(1);
  body.skip(2);
  body.skip(body.unsigned(2));
  const schema = body.take(schemaLength).toString();
  body.skip(1);
  const text = compressed ? inflated(body) : body.rest();
  const read = statementOf(text.toString(), schema, table);
  if (read.kind !== 'other' || !text.some((byte) => byte > 0x7f)) return read;
  return statementOf(new TextDecoder('gb18030').decode(text), schema, table);
}

function readPrepared(body: Bytes): LogEvent {
  const onePhase = body.unsigned(1) === 1;
  const format = body.unsigned(4);
  const [global, branch] = [body.unsigned(4), body.unsigned(4)];
  const xid = xidText(body.take(global).toString('hex'), body.take(branch).toString('hex'), format);
  return onePhase ? { kind: 'end' } : { kind: 'prepared', xid };
}
