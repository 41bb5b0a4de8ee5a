import type { LogPlace, LogTransactions } from '@qianzhi/sql-kit';
import type { Changes } from './changed-rows.js';
import type { LaneEvent } from './fanout.js';
import type { KeyText } from './pgoutput.js';
import { positionOf, positionText } from './position.js';

/** With the position as it is compared. */
export interface Transactions extends LogTransactions<LaneEvent, Changes> {
  readonly position: bigint;
}

interface ChangedKey {
  readonly key: KeyText;
  readonly row?: Buffer;
}

/** Rows that are held at a time; of what comes beyond the table is asked. */
const HELD_BYTES = 1_048_576;

export function createTransactions(from: LogPlace): Transactions {
  let position = positionOf(from.position);
  let xid: number | undefined;
  let copyBecause: string | undefined;
  let changed = new Map<string, ChangedKey>();
  let rowBytes = 0;
  let xids = new Set<number>();
  // what the table went through before its changes are told is not told
  let altered = true;
  return {
    add(event) {
      switch (event.kind) {
        case 'begin':
          xid = event.xid;
          break;
        case 'key':
          rowBytes += event.row?.length ?? 0;
          changed.set(event.key.join('\0'), rowBytes > HELD_BYTES ? { key: event.key } : event);
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
      return changed.size;
    },
    get copyBecause() {
      return copyBecause;
    },
    take() {
      const keys = [...changed.values()];
      // of an altered table the log tells columns that the source was not opened with
      const told = altered ? [] : keys.flatMap(({ row }) => row ?? []);
      const unread = keys.filter(({ row }) => altered || !row).map(({ key }) => key);
      const taken = { keys, told, unread, xids, altered };
      changed = new Map();
      rowBytes = 0;
      xids = new Set();
      altered = false;
      return taken;
    },
  };
}
