import type { KeyRecord } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { KeyDirectory } from '../ports.js';

interface KeyRow {
  readonly key_id: string;
  readonly owner: string;
  readonly department: string | null;
  readonly suite: string;
  readonly public_key: string;
  readonly valid_from: string;
  readonly valid_to: string | null;
}

/** Each signature asks for its key: keys are kept in memory, for no other process writes them. */
export function createKeyDirectory(db: Knex): KeyDirectory {
  const known = new Map<string, KeyRecord>();
  /** Of writes: what was read before one is not kept after it. */
  let writes = 0;
  const rows = () =>
    db('keys')
      .leftJoin('key_ends', 'keys.key_id', 'key_ends.key_id')
      .select('keys.*', 'key_ends.valid_to')
      .orderBy('keys.seq');
  return {
    all: async () => (await rows()).map(recordOf),
    ofAgent: async (agent) => (await rows().where('keys.owner', agent)).map(recordOf),
    find: async (keyId) => {
      const kept = known.get(keyId);
      if (kept) return kept;
      const before = writes;
      const row: KeyRow | undefined = await rows().where('keys.key_id', keyId).first();
      const record = row && recordOf(row);
      if (record && writes === before) known.set(keyId, record);
      return record;
    },
    append: async (record, trx) => {
      await (trx ?? db)('keys').insert({
        key_id: record.keyId,
        owner: record.owner,
        department: record.department ?? null,
        suite: record.suite,
        public_key: record.publicKey,
        valid_from: record.validFrom,
      });
    },
    end: async (keyId, validTo, reason, trx) => {
      await (trx ?? db)('key_ends')
        .insert({ key_id: keyId, valid_to: validTo, reason })
        .onConflict('key_id')
        .ignore();
      writes++;
      known.delete(keyId);
    },
  };
}

function recordOf(row: KeyRow): KeyRecord {
  return {
    keyId: row.key_id,
    owner: row.owner,
    ...(row.department === null ? {} : { department: row.department }),
    suite: row.suite,
    publicKey: row.public_key,
    validFrom: row.valid_from,
    ...(row.valid_to === null ? {} : { validTo: row.valid_to }),
  };
}
