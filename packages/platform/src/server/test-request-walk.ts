/** For tests: routes of off-catalog requests, and whose data they touch. */
import type { PlatformClient } from '@qianzhi/client';
import { type offCatalogRoutes, personRoutes } from '@qianzhi/model';
import type { Walk } from './test-walk-kinds.js';

const ofRequest = (touch: (client: PlatformClient, params: { id: string }) => Promise<unknown>): Walk => ({
  of: 'objects',
  own: 'mz',
  refused: 'QZ_PLATFORM_REQUEST_UNKNOWN',
  touch: (client, { request }) => touch(client, { id: request }),
});
export const requestWalk: Readonly<
  Record<Exclude<keyof typeof offCatalogRoutes, 'makeRequest'> | 'requestForm', Walk>
> = {
  listRequests: {
    of: 'list',
    own: 'sw',
    count: async (client) =>
      (await client.call(personRoutes.listRequests, { query: { limit: 10 } })).requests.length,
  },
  showRequest: ofRequest((client, params) => client.call(personRoutes.showRequest, { params })),
  forwardRequest: ofRequest((client, params) =>
    client.call(personRoutes.forwardRequest, { params, body: {} }),
  ),
  returnRequest: ofRequest((client, params) =>
    client.call(personRoutes.returnRequest, { params, body: { missing: '无' } }),
  ),
  reassignRequest: ofRequest((client, params) =>
    client.call(personRoutes.reassignRequest, { params, body: { reason: '无' } }),
  ),
  completeRequest: ofRequest((client, params) =>
    client.call(personRoutes.completeRequest, { params, body: { note: '无' } }),
  ),
  refuseRequest: ofRequest((client, params) =>
    client.call(personRoutes.refuseRequest, { params, body: { reason: '无' } }),
  ),
  negotiateRequest: ofRequest((client, params) =>
    client.call(personRoutes.negotiateRequest, { params, body: { reason: '无' } }),
  ),
  reviewRequest: ofRequest((client, params) =>
    client.call(personRoutes.reviewRequest, { params, body: { record: '无' } }),
  ),
  ruleRequest: ofRequest((client, params) =>
    client.call(personRoutes.ruleRequest, { params, body: { outcome: 'share', record: '无' } }),
  ),
  acceptRequest: ofRequest((client, params) => client.call(personRoutes.acceptRequest, { params, body: {} })),
  linkRequest: ofRequest((client, params) =>
    client.call(personRoutes.linkRequest, { params, body: { resource: 'social_group' } }),
  ),
  withdrawRequest: ofRequest((client, params) =>
    client.call(personRoutes.withdrawRequest, { params, body: { reason: '无' } }),
  ),
  requestForm: ofRequest((client, params) =>
    client.call(personRoutes.requestForm, { params, query: { format: 'html' } }),
  ),
};
