import type { LocalQuery } from '@qianzhi/model';
import type { Connection, OpenQuery, PreparedQuery } from '@qianzhi/plugin-api';

export interface QueryPool {
  /**
   * Runs `work` with a prepared question of that key, a new one while fewer than `concurrency` are there; waits its turn otherwise, and
   * no longer than the signal.
   */
  use<T>(
    prepared: PreparedQuery,
    local: LocalQuery,
    work: (query: OpenQuery) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T>;
  close(): Promise<void>;
}

const IDLE_MS = 120_000;

interface Opened {
  readonly query: OpenQuery;
  close(): Promise<void>;
  idleSince: number;
}

interface Lane {
  readonly idle: Opened[];
  open: number;
  readonly waiting: (() => void)[];
}

export function createQueryPool(
  connect: (local: LocalQuery, signal: AbortSignal) => Promise<Connection>,
): QueryPool {
  const lanes = new Map<string, Lane>();
  const sweeping = setInterval(() => void sweep(performance.now() - IDLE_MS), IDLE_MS / 4);
  sweeping.unref();

  async function sweep(before: number): Promise<void> {
    const closing: Promise<void>[] = [];
    for (const [key, lane] of lanes) {
      for (const opened of lane.idle.splice(0)) {
        if (opened.idleSince > before) lane.idle.push(opened);
        else {
          lane.open -= 1;
          closing.push(opened.close());
        }
      }
      if (lane.open === 0 && lane.waiting.length === 0) lanes.delete(key);
    }
    await Promise.allSettled(closing);
  }

  async function open(local: LocalQuery, spec: PreparedQuery['spec'], signal: AbortSignal): Promise<Opened> {
    const connection = await connect(local, signal);
    try {
      const query = await connection.query!(spec, signal);
      return {
        query,
        idleSince: 0,
        async close() {
          await query[Symbol.asyncDispose]();
          await connection[Symbol.asyncDispose]();
        },
      };
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** An idle one, or leave to open another. */
  async function turn(lane: Lane, most: number, signal: AbortSignal): Promise<Opened | undefined> {
    while (lane.idle.length === 0 && lane.open >= most) await freed(lane, signal);
    if (signal.aborted) {
      lane.waiting.shift()?.();
      throw signal.reason;
    }
    const opened = lane.idle.pop();
    if (!opened) lane.open += 1;
    return opened;
  }

  return {
    async use({ key, spec }, local, work, signal) {
      const lane = lanes.get(key) ?? { idle: [], open: 0, waiting: [] };
      lanes.set(key, lane);
      let opened = await turn(lane, local.concurrency, signal);
      try {
        opened ??= await open(local, spec, signal);
        return await work(opened.query);
      } finally {
        if (opened?.query.usable) {
          opened.idleSince = performance.now();
          lane.idle.push(opened);
        } else {
          lane.open -= 1;
          // nobody waits for a session that is gone to be put away
          void opened?.close().catch(() => undefined);
        }
        lane.waiting.shift()?.();
      }
    },
    async close() {
      clearInterval(sweeping);
      await sweep(Number.POSITIVE_INFINITY);
    },
  };
}

function freed(lane: Lane, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const left = () => {
      lane.waiting.splice(lane.waiting.indexOf(mine), 1);
      reject(signal.reason);
    };
    const mine = () => {
      signal.removeEventListener('abort', left);
      resolve();
    };
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', left, { once: true });
    lane.waiting.push(mine);
  });
}
