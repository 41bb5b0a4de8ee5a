import { createHash } from 'node:crypto';
import { isQianzhiError } from '@qianzhi/model';
import { throwIfAborted } from '../connection/classify.js';
import type { Session, TextRow } from '../connection/session.js';
import { postgresErrors } from '../errors.js';
import { literal, qualified } from '../identifier.js';
import { hasLedger, ledgerDdl, WRITERS } from './ledger.js';
import { tryAll } from './refusal.js';
import { createSessions } from './sessions.js';
import { type Transaction, type Work, type Writing, workOn } from './writing.js';

/** Transactions of one exchange. */
export interface Line {
  session(signal: AbortSignal): Promise<Session>;
  /**
   * Runs work in one transaction that only the exchange's newest instance may have; rolled back on any error. `opening`
   * goes with the BEGIN, in one round trip. One at a time, but for those that are `beside` each other.
   */
  transaction<T>(opening: Opening, work: (work: Transaction) => Promise<T>, signal: AbortSignal): Promise<T>;
  /**
   * A transaction of one statement, in one round trip. `statement` answers its SQL, which has to compare this instance's fence with
   * `fenceSql`, or undefined where there is none. Answers its row; undefined where nothing was done: there is no statement, a row was
   * refused, or the statement is outdated.
   */
  oneTrip(
    statements: readonly string[],
    statement: (work: Work, fence: string) => Promise<string | undefined>,
    signal: AbortSignal,
  ): Promise<TextRow | undefined>;
  /** SQL of the number of the newest instance that wrote this exchange. */
  readonly fenceSql: string;
  close(): Promise<void>;
}

export interface Opening {
  /** Statements that begin the work, such as locks. */
  readonly statements?: readonly string[];
  /** Columns to look at behind them: SQL by name. */
  readonly look?: Readonly<Record<string, string>>;
  /** Others of this instance that are opened so may be under way. */
  readonly beside?: boolean;
}

const ROLLBACK_MS = 10_000;

export function openLine(writing: Writing): Line {
  const { about, exchange, schema, spec } = writing;
  const key = lockKey(`exchange ${exchange}`);
  const fenceSql = `SELECT fence FROM ${qualified(schema, WRITERS)} WHERE exchange = ${literal(exchange)}`;
  const sessions = createSessions(writing);
  /** Our number among the instances that wrote this exchange; taken with the first write. */
  let fence: Promise<string> | undefined;

  function attempt<T>(
    opening: Opening,
    work: (work: Transaction) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const beside = opening.beside === true;
    return sessions.use(beside, (session) => attemptOn(session, opening, work, signal), signal);
  }

  async function attemptOn<T>(
    open: Session,
    { statements = [], look = {}, beside }: Opening,
    work: (work: Transaction) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const on = workOn(open, signal);
    const last: string[] = [];
    const columns = Object.entries(look).map(([name, sql]) => `(${sql}) AS ${name}`);
    try {
      const { rows } = await on.run(
        [...begin(open, beside), ...statements, `SELECT ${columns.join(', ')}`].join('; '),
      );
      const answer = await work({ ...on, found: rows[0]!, last: (sql) => void last.push(sql) });
      throwIfAborted(about.doing, signal);
      await on.run([...last, 'COMMIT'].join('; '));
      return answer;
    } catch (error) {
      await rollBack(open);
      // one that only waited was not told by its session
      throwIfAborted(about.doing, signal);
      throw error;
    }
  }

  function begin({ features }: Session, beside = false): readonly string[] {
    const visible = features.rowSecurity ? ['SET LOCAL row_security = off'] : [];
    // an instance that takes over waits for all of ours; what we begin behind it finds its fence
    const lock = `SELECT pg_catalog.pg_advisory_xact_lock${beside ? '_shared' : ''}(${key})`;
    return ['BEGIN', ...visible, lock];
  }

  /** Becomes the newest instance. Our tables are made where they are missing. */
  async function takeFence(signal: AbortSignal): Promise<string> {
    const take = async (work: Work) => {
      // two exchanges that make the tables at once would collide in the catalogs
      await work.run(`SELECT pg_catalog.pg_advisory_xact_lock(${lockKey(`ledger ${schema}`)})`);
      if (!(await hasLedger(work, schema))) await work.run(ledgerDdl(schema));
      // the lock on the exchange keeps others out
      const writers = qualified(schema, WRITERS);
      const next = `UPDATE ${writers} SET fence = fence + 1 WHERE exchange = $1 RETURNING fence`;
      const taken = (await work.run(next, [exchange])).rows[0]?.['fence'];
      if (taken) return taken;
      await work.run(`INSERT INTO ${writers} (exchange, fence) VALUES ($1, 1)`, [exchange]);
      return '1';
    };
    try {
      return await attempt({}, take, signal);
    } catch (error) {
      if (!isQianzhiError(error) || error.code !== 'QZ_POSTGRES_LOCKED') throw error;
      if (!(await endFrozen(await sessions.first(signal), exchange, signal))) throw error;
      return attempt({}, take, signal);
    }
  }

  function ownFence(signal: AbortSignal): Promise<string> {
    fence ??= takeFence(signal).catch((error: unknown) => {
      fence = undefined;
      throw error;
    });
    return fence;
  }

  return {
    session: sessions.first,
    async transaction(opening, work, signal) {
      throwIfAborted(about.doing, signal);
      const own = await ownFence(signal);
      return attempt(
        { ...opening, look: { ...opening.look, qianzhi_fence: fenceSql } },
        (on) => {
          if (on.found['qianzhi_fence'] === own) return work(on);
          throw postgresErrors.WRITER_FENCED({ exchange, table: spec.table });
        },
        signal,
      );
    },
    async oneTrip(statements, statement, signal) {
      throwIfAborted(about.doing, signal);
      const own = await ownFence(signal);
      const on = async (session: Session) => {
        const only = await statement(workOn(session, signal), own);
        if (only === undefined) return undefined;
        const sql = [...begin(session), ...statements, only, 'COMMIT'].join('; ');
        try {
          const tried = await tryAll(session, sql, signal);
          if (!tried) await rollBack(session);
          return tried?.at(-2);
        } catch (error) {
          await rollBack(session);
          throw error;
        }
      };
      return sessions.use(false, on, signal);
    },
    fenceSql,
    close: sessions.close,
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
