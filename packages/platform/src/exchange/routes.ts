import { agentRoutes, deliveryName, personRoutes, type Stream } from '@qianzhi/model';
import type { PlatformContext } from '../server/context.js';
import type { Api } from '../server/serve.js';
import { listBegins } from './archive/begins.js';
import { inlineBytes } from './deliveries/inline-bytes.js';
import type { Exchange } from './exchange.js';
import { outcomesOf } from './receipts/outcomes.js';
import { reconcile } from './reconciliation/reconcile.js';
import { sightOf } from './sight.js';

/** Binds the exchange to its routes: batches, deliveries and receipts of agents, and what persons see of them. */
export function registerExchange(api: Api, context: PlatformContext, exchange: Exchange): void {
  registerAgentRoutes(api, context, exchange);
  api.servePerson(personRoutes.listStreams, async ({ caller, query }) => ({
    streams: await exchange.listings.streams(sightOf(caller), query.resource),
  }));
  api.servePerson(personRoutes.listBatches, async ({ caller, param, query }) => ({
    manifests: await exchange.listings.batches(sightOf(caller), streamOf(param), query.after, query.limit),
  }));
  api.servePerson(personRoutes.listReceipts, async ({ caller, query }) => ({
    receipts: await exchange.listings.receipts(sightOf(caller), query),
    ...(query.after === undefined && { begins: await listBegins(context.db, sightOf(caller), query) }),
  }));
  api.servePerson(personRoutes.reconciliation, async ({ caller, query }) => ({
    reconciliations: await reconcile(context.db, sightOf(caller), query.resource),
  }));
}

function registerAgentRoutes(api: Api, { db }: Pick<PlatformContext, 'db'>, exchange: Exchange): void {
  api.serveAgent(agentRoutes.heads, async ({ caller }) => ({ streams: await exchange.heads(caller) }));
  api.serveAgent(agentRoutes.recover, async ({ caller, body }) => ({
    stream: await exchange.recover(caller, body),
  }));
  api.serveAgent(agentRoutes.sendBatch, ({ caller, param, headers, body, bodyDigest, note }) =>
    exchange.sendBatch(caller, {
      path: { resource: param('resource'), epoch: Number(param('epoch')), seq: Number(param('seq')) },
      headers,
      bytes: body,
      bytesDigest: bodyDigest,
      note,
    }),
  );
  api.serveAgent(agentRoutes.storedReceipts, async ({ caller, param, query }) => ({
    receipts: await exchange.storedReceipts(
      caller,
      param('resource'),
      Number(param('epoch')),
      query.after,
      query.limit,
    ),
  }));
  api.serveAgent(agentRoutes.streamOutcomes, async ({ caller, param, query }) => {
    const stream = { resource: param('resource'), agent: caller.agent, epoch: Number(param('epoch')) };
    return { outcomes: await outcomesOf(db, caller.department, stream, query) };
  });
  api.serveAgent(agentRoutes.pollDeliveries, async ({ caller, body, signal, note }) => {
    const deliveries = await exchange.poll(caller, body, signal);
    const batches = deliveries.map(({ body: { manifest } }) => manifest.body.id);
    note({ resource: body.resource, ...(batches.length > 0 && { batches }) });
    if (!body.inlineBytes || deliveries.length === 0) return { deliveries };
    return { deliveries, inline: await inlineBytes(exchange, caller, deliveries, body.inlineBytes) };
  });
  api.serveAgent(agentRoutes.deliveryBytes, async ({ caller, param, answerDigest, note }) => {
    const agreement = param('agreement');
    const grantVersion = Number(param('grantVersion'));
    const delivery = { agreement, grantVersion, stream: streamOf(param) };
    const seq = Number(param('seq'));
    note({ delivery: deliveryName(delivery), seq });
    const { bytes, digest } = await exchange.deliveryBytes(caller, delivery, seq);
    answerDigest(digest);
    return bytes;
  });
  api.serveAgent(agentRoutes.acknowledge, async ({ caller, body, note }) => {
    note({ receipts: body.receipts.map((receipt) => receipt.body.id) });
    return { accepted: await exchange.acknowledge(caller, body.receipts) };
  });
}

function streamOf(param: (name: string) => string): Stream {
  return { resource: param('resource'), agent: param('agent'), epoch: Number(param('epoch')) };
}
