import type { BodyMemory, PlatformClient } from '@qianzhi/client';
import {
  agentRoutes,
  type Delivery,
  type DeliveryStream,
  deliveryName,
  MANIFEST_HEADER,
} from '@qianzhi/model';
import type { Channel, IncomingDelivery, ReceiveRequest } from '@qianzhi/plugin-api';
import { deliveryModeOf } from './delivery-mode.js';
import { createReceiptQueue } from './receipt-queue.js';

/** How long one poll is held by the platform; short enough for gateways that cut idle connections at 60 s. */
const MAX_POLL_MS = 25_000;
const PAGE = 16;
/** Small batches come with the answer: to ask for each would take as long as to wait for it. */
const INLINE_BYTES = 64 * 1024;

/** Where bytes that are fetched are put; undefined for more than a batch may have. */
export type MemoryFor = (bytes: number) => BodyMemory | undefined;

/** What the agent knows of its grants: a delivery may come by one that it has not heard of yet. */
export interface KnownGrants {
  covers(delivery: Delivery): boolean;
  /** Asks the platform; whoever goes by them is told of what has changed before this resolves. */
  refresh(signal: AbortSignal): Promise<void>;
}

/** The channel over the platform's HTTP API. The receipt of a batch comes in the answer to sending it. */
export function createHttpChannel(
  client: PlatformClient,
  memoryFor: MemoryFor,
  grants: KnownGrants,
): Channel {
  const receipts = createReceiptQueue();

  async function* receive(request: ReceiveRequest, signal: AbortSignal): AsyncIterable<IncomingDelivery> {
    const after = new Map(request.after.map((position) => [deliveryName(position.delivery), position]));
    const deadline = Date.now() + request.waitMs;
    while (!signal.aborted) {
      const waitMs = Math.max(0, Math.min(MAX_POLL_MS, deadline - Date.now()));
      const body = {
        resource: request.resource,
        agreement: request.agreement,
        ...deliveryModeOf(request),
        ...(request.wholeFiles && { wholeFiles: true as const }),
        after: [...after.values()],
        waitMs,
        limit: PAGE,
        inlineBytes: INLINE_BYTES,
      };
      const { deliveries, inline } = await client.call(agentRoutes.pollDeliveries, { body, waitMs }, signal);
      if (!deliveries.every((delivery) => grants.covers(delivery.body))) {
        await grants.refresh(signal);
        // a run that stays open is over by that: the next one goes by the new grant
        if (signal.aborted) return;
      }
      for (const [at, delivery] of deliveries.entries()) {
        const { delivery: stream, seq } = delivery.body;
        const { bytesDigest } = delivery.body.manifest.body;
        let came = inline?.[at];
        yield {
          delivery,
          async bytes(inner) {
            const text = came;
            came = undefined; // what was damaged on the way is asked for
            if (text) return Buffer.from(text, 'base64');
            return fetchBytes(client, memoryFor, { delivery: stream, seq, bytesDigest }, inner);
          },
        };
        after.set(deliveryName(stream), { delivery: stream, seq });
      }
      if (deliveries.length === 0 && Date.now() >= deadline) return;
    }
  }

  return {
    async send(batch, signal) {
      const { stream, seq, bytesDigest } = batch.manifest.body;
      const receipt = await client.call(
        agentRoutes.sendBatch,
        {
          params: { resource: stream.resource, epoch: stream.epoch, seq },
          headers: { [MANIFEST_HEADER]: Buffer.from(JSON.stringify(batch.manifest)).toString('base64url') },
          body: batch.bytes,
          bodyDigest: bytesDigest,
        },
        signal,
      );
      receipts.put(receipt);
    },
    receipts: (signal) => receipts.read(signal),
    receive,
    async acknowledge(signed, signal) {
      await client.call(agentRoutes.acknowledge, { body: { receipts: [...signed] } }, signal);
    },
    async heads(own, signal) {
      const { streams } = await client.call(agentRoutes.heads, { body: { streams: [...own] } }, signal);
      return streams;
    },
    async [Symbol.asyncDispose]() {
      await client.close();
    },
  };
}

function fetchBytes(
  client: PlatformClient,
  memoryFor: MemoryFor,
  {
    delivery,
    seq,
    bytesDigest,
  }: { readonly delivery: DeliveryStream; readonly seq: number; readonly bytesDigest: string },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { resource, agent, epoch } = delivery.stream;
  const params = {
    agreement: delivery.agreement,
    grantVersion: delivery.grantVersion,
    resource,
    agent,
    epoch,
    seq,
  };
  return client.call(agentRoutes.deliveryBytes, { params, memoryFor, expectedDigest: bytesDigest }, signal);
}
