import type { Knex } from 'knex';
import { takeAlong } from '../database/group-commit.js';
import { prepared } from '../database/prepared.js';

/** Which signed requests were seen: durable before any of them is answered, so that a restart forgets none. */
export interface Nonces {
  /** True the first time, false for one seen before. What is new goes into the next transaction, whoever's that is. */
  take(keyId: string, nonce: string, expiresAt: Date): Promise<boolean>;
  /**
   * Resolves when the nonce is stored: at once, or with a transaction of its own where no other took it along. False where another
   * node had stored it meanwhile.
   */
  stored(keyId: string, nonce: string): Promise<boolean>;
  /** Forgets those that expired before the instant. */
  prune(before: Date): Promise<void>;
}

type NonceColumn = 'key_id' | 'nonce' | 'expires_at';
type NonceRow = Readonly<Record<NonceColumn, string>>;

/** Written with one transaction; the others wait for the next. */
const MOST_AT_ONCE = 100;

const find = prepared<'key_id' | 'nonce', NonceRow | undefined>((db, { key_id, nonce }) =>
  db('nonces').where({ key_id, nonce }).first(),
);

const insert = prepared<NonceColumn, readonly unknown[]>((db, { key_id, nonce, expires_at }) =>
  db('nonces')
    .insert({ key_id, nonce, expires_at })
    .onConflict(['key_id', 'nonce'])
    .ignore()
    .returning('nonce'),
);

export function createNonces(db: Knex): Nonces {
  /** Seen, and not stored yet. */
  const waiting = new Map<string, NonceRow>();
  /** Seen just now, and perhaps before: being looked up. */
  const asking = new Set<string>();
  /** Taken here, and stored by another node first; told once. */
  const foreign = new Set<string>();
  let storing: Promise<void> | undefined;

  takeAlong(db, async (trx) => {
    if (waiting.size === 0) return undefined;
    const group = [...waiting].slice(0, MOST_AT_ONCE);
    const late: string[] = [];
    for (const [name, row] of group) if ((await insert(trx, row)).length === 0) late.push(name);
    return () => {
      for (const [name] of group) waiting.delete(name);
      for (const name of late) foreign.add(name);
    };
  });

  async function storeNow(): Promise<void> {
    storing ??= db
      .transaction(async () => undefined)
      .finally(() => {
        storing = undefined;
      });
    await storing;
  }

  return {
    async take(keyId, nonce, expiresAt) {
      const name = nameOf(keyId, nonce);
      if (asking.has(name) || waiting.has(name)) return false;
      asking.add(name);
      try {
        if (await find(db, { key_id: keyId, nonce })) return false;
        waiting.set(name, { key_id: keyId, nonce, expires_at: expiresAt.toISOString() });
        return true;
      } finally {
        asking.delete(name);
      }
    },
    async stored(keyId, nonce) {
      const name = nameOf(keyId, nonce);
      while (waiting.has(name)) await storeNow();
      return !foreign.delete(name);
    },
    async prune(before) {
      const expired = before.toISOString();
      // left by transactions that failed: a request whose time is over is refused for that
      for (const [name, row] of waiting) if (row.expires_at < expired) waiting.delete(name);
      await db('nonces').where('expires_at', '<', expired).delete();
    },
  };
}

function nameOf(keyId: string, nonce: string): string {
  return `${keyId}/${nonce}`;
}
