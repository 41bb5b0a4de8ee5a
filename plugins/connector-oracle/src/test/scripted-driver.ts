import { setImmediate as turn } from 'node:timers/promises';
import type { MakeConnection, OracleConnection } from '../driver/open-connection.js';

/** What the server is to say to one statement. */
export interface Answer {
  readonly rows?: readonly (readonly unknown[])[];
  /** Rows that it wrote. */
  readonly count?: number;
  /** `ORA-00001`, as the driver has it; the message may quote values. */
  readonly error?: string;
  readonly message?: string;
  /** For array binds: refused rows by their place. */
  readonly batchErrors?: readonly { readonly offset: number; readonly code: string }[];
  /** The statement ends only when it is interrupted. */
  readonly hangs?: boolean;
}

/** One call as the driver was given it: SQL, binds by name or rows of an array bind, options. */
export interface Sent {
  readonly connection: number;
  readonly sql: string;
  readonly binds: Readonly<Record<string, unknown>>;
  readonly rows?: readonly (readonly unknown[])[];
  readonly options: Readonly<Record<string, unknown>>;
}

export interface ScriptedDriver {
  readonly make: MakeConnection;
  readonly sent: readonly Sent[];
  statements(pattern: RegExp): readonly Sent[];
  readonly interrupted: number;
  readonly closed: number;
}

export function driverError(code: string, message = code): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

/** Stands in for the driver's connection: records what it is told and answers from a script, at the driver's own interface. */
export function scriptedDriver(answer: (sent: Sent) => Answer, login?: string): ScriptedDriver {
  const sent: Sent[] = [];
  let connections = 0;
  let interrupted = 0;
  let closed = 0;

  const make: MakeConnection = async () => {
    await turn();
    if (login !== undefined) throw driverError(login);
    const connection = ++connections;
    let interrupt: (() => void) | undefined;

    async function say(
      sql: string,
      binds: Sent['binds'],
      options: object,
      rows?: Sent['rows'],
    ): Promise<Answer> {
      const record: Sent = { connection, sql, binds, options: { ...options }, ...(rows && { rows }) };
      sent.push(record);
      const found = answer(record);
      await turn();
      if (found.hangs) {
        await new Promise<void>((resolve) => {
          interrupt = resolve;
        });
        throw driverError('ORA-01013');
      }
      if (found.error !== undefined) throw driverError(found.error, found.message);
      return found;
    }

    const double = {
      callTimeout: 0,
      module: '',
      async execute(sql: string, binds: object = {}, options: { resultSet?: boolean } = {}) {
        const values = Object.entries(binds).map(([name, bind]) => [name, (bind as { val: unknown }).val]);
        const { rows = [], count = 0 } = await say(sql, Object.fromEntries(values), options);
        if (!options.resultSet) return { rows: [...rows], rowsAffected: count };
        const waiting = [...rows];
        const resultSet = {
          getRows: async (most: number) => waiting.splice(0, most),
          close: async () => void sent.push({ connection, sql: 'close result set', binds: {}, options: {} }),
        };
        return { resultSet };
      },
      async executeMany(sql: string, rows: unknown[][], options: object) {
        const copied = rows.map((row) => [...row]);
        const { batchErrors = [] } = await say(sql, {}, options, copied);
        return {
          rowsAffected: rows.length - batchErrors.length,
          batchErrors: batchErrors.map(({ offset, code }) => Object.assign(driverError(code), { offset })),
        };
      },
      commit: async () => void (await say('COMMIT', {}, {})),
      rollback: async () => void (await say('ROLLBACK', {}, {})),
      async break() {
        interrupted++;
        interrupt?.();
      },
      async close() {
        closed++;
      },
    };
    return double as unknown as OracleConnection;
  };

  return {
    make,
    sent,
    statements: (pattern) => sent.filter(({ sql }) => pattern.test(sql)),
    get interrupted() {
      return interrupted;
    },
    get closed() {
      return closed;
    },
  };
}
