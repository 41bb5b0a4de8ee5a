import { type Recovery, type Signed, type Stream, streamName } from '@qianzhi/model';
import { verifyDocument } from '@qianzhi/model/crypto';
import type { AgentCaller } from '../../server/caller.js';
import { voidSnapshot } from '../batch-table.js';
import { exchangeErrors } from '../errors.js';
import type { ExchangeParts } from '../parts.js';
import { findStream, headOf, keyOf, newestStream, newStreamRow, type StreamRow } from '../stream-table.js';

/**
 * Opens the next epoch by a signed record that names both heads: the one the agent fell back to and the one the
 * platform holds. The old epoch is closed for good and its open snapshot aborted; the new one begins with a snapshot.
 * A repeat while the new epoch is empty answers the same. Throws QZ_PLATFORM_RECOVERY_WRONG (conflict),
 * _STREAM_UNKNOWN, _STREAM_OF_OTHER or the signature's errors.
 */
export type Recover = (caller: AgentCaller, signed: Signed<Recovery>) => Promise<Stream>;

export function createRecover({ context, monitors }: ExchangeParts): Recover {
  const { db, keys, audit } = context;

  async function check(caller: AgentCaller, signed: Signed<Recovery>): Promise<void> {
    const { stream, issuedAt } = signed.body;
    const other = exchangeErrors.STREAM_OF_OTHER({ agent: caller.agent, stream: streamName(stream) });
    if (stream.agent !== caller.agent) throw other;
    const record = await keys.find(signed.signature.keyId);
    const signer = verifyDocument(signed, record ? [record] : [], issuedAt);
    if (signer.owner !== caller.agent) throw other;
  }

  /** The epoch to close; undefined when this recovery was done already. */
  async function epochToClose({ stream, platformHead, nextEpoch }: Recovery): Promise<StreamRow | undefined> {
    const wrong = (problem: string, problemZh: string) =>
      exchangeErrors.RECOVERY_WRONG({ stream: streamName(stream), nextEpoch, problem, problemZh });
    const row = await findStream(db, stream);
    if (!row) throw exchangeErrors.STREAM_UNKNOWN({ stream: streamName(stream) });
    if (nextEpoch !== stream.epoch + 1)
      throw wrong(`epoch ${stream.epoch + 1} is next`, `下一纪元应为 ${stream.epoch + 1}`);
    const head = headOf(row);
    if (platformHead.seq !== head.seq || platformHead.rowsDigest !== head.rowsDigest) {
      throw wrong(
        `the platform's head is batch ${head.seq}, the record names ${platformHead.seq} or another content`,
        `平台流头为第 ${head.seq} 批,记录所称为第 ${platformHead.seq} 批或内容不同`,
      );
    }
    const newest = (await newestStream(db, stream.resource, stream.agent))!;
    if (newest.epoch === stream.epoch) return row;
    if (newest.epoch === nextEpoch && newest.seq === 0) return undefined;
    throw wrong(`epoch ${newest.epoch} is open already`, `纪元 ${newest.epoch} 已开启`);
  }

  return async (caller, signed) => {
    await check(caller, signed);
    const { stream, nextEpoch, ownHead, platformHead } = signed.body;
    const next = { ...keyOf(stream), epoch: nextEpoch };
    return monitors.within(`intake ${streamName(stream)}`, async () => {
      const row = await epochToClose(signed.body);
      if (!row) return next;
      const at = context.now().toISOString();
      await db.transaction(async (trx) => {
        if (row.snapshot_id !== null) await voidSnapshot(trx, row, row.snapshot_from!, row.snapshot_id);
        const closed = { state: 'closed', snapshot_id: null, snapshot_from: null };
        await trx('streams').where(keyOf(row)).update(closed);
        await trx('streams').insert(newStreamRow(next, row.department, at));
        await trx('recoveries').insert({ ...next, document: JSON.stringify(signed), received_at: at });
        const entry = {
          actor: caller,
          action: 'stream.recover',
          object: streamName(next),
          outcome: 'done' as const,
          details: { ownSeq: ownHead.seq, platformSeq: platformHead.seq },
        };
        await audit.record(entry, trx);
      });
      return next;
    });
  };
}
