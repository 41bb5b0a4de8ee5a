import type { CatalogResource } from '@qianzhi/model';
import { readKeys } from '@qianzhi/rows';
import type { Core } from '../core.js';
import { keyFieldsOf } from '../sealer/prepare.js';
import type { Tables } from '../store/tables.js';
import type { Quarantine } from './quarantine.js';

/** A refused row of a block: its key, and its number among the block's rows, from 1. */
export interface RefusedKey {
  readonly key: string;
  readonly row: number;
}

/**
 * Keys whose newest row was refused: the target holds an older one, and the row lies in quarantine, until a valid row of
 * that key comes, or a whole copy of the table in which the refused row is not met again (its key was wrong, or
 * it is gone).
 */
export interface StaleKeys {
  /**
   * Accepted rows of a delta: clears their keys, except where the same block holds a later refused one; `refused` by
   * rising row. Costs nothing while no key is open.
   */
  clear(bytes: Uint8Array, refused: readonly RefusedKey[]): void;
  /** A whole new copy begins; it may take several runs. */
  beginCopy(): void;
  /** Its last block was taken. */
  endCopy(): void;
  /** Keys were marked since; looks again before the next `clear`. */
  marked(): void;
}

export function staleKeysOf(
  core: Core,
  tables: Tables,
  quarantine: Quarantine,
  exchange: string,
  resource: CatalogResource,
): StaleKeys {
  const keyFields = keyFieldsOf(resource);
  let open: Set<string> | undefined;
  const current = () => {
    open ??= new Set(tables.quarantine.openKeys(exchange));
    return open;
  };
  return {
    clear(bytes, refused) {
      const keys = current();
      if (keys.size === 0 || keyFields.length === 0) return;
      const lastRefused = new Map(refused.map(({ key, row }) => [key, row]));
      const cleared: string[] = [];
      let row = 0;
      let passed = 0;
      readKeys(bytes, keyFields, (key) => {
        row++;
        for (; refused[passed]?.row === row; passed++) row++;
        if ((lastRefused.get(key) ?? 0) > row) return;
        const digest = quarantine.keyDigest(key);
        if (keys.delete(digest)) cleared.push(digest);
      });
      if (cleared.length === 0) return;
      core.store.write(() => {
        for (const key of cleared) tables.quarantine.clearKey(exchange, key);
      });
    },
    beginCopy() {
      if (current().size === 0 && tables.quarantine.isEmpty(exchange)) return;
      core.store.write(() => {
        tables.quarantine.clearAllStale(exchange);
        tables.quarantine.markUnmet(exchange);
      });
      open = undefined;
    },
    endCopy() {
      if (tables.quarantine.isEmpty(exchange)) return;
      core.store.write(() => tables.quarantine.dropUnmet(exchange));
      open = undefined;
    },
    marked() {
      open = undefined;
    },
  };
}
