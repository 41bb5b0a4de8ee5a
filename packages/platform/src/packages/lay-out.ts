import type { Box, Want } from '@qianzhi/carrier';
import { type Delivery, isQianzhiError, type Signed } from '@qianzhi/model';
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

/** What keeps one agreement's deliveries back keeps nothing else back. */
const heldBack: ReadonlySet<string> = new Set([
  'QZ_PLATFORM_GRANT_NOT_LIVE',
  'QZ_PLATFORM_NO_AGREEMENT',
  'QZ_PLATFORM_AGREEMENT_AMBIGUOUS',
  'QZ_PLATFORM_MODE_NOT_GRANTED',
  'QZ_PLATFORM_QUOTA_USED',
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
    const waiting = await nextDeliveries(parts, caller, answers);
    const { receipts, refusals } = answers;
    if (!due && receipts.length + refusals.length + waiting.deliveries.length === 0) break;
    const writer = await box.begin();
    const heads = await exchange.heads(caller);
    await writer.add('notes', { assignments: orders, lease, receipts, refusals, heads });
    let { exported } = answers;
    more = waiting.more;
    for (const delivery of waiting.deliveries) {
      if (writer.size >= maxBytes) {
        more = true;
        break;
      }
      const { delivery: stream, seq } = delivery.body;
      const { bytes } = await exchange.deliveryBytes(caller, stream, seq);
      await writer.add('delivery', delivery, bytes);
      exported = furthest(exported, [{ delivery: stream, seq }]);
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
): Promise<{ deliveries: Signed<Delivery>[]; more: boolean }> {
  const deliveries: Signed<Delivery>[] = [];
  for (const { resource, agreement, after } of await wantedOf(agreements, caller, wants)) {
    const ofResource = exported.filter(({ delivery }) => delivery.stream.resource === resource);
    const request = { resource, agreement, after: furthest(after, ofResource), waitMs: 0, limit: 100 };
    try {
      deliveries.push(...(await exchange.poll(caller, request, context.stopping)));
    } catch (error) {
      if (!isQianzhiError(error) || !heldBack.has(error.code)) throw error;
      context.log.debug({ code: error.code, agent: caller.agent, resource }, 'nothing of it into a package');
    }
  }
  return { deliveries, more: deliveries.length > 0 };
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
