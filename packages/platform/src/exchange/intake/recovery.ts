import { type Recovery, type Signed, type Stream, streamName } from '@qianzhi/model';
import { verifyDocument } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import type { AgentCaller } from '../../server/caller.js';
import { aboutStream } from '../about.js';
import { findBatch, voidSnapshot } from '../batch-table.js';
import { exchangeErrors } from '../errors.js';
import type { ExchangeParts } from '../parts.js';
import { keyOf, newestStream, newStreamRow, type StreamRow } from '../stream-table.js';

/**
 * Opens the next epoch by a signed record that names both heads: the one the agent fell back to and the one the
 * platform holds. The old epoch is closed for good and its open snapshot aborted; the new one begins with a snapshot.
 * A repeat while the new epoch is empty answers the same. Throws QZ_PLATFORM_RECOVERY_WRONG (conflict),
 * _STREAM_UNKNOWN, _STREAM_OF_OTHER or the signature's errors.
 */
export type Recover = (caller: AgentCaller, signed: Signed<Recovery>) => Promise<Stream>;

export function createRecover({ context, ports, monitors, heads }: ExchangeParts): Recover {
  const { db, keys, audit } = context;

  async function check(caller: AgentCaller, signed: Signed<Recovery>): Promise<void> {
    const { stream, issuedAt } = signed.body;
    const other = exchangeErrors.STREAM_OF_OTHER({ agent: caller.agent, ...aboutStream(stream) });
    if (stream.agent !== caller.agent) throw other;
    const record = await keys.find(signed.signature.keyId);
    const signer = verifyDocument(signed, record ? [record] : [], issuedAt);
    if (signer.owner !== caller.agent) throw other;
  }

  /**
   * The epoch to close; null where the platform holds nothing of the stream, undefined when this recovery was done
   * already. The head it names is one the platform held: batches under way may have moved it since.
   */
  async function epochToClose(recovery: Recovery): Promise<StreamRow | null | undefined> {
    const { stream, platformHead, nextEpoch } = recovery;
    const wrong = (problem: string, problemZh: string) =>
      exchangeErrors.RECOVERY_WRONG({ stream: streamName(stream), nextEpoch, problem, problemZh });
    const newest = await newestStream(db, stream.resource, stream.agent);
    if (newest?.epoch === nextEpoch && newest.seq === 0) return undefined;
    const open = newest?.epoch ?? stream.epoch;
    if (stream.epoch !== open || nextEpoch <= open) {
      throw wrong(`epoch ${open} is the one to close`, `应关闭的纪元为 ${open}`);
    }
    const { seq, rowsDigest } = platformHead;
    const named = seq === 0 ? { rows_digest: null } : await findBatch(db, stream, seq);
    if (named === undefined || named.rows_digest !== rowsDigest) {
      throw wrong(`the platform never held its head, batch ${seq}`, `平台从未有过所称的流头第 ${seq} 批`);
    }
    if (newest) return newest;
    if (!(await ports.duties.duty(stream.resource, stream.agent))) {
      throw exchangeErrors.STREAM_UNKNOWN({ stream: streamName(stream) });
    }
    return null;
  }

  return async (caller, signed) => {
    await check(caller, signed);
    const { stream, nextEpoch, ownHead, platformHead } = signed.body;
    const next = { ...keyOf(stream), epoch: nextEpoch };
    return monitors.within(`intake ${streamName(stream)}`, async () => {
      const row = await epochToClose(signed.body);
      if (row === undefined) return next;
      const at = context.now().toISOString();
      heads.delete(streamName(stream));
      await db.transaction(async (trx) => {
        if (row) await closeEpoch(trx, row);
        await trx('streams').insert(newStreamRow(next, caller.department, at));
        await trx('recoveries').insert({ ...next, document: JSON.stringify(signed), received_at: at });
        const entry = {
          actor: caller,
          action: 'stream.recover',
          object: streamName(next),
          outcome: 'done' as const,
          details: { ownSeq: ownHead.seq, namedSeq: platformHead.seq, platformSeq: row?.seq ?? 0 },
        };
        await audit.record(entry, trx);
      });
      return next;
    });
  };
}

async function closeEpoch(trx: Knex.Transaction, row: StreamRow): Promise<void> {
  if (row.snapshot_id !== null) await voidSnapshot(trx, row, row.snapshot_from!, row.snapshot_id);
  const closed = { state: 'closed', snapshot_id: null, snapshot_from: null };
  await trx('streams').where(keyOf(row)).update(closed);
}
