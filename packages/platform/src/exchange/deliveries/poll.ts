import {
  type agentRoutes,
  type Delivery,
  type DeliveryStream,
  deliveryName,
  type Grant,
  type Payload,
  type Signed,
} from '@qianzhi/model';
import type { AgentCaller } from '../../server/caller.js';
import type { ExchangeParts } from '../parts.js';
import { keyOf, type StreamRow, streamsOfResource } from '../stream-table.js';
import type { DeliveryLog } from './delivery-log.js';
import { streamsOfGrant } from './delivery-table.js';
import { deliveryMode, grantFor } from './grants.js';

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

export function createPoll(parts: ExchangeParts, log: DeliveryLog, options: PollOptions): Poll {
  const { context, ports, wakes } = parts;

  async function waitingFor(caller: AgentCaller, request: PollRequest): Promise<Signed<Delivery>[]> {
    const { resource, agreement } = request;
    const held = request.after.map((position) => position.delivery);
    const grant = await grantFor(ports.agreements, caller, { resource, agreement, held });
    const asking = { grant, mode: deliveryMode(grant.body, request.mode) };
    const after = new Map(request.after.map(({ delivery, seq }) => [deliveryName(delivery), seq]));
    const answer: Signed<Delivery>[] = [];
    let bytes = 0;
    for (const delivery of await deliveriesOf(grant.body)) {
      const room = { deliveries: request.limit - answer.length, bytes: options.pollBytes - bytes };
      const page = await log.read(asking, delivery, after.get(deliveryName(delivery)) ?? 0, room);
      answer.push(...page.deliveries);
      for (const one of page.deliveries) bytes += one.body.manifest.body.storedBytes;
      // Epochs of one stream follow each other: the next begins when this one is read to its end.
      if (page.more || answer.length >= request.limit || bytes >= options.pollBytes) break;
    }
    return answer;
  }

  /** By agent, then epoch: from where the subscriber is, or from the newest epoch that holds a complete snapshot. */
  async function deliveriesOf(grant: Grant): Promise<DeliveryStream[]> {
    const { agreement, grantVersion, resource } = grant;
    const known = await streamsOfGrant(context.db, grant);
    const byAgent = new Map<string, StreamRow[]>();
    for (const row of await streamsOfResource(context.db, resource)) {
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
    const deadline = Date.now() + request.waitMs;
    for (;;) {
      const ticket = wakes.ticket(request.resource);
      const answer = await waitingFor(caller, request);
      const left = deadline - Date.now();
      if (answer.length > 0 || left <= 0 || signal.aborted) return answer;
      await wakes.changed(request.resource, ticket, Math.min(left, LOOK_AGAIN_MS), signal);
    }
  };
}
