import type { LogPlace, LogTransactions } from '@qianzhi/sql-kit';
import type { Changes } from './changed-rows.js';
import type { LaneEvent } from './fanout.js';
import type { KeyText } from './pgoutput.js';
import { positionOf, positionText } from './position.js';

/** With the position as it is compared. */
export interface Transactions extends LogTransactions<LaneEvent, Changes> {
  readonly position: bigint;
}

export function createTransactions(from: LogPlace): Transactions {
  let position = positionOf(from.position);
  let xid: number | undefined;
  let copyBecause: string | undefined;
  let keys = new Map<string, KeyText>();
  let xids = new Set<number>();
  let altered = false;
  return {
    add(event) {
      switch (event.kind) {
        case 'begin':
          xid = event.xid;
          break;
        case 'key':
          keys.set(event.key.join('\0'), event.key);
          if (xid !== undefined) xids.add(xid);
          break;
        case 'copy':
          copyBecause = event.reason;
          if (xid !== undefined) xids.add(xid);
          break;
        case 'relation':
          altered = true;
          break;
        case 'again':
          // keys of a transaction that is told from its beginning again may stay; of the table nobody knows what it went through
          xid = undefined;
          copyBecause = undefined;
          altered = true;
          break;
        case 'commit':
          xid = undefined;
          position = event.end;
          break;
        case 'position':
          // inside a transaction it says nothing of what was told
          if (xid === undefined && event.position > position) position = event.position;
          break;
      }
    },
    get position() {
      return position;
    },
    get place() {
      return { ...from, position: positionText(position) };
    },
    get within() {
      return xid !== undefined;
    },
    get keys() {
      return keys.size;
    },
    get copyBecause() {
      return copyBecause;
    },
    take() {
      const taken = { keys: [...keys.values()], xids, altered };
      keys = new Map();
      xids = new Set();
      altered = false;
      return taken;
    },
  };
}
