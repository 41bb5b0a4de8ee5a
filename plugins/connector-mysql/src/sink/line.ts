import { createHash } from 'node:crypto';
import { actText } from '@qianzhi/model';
import { throwIfAborted } from '../connection/classify.js';
import { openSession, type Session } from '../connection/session.js';
import { mysqlErrors } from '../errors.js';
import { literal, qualified } from '../identifier.js';
import { hasLedger, ledgerDdl, WRITERS } from './ledger.js';
import { type Work, type Writing, workOn } from './writing.js';

/** The sessions of one exchange, by number, and the lock that only its newest instance may have. */
export interface Line {
  work(signal: AbortSignal, session?: number): Promise<Work>;
  /** Runs work under the lock of the exchange, our tables being there. One at a time. */
  exclusive<T>(body: (work: Work) => Promise<T>, signal: AbortSignal, session?: number): Promise<T>;
  close(): Promise<void>;
}

const RELEASE_MS = 10_000;

export function openLine(writing: Writing): Line {
  const { about, exchange, database, spec } = writing;
  const lock = literal(lockName(`${database} ${exchange}`));
  const sessions = new Map<number, Session>();
  /** Our number among the instances that wrote this exchange; taken with the first write. */
  let fence: string | undefined;

  async function work(signal: AbortSignal, number = 0): Promise<Work> {
    let session = sessions.get(number);
    if (!session?.alive) {
      session = await openNumbering(signal);
      sessions.set(number, session);
    }
    return workOn(session, signal);
  }

  /** Rows are numbered as they are staged, whatever steps a cluster takes: one that does not take it is not kept. */
  async function openNumbering(signal: AbortSignal): Promise<Session> {
    const session = await openSession(about, 'write', signal);
    try {
      await session.query(
        'SET SESSION auto_increment_increment = 1, SESSION auto_increment_offset = 1',
        signal,
      );
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** An instance that holds the lock and does not come to an end was frozen, or its machine is gone: it is ended. */
  async function takeLock(on: Work): Promise<void> {
    const seconds = Math.max(1, Math.ceil(on.session.config.lockTimeoutMs / 1000));
    const ask = async () =>
      (await on.run(`SELECT GET_LOCK(${lock}, ${seconds}) AS got`)).rows[0]?.['got'] === '1';
    if (await ask()) return;
    const { rows } = await on.run(`SELECT IS_USED_LOCK(${lock}) AS thread`);
    const thread = rows[0]?.['thread'];
    if (thread) await on.run(`KILL ${Number(thread)}`);
    if (await ask()) return;
    throw mysqlErrors.LOCKED({
      doing: actText(about.doing),
      server: database,
      reason: `exchange ${exchange}`,
    });
  }

  async function ensureTables(on: Work): Promise<void> {
    if (await hasLedger(on, database)) return;
    for (const statement of ledgerDdl(database)) await on.run(statement);
  }

  async function requireFence(on: Work): Promise<void> {
    const writers = qualified(database, WRITERS);
    const name = literal(exchange);
    if (fence === undefined) {
      await ensureTables(on);
      await on.run(
        `INSERT INTO ${writers} (exchange, fence) VALUES (${name}, 1) ON DUPLICATE KEY UPDATE fence = fence + 1`,
      );
    }
    const { rows } = await on.run(`SELECT fence FROM ${writers} WHERE exchange = ${name}`);
    const newest = rows[0]?.['fence'] ?? '';
    fence ??= newest;
    if (newest !== fence) throw mysqlErrors.WRITER_FENCED({ exchange, table: spec.table });
  }

  return {
    work,
    async exclusive(body, signal, session) {
      throwIfAborted(about.doing, signal);
      const on = await work(signal, session);
      await takeLock(on);
      try {
        await requireFence(on);
        return await body(on);
      } catch (error) {
        throwIfAborted(about.doing, signal);
        throw error;
      } finally {
        await release(on.session);
      }
    },
    async close() {
      await Promise.all([...sessions.values()].map((session) => session.close()));
    },
  };

  /** A session that is lost has lost its lock, too. */
  async function release(held: Session): Promise<void> {
    if (!held.alive) return;
    try {
      await held.query(`DO RELEASE_LOCK(${lock})`, AbortSignal.timeout(RELEASE_MS));
    } catch {
      held.abandon();
    }
  }
}

/** 64 characters at most. */
function lockName(name: string): string {
  return `qianzhi ${createHash('sha256').update(name).digest('hex').slice(0, 40)}`;
}
