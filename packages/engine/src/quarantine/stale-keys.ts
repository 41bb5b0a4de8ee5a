import type { CatalogResource } from '@qianzhi/model';
import { readKeys } from '@qianzhi/rows';
import type { Core } from '../core.js';
import { keyFieldsOf } from '../sealer/prepare.js';
import type { Tables } from '../store/tables.js';
import type { Quarantine } from './quarantine.js';

/** Keys whose newest row was rejected: the target holds an older one until a valid row clears it. */
export interface StaleKeys {
  /** Accepted rows of a delta: clears their keys. Costs nothing while no key is stale. */
  clear(bytes: Uint8Array): void;
  /** A whole new copy begins. */
  reset(): void;
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
  let stale: Set<string> | undefined;
  const current = () => {
    stale ??= new Set(tables.quarantine.staleKeys(exchange));
    return stale;
  };
  return {
    clear(bytes) {
      const keys = current();
      if (keys.size === 0 || keyFields.length === 0) return;
      const cleared: string[] = [];
      readKeys(bytes, keyFields, (key) => {
        const digest = quarantine.keyDigest(key);
        if (keys.delete(digest)) cleared.push(digest);
      });
      if (cleared.length === 0) return;
      core.store.write(() => {
        for (const key of cleared) tables.quarantine.clearStale(exchange, key);
      });
    },
    reset() {
      if (current().size === 0) return;
      core.store.write(() => tables.quarantine.clearAllStale(exchange));
      stale = new Set();
    },
    marked() {
      stale = undefined;
    },
  };
}
