import { setImmediate as turn } from 'node:timers/promises';
import { type DamengConnection, type DamengDriver, type LoadDriver, prepared } from '../driver/driver.js';

/** What the server is to say to one statement. */
export interface Answer {
  readonly rows?: readonly (readonly unknown[])[];
  /** Rows that it wrote. */
  readonly count?: number;
  /** As the driver has it; the message may quote values. */
  readonly error?: number;
  readonly message?: string;
  /** For array binds: refused rows as the driver tells them, `row[1]:-6602, …`. */
  readonly batchErrors?: readonly string[];
  /** The statement ends only when the line is cut. */
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
  readonly load: LoadDriver;
  readonly driver: DamengDriver;
  readonly sent: readonly Sent[];
  /** Attributes that connections were made with. */
  readonly attributes: readonly Readonly<Record<string, unknown>>[];
  statements(pattern: RegExp): readonly Sent[];
  readonly cut: number;
  readonly closed: number;
}

export function driverError(errCode: number, message = ''): Error {
  return Object.assign(new Error(`[${errCode}] ${message}`), { errCode });
}

/** Stands in for the module `dmdb`: records what it is told and answers from a script, at the driver's own interface. */
export function scriptedDriver(answer: (sent: Sent) => Answer, login?: number): ScriptedDriver {
  const sent: Sent[] = [];
  const attributes: Record<string, unknown>[] = [];
  let cut = 0;
  let closed = 0;

  async function getConnection(given: Readonly<Record<string, unknown>>): Promise<DamengConnection> {
    await turn();
    attributes.push({ ...given });
    if (login !== undefined) throw driverError(login);
    const connection = attributes.length;
    let broken: ((error: Error) => void) | undefined;

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
      if (found.hangs)
        await new Promise<void>((_, reject) => {
          broken = reject;
        });
      if (found.error !== undefined) throw driverError(found.error, found.message);
      return found;
    }

    return {
      async execute(sql, binds, options) {
        const values = Object.entries(binds).map(([name, bind]) => [name, (bind as { val: unknown }).val]);
        const { rows = [], count = 0 } = await say(sql, Object.fromEntries(values), options);
        if (!(options as { resultSet?: boolean }).resultSet) return { rows: [...rows], rowsAffected: count };
        const waiting = [...rows];
        return {
          resultSet: {
            getRows: async (most) => waiting.splice(0, most),
            close: async () =>
              void sent.push({ connection, sql: 'close result set', binds: {}, options: {} }),
          },
        };
      },
      async executeMany(sql, rows, options) {
        const { batchErrors } = await say(
          sql,
          {},
          options,
          rows.map((row) => [...row]),
        );
        return batchErrors ? { batchErrors } : {};
      },
      commit: async () => void (await say('COMMIT', {}, {})),
      rollback: async () => void (await say('ROLLBACK', {}, {})),
      async close() {
        closed++;
      },
      socket: {
        destroy(error) {
          cut++;
          broken?.(error);
        },
      },
    };
  }

  const constants = {
    NUMBER: 2010,
    DATE: 2014,
    CLOB: 2017,
    BLOB: 2019,
    OUT_FORMAT_ARRAY: 4001,
    BIND_IN: 3001,
  };
  const driver = prepared({
    ...constants,
    fetchAsString: [],
    fetchAsBuffer: [],
    parseJson: true,
    getConnection,
  });
  return {
    load: async () => driver,
    driver,
    sent,
    attributes,
    statements: (pattern) => sent.filter(({ sql }) => pattern.test(sql)),
    get cut() {
      return cut;
    },
    get closed() {
      return closed;
    },
  };
}
