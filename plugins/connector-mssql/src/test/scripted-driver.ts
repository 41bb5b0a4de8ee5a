import { setImmediate as turn } from 'node:timers/promises';
import type { BulkLoad, Request } from 'tedious';
import type { MakeConnection, TediousConnection } from '../driver/open-connection.js';

/** What the server is to say to one statement. */
export interface Answer {
  readonly rows?: readonly (readonly unknown[])[];
  /** As the driver's RequestError has it. */
  readonly error?: { readonly number?: number; readonly code?: string; readonly message?: string };
  /** The statement ends only when it is cancelled. */
  readonly hangs?: boolean;
}

/** One statement as the driver was given it. A bulk load is `insert bulk <table>` with its rows. */
export interface Sent {
  readonly connection: number;
  readonly sql: string;
  readonly binds: readonly unknown[];
  readonly rows?: readonly (readonly unknown[])[];
  /** Run as a batch, in the session's own scope. */
  readonly batch: boolean;
}

export interface ScriptedDriver {
  readonly make: MakeConnection;
  readonly sent: readonly Sent[];
  /** Statements that match, in their order. */
  statements(pattern: RegExp): readonly Sent[];
  /** Connections closed and statements cancelled so far. */
  readonly closed: number;
  readonly cancelled: number;
}

/** What the double looks at of a request. */
interface Running {
  readonly sqlTextOrProcedure: string | undefined;
  readonly parameters: readonly { readonly value: unknown }[];
  readonly callback: (error: Error | null | undefined, rowCount?: number) => void;
  paused: boolean;
  emit(event: 'row', cells: readonly { readonly value: unknown }[]): boolean;
  once(event: 'resume', listener: () => void): unknown;
}

function errorOf({ message = 'scripted', ...facts }: NonNullable<Answer['error']>): Error {
  return Object.assign(new Error(message), { code: 'EREQUEST', ...facts });
}

/**
 * Stands in for the driver's connection: records what it is sent and answers from a script, at the driver's own interface, so that
 * requests, rows and errors take the way they take with a server.
 */
export function scriptedDriver(
  answer: (sent: Sent) => Answer,
  login?: { number: number; code: string },
): ScriptedDriver {
  const sent: Sent[] = [];
  let connections = 0;
  let closed = 0;
  let cancelled = 0;

  function make(): TediousConnection {
    const connection = ++connections;
    let cancel: (() => void) | undefined;
    const listeners = new Map<string, (fact: never) => void>();

    async function run(request: Running, batch: boolean): Promise<void> {
      const record = {
        connection,
        sql: request.sqlTextOrProcedure ?? '',
        binds: request.parameters.map(({ value }) => value),
        batch,
      };
      sent.push(record);
      const { rows = [], error, hangs } = answer(record);
      let stopped = false;
      const ended = new Promise<void>((resolve) => {
        cancel = () => {
          stopped = true;
          cancelled++;
          resolve();
        };
      });
      for (const row of rows) {
        if (request.paused)
          await Promise.race([
            new Promise<void>((resolve) => request.once('resume', () => resolve())),
            ended,
          ]);
        if (stopped) break;
        request.emit(
          'row',
          row.map((value) => ({ value })),
        );
      }
      if (hangs) await ended;
      await turn();
      cancel = undefined;
      if (stopped) request.callback(errorOf({ code: 'ECANCEL', message: 'Canceled.' }));
      else if (error) request.callback(errorOf(error));
      else request.callback(null, rows.length);
    }

    return {
      connect(done) {
        void turn().then(() => {
          if (!login) return done();
          listeners.get('errorMessage')?.({ number: login.number } as never);
          done(errorOf({ code: login.code }));
        });
      },
      on: (event: string, listener: (fact: never) => void) => void listeners.set(event, listener),
      execSql: (request: Request) => void run(request as unknown as Running, false),
      execSqlBatch: (request: Request) => void run(request as unknown as Running, true),
      newBulkLoad: ((table: string, _options: object, callback: (error?: Error) => void) => ({
        table,
        callback,
        columns: [] as unknown[],
        addColumn(...column: unknown[]) {
          this.columns.push(column);
        },
      })) as unknown as TediousConnection['newBulkLoad'],
      execBulkLoad(load: BulkLoad, rows: unknown) {
        const { table, callback, columns } = load as unknown as {
          table: string;
          callback: (error?: Error) => void;
          columns: unknown[];
        };
        const given = [...(rows as Iterable<unknown[]>)].map((row) => [...row]);
        const record = { connection, sql: `insert bulk ${table}`, binds: columns, rows: given, batch: true };
        sent.push(record);
        const { error } = answer(record);
        void turn().then(() => callback(error && errorOf(error)));
      },
      cancel() {
        cancel?.();
        return true;
      },
      close() {
        closed++;
        listeners.get('end')?.(undefined as never);
      },
    } as TediousConnection;
  }

  return {
    make,
    sent,
    statements: (pattern) => sent.filter(({ sql }) => pattern.test(sql)),
    get closed() {
      return closed;
    },
    get cancelled() {
      return cancelled;
    },
  };
}
