import type { Knex } from 'knex';

/** Which signed requests were seen: durable, so that a restart forgets none. */
export interface Nonces {
  /** Resolves once stored: true the first time, false for one seen before. */
  store(keyId: string, nonce: string, expiresAt: Date): Promise<boolean>;
  /** Forgets those that expired before the instant. */
  prune(before: Date): Promise<void>;
}

interface Waiting {
  readonly row: { readonly key_id: string; readonly nonce: string; readonly expires_at: string };
  readonly resolve: (first: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Each commit is one fsync, so requests that arrive together share one. */
const MOST_AT_ONCE = 100;

export function createNonces(db: Knex): Nonces {
  const waiting = new Map<string, Waiting>();
  let busy = false;

  async function flush(): Promise<void> {
    while (waiting.size > 0) {
      const group = [...waiting.entries()].slice(0, MOST_AT_ONCE);
      try {
        const stored: readonly { key_id: string; nonce: string }[] = await db('nonces')
          .insert(group.map(([, { row }]) => row))
          .onConflict(['key_id', 'nonce'])
          .ignore()
          .returning(['key_id', 'nonce']);
        const first = new Set(stored.map((row) => nameOf(row.key_id, row.nonce)));
        // Still waiting here until its row is committed: the same nonce meanwhile is found in the map.
        for (const [name] of group) waiting.delete(name);
        for (const [name, one] of group) one.resolve(first.has(name));
      } catch (error) {
        for (const [name] of group) waiting.delete(name);
        for (const [, one] of group) one.reject(error);
      }
    }
    busy = false;
  }

  return {
    store(keyId, nonce, expiresAt) {
      const name = nameOf(keyId, nonce);
      if (waiting.has(name)) return Promise.resolve(false);
      return new Promise((resolve, reject) => {
        const row = { key_id: keyId, nonce, expires_at: expiresAt.toISOString() };
        waiting.set(name, { row, resolve, reject });
        if (busy) return;
        busy = true;
        setImmediate(() => void flush());
      });
    },
    prune: async (before) => {
      await db('nonces').where('expires_at', '<', before.toISOString()).delete();
    },
  };
}

function nameOf(keyId: string, nonce: string): string {
  return `${keyId}/${nonce}`;
}
