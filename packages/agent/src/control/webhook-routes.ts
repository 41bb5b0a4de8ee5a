import { route } from '@qianzhi/model';
import { Type } from '@qianzhi/model/schema';
import type { FeedInfo } from '../received/feed.js';
import { WebhookStatusSchema } from '../webhooks/status.js';

const access = 'public' as const;
/** One letter, or all of the webhook. */
const body = Type.Object({ id: Type.Optional(Type.String()) }, { additionalProperties: false });
const response = Type.Object({ letters: Type.Integer() });

/** Part of `controlRoutes`. */
export const webhookRoutes = {
  feeds: route({
    method: 'GET',
    path: '/feeds',
    access,
    summary: 'feeds of received records, and how much they hold',
    response: Type.Object({ feeds: Type.Array(Type.Unsafe<FeedInfo>({})) }),
  }),
  webhooks: route({
    method: 'GET',
    path: '/webhooks',
    access,
    summary: 'webhooks to business systems: what is outstanding, what is dead',
    response: Type.Object({ webhooks: Type.Array(WebhookStatusSchema) }),
  }),
  retryWebhook: route({
    method: 'POST',
    path: '/webhooks/{webhook}/retry',
    access,
    summary: 'send dead letters once more',
    body,
    response,
  }),
  dropWebhook: route({
    method: 'POST',
    path: '/webhooks/{webhook}/drop',
    access,
    summary: 'give dead letters up',
    body,
    response,
  }),
  testWebhook: route({
    method: 'POST',
    path: '/webhooks/{webhook}/test',
    access,
    summary: 'send a trial without records',
    response: Type.Object({ host: Type.String() }),
  }),
} as const;
