import type { Changes } from './changed-rows.js';
import type { KeyText } from './pgoutput.js';
import type { StreamEvent } from './stream.js';

/** Gathers what a stream says until it is taken: each key once. */
export interface Transactions {
  add(event: StreamEvent): void;
  /** Behind the last whole transaction. */
  readonly position: bigint;
  /** A transaction has begun and not ended. */
  readonly within: boolean;
  /** Keys that wait. */
  readonly keys: number;
  /** Why single rows can no longer be told. */
  readonly copyBecause: string | undefined;
  /** Whatever waits, with the transactions that it is of. */
  take(): Changes;
}

export function createTransactions(from: bigint): Transactions {
  let position = from;
  let xid: number | undefined;
  let copyBecause: string | undefined;
  let keys = new Map<string, KeyText>();
  let xids = new Set<number>();
  let relations = 0;
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
          relations++;
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
      // a stream names the table once by itself, and again only after it was altered
      const altered = relations > 1;
      const taken = { keys: [...keys.values()], xids, altered };
      keys = new Map();
      xids = new Set();
      relations = Math.min(relations, 1);
      return taken;
    },
  };
}
