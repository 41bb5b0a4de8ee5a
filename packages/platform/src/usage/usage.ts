import { randomUUID } from 'node:crypto';
import { chinaDay, type Grant, nextChinaDay, type Quota, type Receipt, type Use } from '@qianzhi/model';
import { signWithDigest } from '@qianzhi/model/crypto';
import { insertion, prepared } from '../database/prepared.js';
import { createMonitors } from '../exchange/monitor.js';
import { insertReceipt } from '../exchange/receipt-table.js';
import type { Amount, OperationDone, UsageService } from '../ports.js';
import { callerName } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { createDayCounts, type DayCount, usedUp } from './day-counts.js';
import { usageErrors } from './errors.js';

const unbounded: Amount = { rows: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

interface LastOperation {
  readonly seq: number;
  readonly receipt_digest: string;
}

const lastOf = prepared<'agreement' | 'grant_version' | 'mode', LastOperation | undefined>((db, values) => {
  const { agreement, grant_version, mode } = values;
  return db('operations')
    .where({ agreement, grant_version, mode })
    .orderBy('seq', 'desc')
    .first('seq', 'receipt_digest');
});
const insertOperation = insertion('operations');

export function createUsage({ db, now, signingKey, audit }: PlatformContext): UsageService {
  const counts = createDayCounts(db);
  const monitors = createMonitors();

  function used(grant: Grant, over: { readonly bound: keyof Quota; readonly used: number }, again: Date) {
    const { agreement, resource, quota } = grant;
    const limit = quota![over.bound]!;
    return usageErrors.QUOTA_USED({ agreement, resource, ...over, limit, again: again.toISOString() });
  }

  function requireBounds(grant: Grant, quota: Quota, count: DayCount): Amount {
    const at = now();
    const over = usedUp(quota, count, at);
    if (over) {
      const again = over.bound === 'requestsPerMinute' ? count.recent[0]! + 60_000 : nextChinaDay(at);
      throw used(grant, over, new Date(again));
    }
    return {
      rows: (quota.rowsPerDay ?? unbounded.rows) - count.rows,
      bytes: (quota.bytesPerDay ?? unbounded.bytes) - count.bytes,
    };
  }

  async function requireLeft(grant: Grant): Promise<Amount> {
    const { quota } = grant;
    if (!quota) return unbounded;
    const { rowsPerDay, bytesPerDay } = quota;
    const amounts = {
      ...(rowsPerDay !== undefined && { rowsPerDay }),
      ...(bytesPerDay !== undefined && { bytesPerDay }),
    };
    return requireBounds(grant, amounts, await counts.of(grant.agreement, now()));
  }

  async function requireRoom({ grant, rows, bytes }: OperationDone): Promise<void> {
    const left = await requireLeft(grant);
    const bound = rows > left.rows ? 'rowsPerDay' : bytes > left.bytes ? 'bytesPerDay' : undefined;
    if (bound === undefined) return;
    const count = await counts.of(grant.agreement, now());
    const taken = bound === 'rowsPerDay' ? count.rows : count.bytes;
    throw used(grant, { bound, used: taken }, new Date(nextChinaDay(now())));
  }

  /** Numbered and chained within its use, so one after the other. */
  async function record(done: OperationDone) {
    if (done.bounded && done.grant.quota) await requireRoom(done);
    const { grant, mode, rows, bytes } = done;
    const { agreement, grantVersion, resource, provider, consumer } = grant;
    const use: Use = { agreement, grantVersion, resource, mode };
    const at = now();
    const issuedAt = at.toISOString();
    const receipt = await db.transaction(async (trx) => {
      const last = await lastOf(trx, { agreement, grant_version: grantVersion, mode });
      const seq = (last?.seq ?? 0) + 1;
      const { document: signed, digest } = signWithDigest<Receipt>(
        {
          type: 'receipt',
          version: 1,
          id: randomUUID(),
          stage: 'delivered',
          subject: { use },
          issuer: 'platform',
          seqFrom: seq,
          seqTo: seq,
          rowsDigests: [done.digest],
          rows,
          previous: last?.receipt_digest ?? null,
          issuedAt,
        },
        signingKey,
      );
      await insertReceipt(trx, signed, digest, { provider, consumer, again: false });
      await insertOperation(trx, {
        receipt: signed.body.id,
        agreement,
        grant_version: grantVersion,
        resource,
        mode,
        provider,
        consumer,
        actor: callerName(done.actor),
        matter: done.matter,
        day: chinaDay(at),
        done_at: issuedAt,
        seq,
        rows,
        bytes,
        receipt_digest: digest,
      });
      if (done.audit) await audit.record(done.audit, trx);
      return signed;
    });
    counts.add(agreement, at, done);
    return receipt;
  }

  return {
    requireLeft,
    async hasLeft({ agreement, quota }) {
      if (!quota) return true;
      const { rowsPerDay, bytesPerDay } = quota;
      const { rows, bytes } = await counts.of(agreement, now());
      return (rowsPerDay ?? unbounded.rows) > rows && (bytesPerDay ?? unbounded.bytes) > bytes;
    },
    async begin(grant) {
      const count = await counts.of(grant.agreement, now());
      const left = requireBounds(grant, grant.quota ?? {}, count);
      count.requests += 1;
      count.recent.push(now().getTime());
      return left;
    },
    record: (done) => monitors.within(`${done.grant.agreement} ${done.mode}`, () => record(done)),
    delivered({ agreement }, amount) {
      counts.add(agreement, now(), amount);
    },
  };
}
