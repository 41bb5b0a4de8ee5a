import type { SqlBind, SqlRow } from '@qianzhi/sql-kit';
import { Request, TYPES } from 'tedious';
import type { TediousConnection } from './open-connection.js';

/** One value of a row as the driver gives it. */
interface DriverCell {
  readonly value: unknown;
}

const ROWS_AT_ONCE = 256;
/** Pieces that wait before the server is held up. */
const WAITING = 4;
const SHORT_TEXT = 4000;

function send(connection: TediousConnection, request: Request, binds: readonly SqlBind[]): void {
  for (const [at, bind] of binds.entries()) {
    const name = `p${at + 1}`;
    if (typeof bind === 'number') request.addParameter(name, TYPES.BigInt, bind);
    else if (Buffer.isBuffer(bind)) request.addParameter(name, TYPES.VarBinary, bind);
    // one length, so that the server keeps one plan
    else
      request.addParameter(name, TYPES.NVarChar, bind, {
        length: (bind?.length ?? 0) > SHORT_TEXT ? Number.POSITIVE_INFINITY : SHORT_TEXT,
      });
  }
  // a batch without parameters is run as it is: temporary tables and settings last for the session
  if (binds.length === 0) connection.execSqlBatch(request);
  else connection.execSql(request);
}

/** Runs one request and answers all of its rows. Throws the driver's error. */
export function runRequest(
  connection: TediousConnection,
  sql: string,
  binds: readonly SqlBind[],
): Promise<SqlRow[]> {
  return new Promise((resolve, reject) => {
    const rows: SqlRow[] = [];
    const request = new Request(sql, (error) => (error ? reject(error) : resolve(rows)));
    request.on('row', (cells: DriverCell[]) => rows.push(valuesOf(cells)));
    send(connection, request, binds);
  });
}

/**
 * Rows of one request, some at a time; at most a few pieces wait here. Leaving the loop cancels the request and waits until the
 * server has ended it. Throws the driver's error.
 */
export async function* streamRequest(
  connection: TediousConnection,
  sql: string,
  binds: readonly SqlBind[],
): AsyncGenerator<readonly SqlRow[]> {
  const waiting: SqlRow[][] = [];
  let piece: SqlRow[] = [];
  let paused = false;
  let wake = (): void => {};
  let resume = (): void => {};
  let settled: { readonly error?: Error | null } | undefined;
  const finished = new Promise<void>((resolve) => {
    const request = new Request(sql, (error) => {
      settled = error ? { error } : {};
      if (piece.length > 0) waiting.push(piece);
      wake();
      resolve();
    });
    request.on('row', (cells: DriverCell[]) => {
      piece.push(valuesOf(cells));
      if (piece.length < ROWS_AT_ONCE) return;
      waiting.push(piece);
      piece = [];
      if (waiting.length >= WAITING && !paused) {
        paused = true;
        request.pause();
      }
      wake();
    });
    resume = () => {
      paused = false;
      request.resume();
    };
    send(connection, request, binds);
  });
  try {
    for (;;) {
      const next = waiting.shift();
      if (next) {
        yield next;
        if (paused && waiting.length < WAITING / 2) resume();
        continue;
      }
      if (settled) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (settled.error) throw settled.error;
  } finally {
    if (!settled) {
      connection.cancel();
      await finished;
    }
  }
}

function valuesOf(cells: readonly DriverCell[]): SqlRow {
  const values: unknown[] = new Array(cells.length);
  for (let at = 0; at < cells.length; at++) values[at] = cells[at]!.value;
  return values as unknown as SqlRow;
}
