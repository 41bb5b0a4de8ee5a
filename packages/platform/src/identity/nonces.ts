import type { LocalText } from '@qianzhi/model';
import type { Knex } from 'knex';
import { databaseErrors } from '../database/errors.js';
import { takeAlong } from '../database/group-commit.js';
import { insertionIfNew, prepared } from '../database/prepared.js';

/** Of a signed request. A nonce that comes again under another end of life is another one: the signature covers both. */
export interface Nonce {
  readonly keyId: string;
  readonly nonce: string;
  readonly expiresAt: Date;
}

export interface TakenNonce {
  /**
   * Resolves when the nonce is stored: at once, or with a transaction of its own where no other took it along. False where it had been
   * stored before, by whatever node. Throws QZ_PLATFORM_DATABASE_UNAVAILABLE where it is there and nobody knows whether it was
   * stored just now: a commit that took it along was not answered.
   */
  stored(): Promise<boolean>;
}

/** Which signed requests were seen: durable before any of them is answered, so that a restart forgets none. */
export interface Nonces {
  /** Whether it is stored already, by whatever node. */
  isStored(nonce: Nonce): Promise<boolean>;
  /** Goes into the next transaction, whoever's that is. Undefined where the same nonce waits for one. */
  take(nonce: Nonce): TakenNonce | undefined;
  /** Forgets those that expired before the instant. */
  prune(before: Date): Promise<void>;
}

interface Waiting {
  readonly row: NonceRow;
  /** It was there before. */
  found: boolean;
  /** A commit that took it along was not answered. */
  unsure: boolean;
}

const COMMIT_UNANSWERED: LocalText = { zh: '一次提交没有答复', en: 'a commit was not answered' };

/** Written with one transaction; the others wait for the next. */
const MOST_AT_ONCE = 100;

type NonceColumn = 'key_id' | 'nonce' | 'expires_at';
type NonceRow = Readonly<Record<NonceColumn, string>>;

const find = prepared<NonceColumn, NonceRow | undefined>((db, { expires_at, key_id, nonce }) =>
  db('nonces').where({ expires_at, key_id, nonce }).first(),
);

const insert = insertionIfNew<NonceColumn>('nonces', ['expires_at', 'key_id', 'nonce']);

export function createNonces(db: Knex): Nonces {
  /** Taken, and not stored yet. */
  const waiting = new Map<string, Waiting>();
  let storing: Promise<void> | undefined;

  takeAlong(db, async (trx) => {
    if (waiting.size === 0) return undefined;
    const group = [...waiting].slice(0, MOST_AT_ONCE);
    const found: Waiting[] = [];
    for (const [, one] of group) if (!(await insert(trx, one.row))) found.push(one);
    return {
      arrived() {
        for (const [name] of group) waiting.delete(name);
        for (const one of found) one.found = true;
      },
      lost() {
        for (const [, one] of group) one.unsure = true;
      },
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
    async isStored(nonce) {
      return (await find(db, rowOf(nonce))) !== undefined;
    },
    take(nonce) {
      const name = `${nonce.keyId}/${nonce.nonce}`;
      if (waiting.has(name)) return undefined;
      const taken: Waiting = { row: rowOf(nonce), found: false, unsure: false };
      waiting.set(name, taken);
      return {
        async stored() {
          while (waiting.get(name) === taken) await storeNow();
          if (taken.found && taken.unsure)
            throw databaseErrors.DATABASE_UNAVAILABLE({ database: 'PostgreSQL', reason: COMMIT_UNANSWERED });
          return !taken.found;
        },
      };
    },
    async prune(before) {
      const expired = before.toISOString();
      // left by transactions that failed: a request whose time is over is refused for that
      for (const [name, { row }] of waiting) if (row.expires_at < expired) waiting.delete(name);
      await db('nonces').where('expires_at', '<', expired).delete();
    },
  };
}

function rowOf({ keyId, nonce, expiresAt }: Nonce): NonceRow {
  return { key_id: keyId, nonce, expires_at: expiresAt.toISOString() };
}
