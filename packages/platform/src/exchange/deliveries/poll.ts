import {
  type agentRoutes,
  type Delivery,
  type DeliveryStream,
  deliveryName,
  type Grant,
  missingKeyItems,
  type Payload,
  type Signed,
} from '@qianzhi/model';
import type { AgentCaller } from '../../server/caller.js';
import type { ExchangeParts } from '../parts.js';
import { keyOf, type StreamRow } from '../stream-table.js';
import { streamsUnder } from '../streams-under.js';
import type { DeliveryLog } from './delivery-log.js';
import { type DeliveryStreamRow, streamsOfGrant } from './delivery-table.js';
import { type Asking, deliveryMode, grantFor } from './grants.js';
import type { Projectors } from './projection.js';

export type PollRequest = Payload<(typeof agentRoutes.pollDeliveries)['body']>;

/**
 * Long poll: answers at once what waits after the caller's positions, else as soon as a batch comes or a grant
 * changes, and nothing after `waitMs`. A grant that ends meanwhile ends the poll with its denial.
 */
export type Poll = (
  caller: AgentCaller,
  request: PollRequest,
  signal: AbortSignal,
) => Promise<Signed<Delivery>[]>;

export interface PollOptions {
  /** Bytes of one answer's batches together; one batch is always answered. */
  readonly pollBytes: number;
}

/** A grant also ends by time, and another node may have stored a batch: a quiet poll looks again this often. */
const LOOK_AGAIN_MS = 2_000;

/** What waits for the caller; `heads` where that is all there is. */
interface Found {
  readonly answer: Signed<Delivery>[];
  readonly asking: Asking;
  readonly heads?: readonly { readonly delivery: DeliveryStream; readonly log: DeliveryStreamRow }[];
}

export function createPoll(
  parts: ExchangeParts,
  log: DeliveryLog,
  projectors: Projectors,
  options: PollOptions,
): Poll {
  const { context, ports, wakes, consumers } = parts;

  async function waitingFor(caller: AgentCaller, request: PollRequest): Promise<Found> {
    const { resource, agreement } = request;
    const held = request.after.map((position) => position.delivery);
    const grant = await grantFor(ports.agreements, caller, { resource, agreement, held });
    const wholeFiles = request.wholeFiles ?? false;
    const asking = { grant, mode: deliveryMode(grant.body, request.mode), wholeFiles };
    const after = new Map(request.after.map(({ delivery, seq }) => [deliveryName(delivery), seq]));
    const answer: Signed<Delivery>[] = [];
    const heads: { delivery: DeliveryStream; log: DeliveryStreamRow }[] = [];
    let bytes = 0;
    for (const delivery of await deliveriesOf(grant.body)) {
      const room = { deliveries: request.limit - answer.length, bytes: options.pollBytes - bytes };
      const page = await log.read(asking, delivery, after.get(deliveryName(delivery)) ?? 0, room);
      answer.push(...page.deliveries);
      if (page.head) heads.push({ delivery, log: page.head });
      for (const one of page.deliveries) bytes += one.body.manifest.body.storedBytes;
      // Epochs of one stream follow each other: the next begins when this one is read to its end.
      if (page.more || answer.length >= request.limit || bytes >= options.pollBytes)
        return { answer, asking };
    }
    return { answer, asking, heads };
  }

  /** The next batches are delivered to whoever sees all of them as they are in the transaction that stores them. */
  async function keepStanding(name: string, { asking, heads }: Found, ticket: number): Promise<void> {
    const { body } = asking.grant;
    if (!heads) return;
    const resource = await ports.catalog.current(body.resource);
    if (!resource || missingKeyItems(resource, body.items).length > 0) return;
    if (!(await projectors.viewOf(body, resource)).whole) return;
    const { schemaVersion } = resource;
    const streams = heads.map(({ delivery, log }) => ({ delivery, log, schemaVersion, ready: [] }));
    // what was stored since the ticket is not in it
    if (wakes.ticket(body.resource) === ticket)
      consumers.keep(name, { asking, resource: body.resource, streams });
  }

  /** What is kept of a consumer that keeps up, as long as the grant is in force. */
  async function ready(name: string, { after, limit }: PollRequest): Promise<Signed<Delivery>[] | undefined> {
    const known = consumers.after(name, after);
    if (!known) return undefined;
    const { agreement, grantVersion } = known.asking.grant.body;
    if (!(await ports.agreements.isLive(agreement, grantVersion, context.now()))) return undefined;
    return known.deliveries.slice(0, limit);
  }

  /** By agent, then epoch: from where the subscriber is, or from the newest epoch that holds a complete snapshot. */
  async function deliveriesOf(grant: Grant): Promise<DeliveryStream[]> {
    const { agreement, grantVersion } = grant;
    const known = await streamsOfGrant(context.db, grant);
    const byAgent = new Map<string, StreamRow[]>();
    for (const row of await streamsUnder(context.db, ports.catalog, grant)) {
      byAgent.set(row.agent, [...(byAgent.get(row.agent) ?? []), row]);
    }
    return [...byAgent].flatMap(([agent, epochs]) => {
      const logs = known.filter((row) => row.agent === agent);
      const begun = logs.map((row) => row.epoch);
      const closed = logs.filter((row) => row.state === 'closed').map((row) => row.epoch);
      const complete = epochs.filter((row) => row.complete_from !== null).map((row) => row.epoch);
      const from = begun.length > 0 ? Math.min(...begun) : Math.max(epochs[0]!.epoch, ...complete);
      return epochs
        .filter((row) => row.epoch >= from && !closed.includes(row.epoch))
        .map((row) => ({ agreement, grantVersion, stream: keyOf(row) }));
    });
  }

  return async (caller, request, signal) => {
    const deadline = performance.now() + request.waitMs;
    const name = [caller.agent, request.resource, request.agreement, request.mode].join(' ');
    for (;;) {
      const ticket = wakes.ticket(request.resource);
      let answer = await ready(name, request);
      if (!answer) {
        const found = await waitingFor(caller, request);
        answer = found.answer;
        if (request.waitMs > 0) await keepStanding(name, found, ticket);
      }
      const left = deadline - performance.now();
      if (answer.length > 0 || left <= 0 || signal.aborted) return answer;
      await wakes.changed(request.resource, ticket, Math.min(left, LOOK_AGAIN_MS), signal);
    }
  };
}
