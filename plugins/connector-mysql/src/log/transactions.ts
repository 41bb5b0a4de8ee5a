import type { LogPlace, LogTransactions } from '@qianzhi/sql-kit';
import type { Changes } from './changed-rows.js';
import type { LogEvent } from './events.js';
import { type GtidRead, type GtidState, mariadbState, mysqlState } from './gtid.js';
import { type LogPosition, positionOf, positionText } from './position.js';
import type { KeyText } from './rows-event.js';
import type { CopyReason } from './statement.js';

/** A transaction of two phases that was prepared: its rows change when it is committed, which tells none of them. */
interface Prepared {
  readonly keys: ReadonlyMap<string, KeyText>;
  /** The place before it. */
  readonly before: LogPosition;
}

export interface MysqlTransactions extends LogTransactions<LogEvent, Changes> {
  /** A transaction of ours is prepared and not over. */
  readonly waits: boolean;
}

const EVERY_4_GIB = 0x1_0000_0000;

/**
 * Gathers what the log says. The place never passes a prepared transaction of ours that is not over: it is read again until it is.
 */
export function createTransactions(
  from: LogPlace,
  family: string,
  server: string,
  byFile: boolean,
): MysqlTransactions {
  const start = positionOf(from);
  const gtids: GtidState = family === 'MariaDB' ? mariadbState(start.gtid) : mysqlState(start.gtid);
  let { file, offset, made } = start;
  /** Behind the last whole transaction. */
  let last = start;
  let gtid: GtidRead | undefined;
  let state: 'outside' | 'named' | 'within' = 'outside';
  let copyBecause: CopyReason | undefined;
  let keys = new Map<string, KeyText>();
  /** Of the transaction that is read: they wait for its end only where it may be prepared. */
  let own = new Map<string, KeyText>();
  const prepared = new Map<string, Prepared>();
  let xids = new Set<string>();
  const xidsSince = new Set<string>();
  let until: { file: string; offset: number } | undefined;
  let seen = family === 'MariaDB' ? undefined : mysqlState('');
  let isXa = false;
  let checksFile = byFile && start.made !== 0;

  /** Its last event is being read: it is over where that ends. */
  let closing = false;

  const noteSeen = (): void => {
    until = { file, offset };
    if (gtid) seen?.add(gtid);
  };
  const ended = (): void => {
    for (const [name, key] of own) keys.set(name, key);
    own = new Map();
    isXa = false;
    closing = false;
    state = 'outside';
    if (gtid) gtids.add(gtid);
    gtid = undefined;
  };

  function passed(low: number): void {
    const high = Math.floor(offset / EVERY_4_GIB) * EVERY_4_GIB;
    // positions in the log have 32 bits, its files more
    offset = high + low < offset ? high + EVERY_4_GIB + low : high + low;
    if (closing) ended();
    if (state === 'outside') last = { server, made, file, offset, gtid: '' };
  }

  function finish(xid: string, committed: boolean): void {
    const found = prepared.get(xid);
    // it was being prepared while the log was begun
    if (start.made === 0 && committed && !xidsSince.has(xid)) copyBecause = 'prepared-before';
    prepared.delete(xid);
    if (!found || !committed) return;
    for (const [name, key] of found.keys) keys.set(name, key);
    xids.add(xid);
    noteSeen();
  }

  return {
    add(event) {
      switch (event.kind) {
        case 'file':
          if (event.file !== file) made = 0;
          ({ file, offset } = event);
          break;
        case 'format':
          if (checksFile && event.made !== start.made) copyBecause = 'log-replaced';
          checksFile = false;
          made = event.made;
          break;
        case 'gtid':
          ({ gtid } = event);
          state = gtid.begins ? 'within' : 'named';
          isXa = gtid.xa;
          break;
        case 'begin':
          state = 'within';
          isXa = event.xa === true;
          break;
        case 'within':
          break;
        case 'key':
          (isXa ? own : keys).set(event.key.join('\0'), event.key);
          noteSeen();
          break;
        case 'prepared':
          xidsSince.add(event.xid);
          if (own.size > 0) prepared.set(event.xid, { keys: own, before: { ...last, gtid: gtids.text() } });
          own = new Map();
          closing = true;
          break;
        case 'finished':
          finish(event.xid, event.committed);
          closing = true;
          break;
        case 'end':
          closing = true;
          break;
        case 'other':
          closing ||= state !== 'within';
          break;
        case 'copy':
          copyBecause = event.reason;
          closing ||= state !== 'within';
          break;
        case 'passed':
          passed(event.offset);
          break;
      }
    },
    get place() {
      const [oldest] = prepared.values();
      return { ...from, position: positionText(oldest?.before ?? { ...last, gtid: gtids.text() }) };
    },
    get waits() {
      return prepared.size > 0;
    },
    get within() {
      return state !== 'outside';
    },
    get keys() {
      return keys.size;
    },
    get copyBecause() {
      return copyBecause;
    },
    take() {
      const taken = { keys: [...keys.values()], until, xids, gtids: seen?.text() ?? '' };
      keys = new Map();
      xids = new Set();
      until = undefined;
      if (seen) seen = mysqlState('');
      return taken;
    },
  };
}
