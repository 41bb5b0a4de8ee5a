import { createHash } from 'node:crypto';
import { isQianzhiError } from '@qianzhi/model';
import { LEDGER } from '@qianzhi/sql-kit';
import { serverName, throwIfAborted } from '../connection/classify.js';
import { openSession, type Session } from '../connection/session.js';
import { postgresErrors } from '../errors.js';
import { literal, qualified } from '../identifier.js';
import { hasLedger, ledgerDdl, WRITERS } from './ledger.js';
import { type Transaction, type Work, type Writing, workOn } from './writing.js';

/** The session of a sink: opened when it is needed, again after it was lost or aborted. */
export interface Line {
  session(signal: AbortSignal): Promise<Session>;
  /**
   * Runs work in one transaction that only the exchange's newest instance may have; rolled back on any error. `opening`
   * goes with the BEGIN, in one round trip.
   */
  transaction<T>(opening: Opening, work: (work: Transaction) => Promise<T>, signal: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

export interface Opening {
  /** Statements that begin the work, such as locks. */
  readonly statements?: readonly string[];
  /** Columns to look at behind them: SQL by name. */
  readonly look?: Readonly<Record<string, string>>;
}

const ROLLBACK_MS = 10_000;

export function openLine(writing: Writing): Line {
  const { about, exchange, schema, spec } = writing;
  const lock = `pg_catalog.pg_advisory_xact_lock(${lockKey(`exchange ${exchange}`)})`;
  let current: Session | undefined;
  /** Our number among the instances that wrote this exchange; taken with the first write. */
  let fence: string | undefined;

  async function session(signal: AbortSignal): Promise<Session> {
    if (current?.alive) return current;
    current = await openSession(about, 'write', signal);
    await requireDurable(current, writing, signal);
    return current;
  }

  async function attempt<T>(
    { statements = [], look = {} }: Opening,
    work: (work: Transaction) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const open = await session(signal);
    const on = workOn(open, signal);
    const last: string[] = [];
    const columns = Object.entries(look).map(([name, sql]) => `(${sql}) AS ${name}`);
    try {
      const begin = ['BEGIN', 'SET LOCAL row_security = off', `SELECT ${lock}`, ...statements];
      const { rows } = await on.run([...begin, `SELECT ${columns.join(', ')}`].join('; '));
      const answer = await work({ ...on, found: rows[0]!, last: (sql) => void last.push(sql) });
      throwIfAborted(about.doing, signal);
      await on.run([...last, 'COMMIT'].join('; '));
      return answer;
    } catch (error) {
      await rollBack(open);
      throw error;
    }
  }

  /** Becomes the newest instance. Our tables are made where they are missing. */
  async function takeFence(signal: AbortSignal): Promise<string> {
    const take = async (work: Work) => {
      // two exchanges that make the tables at once would collide in the catalogs
      await work.run(`SELECT pg_catalog.pg_advisory_xact_lock(${lockKey(`ledger ${schema}`)})`);
      if (!(await hasLedger(work, schema))) await work.run(ledgerDdl(schema));
      const { rows } = await work.run(
        `INSERT INTO ${qualified(schema, WRITERS)} AS w (exchange, fence) VALUES ($1, 1)
         ON CONFLICT (exchange) DO UPDATE SET fence = w.fence + 1 RETURNING fence`,
        [exchange],
      );
      return rows[0]!['fence']!;
    };
    try {
      return await attempt({}, take, signal);
    } catch (error) {
      if (!isQianzhiError(error) || error.code !== 'QZ_POSTGRES_LOCKED') throw error;
      if (!(await endFrozen(await session(signal), exchange, signal))) throw error;
      return attempt({}, take, signal);
    }
  }

  return {
    session,
    async transaction({ statements, look }, work, signal) {
      throwIfAborted(about.doing, signal);
      fence ??= await takeFence(signal);
      const writer = `SELECT fence FROM ${qualified(schema, WRITERS)} WHERE exchange = ${literal(exchange)}`;
      return attempt(
        { ...(statements && { statements }), look: { ...look, qianzhi_fence: writer } },
        (on) => {
          if (on.found['qianzhi_fence'] === fence) return work(on);
          throw postgresErrors.WRITER_FENCED({ exchange, table: spec.table });
        },
        signal,
      );
    },
    async close() {
      await current?.close();
    },
  };
}

/** 64 bits that stand for a name in the server's table of advisory locks, signed as SQL has them. */
function lockKey(name: string): bigint {
  return createHash('sha256').update(`qianzhi ${name}`).digest().readBigInt64BE();
}

/**
 * Ends the server session of an instance that holds the exchange's lock and does not come to an end: it was frozen, or its
 * machine is gone and the line still stands. Its transaction is rolled back; when it wakes it is fenced.
 */
async function endFrozen(session: Session, exchange: string, signal: AbortSignal): Promise<boolean> {
  const key = BigInt.asUintN(64, lockKey(`exchange ${exchange}`));
  const { rows } = await session.query(
    `SELECT pg_catalog.pg_terminate_backend(l.pid) AS ended FROM pg_catalog.pg_locks l
     JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid AND a.usename = CURRENT_USER
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.pid <> pg_catalog.pg_backend_pid()
       AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
       AND l.classid = $1 AND l.objid = $2`,
    [String(key >> 32n), String(key & 0xffffffffn)],
    signal,
  );
  return rows.some((row) => row['ended'] === 't');
}

async function rollBack(session: Session): Promise<void> {
  if (!session.alive) return;
  try {
    await session.query('ROLLBACK', [], AbortSignal.timeout(ROLLBACK_MS));
  } catch {
    // the server rolls back what a lost session had open
    await session.close();
  }
}

/** A committed batch must outlive a power loss. What the server itself does with fsync can only be told. */
async function requireDurable(session: Session, writing: Writing, signal: AbortSignal): Promise<void> {
  const { rows } = await session.query(
    `SELECT pg_catalog.set_config('synchronous_commit',
       CASE WHEN pg_catalog.current_setting('synchronous_commit') IN ('off', 'local') THEN 'on'
       ELSE pg_catalog.current_setting('synchronous_commit') END, false) AS durable,
       pg_catalog.current_setting('fsync') AS fsync, pg_catalog.current_setting('full_page_writes') AS pages`,
    [],
    signal,
  );
  const found = rows[0]!;
  const server = serverName(session.config);
  if (found['durable'] === 'off' || found['durable'] === 'local') {
    throw postgresErrors.NOT_DURABLE({ server });
  }
  if (found['fsync'] === 'off' || found['pages'] === 'off') {
    writing.context.log.warn(
      { server, fsync: found['fsync'], fullPageWrites: found['pages'], table: LEDGER },
      'the server may lose committed rows in a power loss',
    );
  }
}
