import { createHash } from 'node:crypto';
import { takeTurn } from '@qianzhi/sql-kit';
import { serverName } from '../connection/classify.js';
import { openSession } from '../connection/session.js';
import { mysqlErrors } from '../errors.js';
import type { Reading } from '../source/reading.js';
import { BrokenBytes } from './bytes.js';
import { LogLost, prepareDump } from './dump.js';
import { type Lane, type Lanes, openLanes } from './lanes.js';
import type { Point } from './position.js';
import type { FollowedTable } from './rows-event.js';

/** The dump that all sources of a connector share which stay open, each by a connection of its own. */
export interface OneDump {
  /** Starts it at `end`, the end of the log, where it does not run. */
  join(
    reading: Reading,
    table: FollowedTable,
    end: (signal: AbortSignal) => Promise<Point>,
    signal: AbortSignal,
  ): Promise<JoinedLane>;
  /** So many at a time read up to the shared dump by dumps of their own. */
  turnToCatchUp(signal: AbortSignal): Promise<() => void>;
}

export interface JoinedLane extends Omit<Lane, 'close'> {
  close(): Promise<void>;
}

const CATCHING_UP = 2;
const doing = 'follow the log';
const never = new AbortController().signal;

/** Of the process, because each run of an exchange has a connection of its own. Small, and kept. */
const dumps = new Map<string, OneDump>();

export function oneDump({ config, alongside }: Reading): OneDump {
  const { host, port, user } = config;
  const key = JSON.stringify([host, port, user, alongside?.name ?? '']);
  const known = dumps.get(key) ?? createOneDump(key);
  dumps.set(key, known);
  return known;
}

function createOneDump(key: string): OneDump {
  // the upper half of all numbers is what nobody chooses by hand
  const serverId = (createHash('sha256').update(key).digest().readUInt32BE() | 0x8000_0000) >>> 0;
  let lanes: Lanes | undefined;
  let catching = 0;

  async function stop(): Promise<void> {
    const over = lanes;
    lanes = undefined;
    await over?.close();
  }
  async function start(reading: Reading, at: Point, signal: AbortSignal): Promise<Lanes> {
    const session = await openSession({ ...reading.about, doing }, 'read', signal);
    try {
      await prepareDump(session, at, signal);
    } catch (error) {
      await session.close();
      throw error;
    }
    const server = serverName(reading.config);
    return openLanes(session, at, serverId, (error) => {
      if (!(error instanceof BrokenBytes || error instanceof RangeError)) return error;
      const facts = { server, ...at, problem: error.message, resource: reading.resource };
      return mysqlErrors.LOG_BROKEN(facts, error);
    });
  }

  return {
    turnToCatchUp: (signal) => takeTurn(`${key} ${catching++ % CATCHING_UP}`, doing, signal),
    async join(reading, table, end, signal) {
      const done = await takeTurn(key, doing, signal);
      try {
        if (lanes?.over) await stop();
        lanes ??= await start(reading, await end(signal), signal);
        const joined = lanes;
        const lane = joined.open(table);
        return {
          skipTo: lane.skipTo,
          async next(during, follow) {
            try {
              return await lane.next(during, follow);
            } catch (error) {
              if (!(error instanceof LogLost)) throw error;
              // a read from its own place finds out what of that is lost
              if (error.reason !== 'same-server-id') return undefined;
              throw mysqlErrors.LOG_TAKEN({ server: serverName(reading.config), serverId }, error);
            }
          },
          async close() {
            lane.close();
            const free = await takeTurn(key, doing, never);
            try {
              if (joined.count === 0 && lanes === joined) await stop();
            } finally {
              free();
            }
          },
        };
      } finally {
        done();
      }
    },
  };
}
