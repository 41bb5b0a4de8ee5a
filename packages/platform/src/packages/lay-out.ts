import type { Box, Want } from '@qianzhi/carrier';
import { type Delivery, deliveryName, isQianzhiError, type Signed } from '@qianzhi/model';
import { canonicalBytes } from '@qianzhi/model/crypto';
import type { AssignmentService } from '../assignment/assignments.js';
import type { Exchange } from '../exchange/exchange.js';
import type { AgreementService } from '../ports.js';
import type { AgentCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { type Answers, furthest } from './answers.js';

export interface LayOutParts {
  readonly context: PlatformContext;
  readonly exchange: Exchange;
  readonly assignments: AssignmentService;
  readonly agreements: AgreementService;
  readonly maxBytes: number;
  readonly validSeconds: number;
}

/** What keeps one agreement's deliveries back keeps nothing else back. Told by level: what somebody has to mend is a warning. */
const heldBack: ReadonlyMap<string, 'debug' | 'warn'> = new Map([
  ['QZ_PLATFORM_GRANT_NOT_LIVE', 'debug'],
  ['QZ_PLATFORM_NO_AGREEMENT', 'debug'],
  ['QZ_PLATFORM_AGREEMENT_AMBIGUOUS', 'debug'],
  ['QZ_PLATFORM_MODE_NOT_GRANTED', 'debug'],
  ['QZ_PLATFORM_QUOTA_USED', 'debug'],
  ['QZ_PLATFORM_FILES_NOT_GRANTED', 'warn'],
  ['QZ_PLATFORM_SCHEMA_UNKNOWN', 'warn'],
  ['QZ_PLATFORM_DELIVERY_AHEAD', 'warn'],
  ['QZ_PLATFORM_DELIVERY_DAMAGED', 'warn'],
  ['QZ_PLATFORM_DELIVERY_EXPIRED', 'warn'],
]);

/**
 * Lays out what waits for an agent: receipts and refusals of its batches, deliveries behind those that are in packages already, and
 * its orders with a lease that holds as long as the package. Nothing where nothing of it is new and the lease has half its life left.
 */
export async function layOut(
  parts: LayOutParts,
  box: Box,
  caller: AgentCaller,
  before: Answers,
  keep: (answers: Answers) => Promise<void>,
): Promise<string[]> {
  const { context, exchange, assignments, validSeconds, maxBytes } = parts;
  const sent: string[] = [];
  let answers = before;
  for (let more = true; more; ) {
    const orders = await assignments.assignments(caller);
    const lease = await assignments.lease(caller, validSeconds);
    const told = Buffer.from(
      canonicalBytes([orders.body.version, lease.body.live, lease.body.revoked]),
    ).toString('base64url');
    const half = context.now().getTime() + (validSeconds * 1000) / 2;
    const due = answers.told !== told || Date.parse(answers.toldUntil ?? '') < half || !answers.toldUntil;
    const parcels = nextParcels(parts, caller, await nextDeliveries(parts, caller, answers));
    let parcel = await parcels.next();
    more = !parcel.done;
    const { receipts, refusals } = answers;
    if (!due && receipts.length + refusals.length === 0 && !more) break;
    const heads = await exchange.heads(caller);
    const writer = await box.begin();
    await writer.add('notes', { assignments: orders, lease, receipts, refusals, heads });
    let { exported } = answers;
    for (; !parcel.done && writer.size < maxBytes; parcel = await parcels.next()) {
      const { delivery, bytes } = parcel.value;
      await writer.add('delivery', delivery, bytes);
      exported = furthest(exported, [{ delivery: delivery.body.delivery, seq: delivery.body.seq }]);
    }
    const { file } = await box.send(writer);
    sent.push(file);
    answers = { ...answers, receipts: [], refusals: [], exported, told, toldUntil: lease.body.expiresAt };
    await keep(answers);
  }
  return sent;
}

async function nextDeliveries(
  { context, exchange, agreements }: LayOutParts,
  caller: AgentCaller,
  { wants, exported }: Answers,
): Promise<Signed<Delivery>[]> {
  const deliveries: Signed<Delivery>[] = [];
  for (const { resource, agreement, mode, after, wholeFiles } of await wantedOf(agreements, caller, wants)) {
    const ofResource = exported.filter(({ delivery }) => delivery.stream.resource === resource);
    const wanted = {
      resource,
      agreement,
      mode: mode ?? ('sftp' as const),
      after: furthest(after, ofResource),
      ...(wholeFiles && { wholeFiles }),
    };
    const request = { ...wanted, waitMs: 0, limit: 100 };
    try {
      deliveries.push(...(await exchange.poll(caller, request, context.stopping)));
    } catch (error) {
      holdBack(error, context, caller, resource);
    }
  }
  return deliveries;
}

/** Each with its bytes; of a stream nothing behind one that cannot be had. */
async function* nextParcels(
  { context, exchange }: LayOutParts,
  caller: AgentCaller,
  deliveries: readonly Signed<Delivery>[],
): AsyncGenerator<{ readonly delivery: Signed<Delivery>; readonly bytes: Uint8Array }> {
  const stopped = new Set<string>();
  for (const delivery of deliveries) {
    const { delivery: stream, seq } = delivery.body;
    if (stopped.has(deliveryName(stream))) continue;
    try {
      const { bytes } = await exchange.deliveryBytes(caller, stream, seq);
      yield { delivery, bytes };
    } catch (error) {
      holdBack(error, context, caller, stream.stream.resource);
      stopped.add(deliveryName(stream));
    }
  }
}

function holdBack(error: unknown, { log }: PlatformContext, { agent }: AgentCaller, resource: string): void {
  const level = isQianzhiError(error) ? heldBack.get(error.code) : undefined;
  if (!isQianzhiError(error) || !level) throw error;
  log[level]({ code: error.code, agent, resource }, 'nothing of it into a package');
}

/** What the agent asked for, and whatever else its department is granted: a package may be the only one for days. */
async function wantedOf(
  agreements: AgreementService,
  { department }: AgentCaller,
  wants: readonly Want[],
): Promise<Want[]> {
  const grants = await agreements.grantsOf(department);
  const asked = ({ resource, agreement }: Want) =>
    wants.some((want) => want.resource === resource && (want.agreement ?? agreement) === agreement);
  const granted = grants.map(({ body: { resource, agreement } }) => ({ resource, agreement, after: [] }));
  return [...wants, ...granted.filter((one) => !asked(one))];
}
