import { type Static, Type } from '@sinclair/typebox';
import { SignedManifestSchema } from '../batch/manifest.js';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { KeyRecordSchema } from '../crypto/keys.js';
import { StreamSchema } from '../exchange/stream.js';
import { ChainBeginSchema } from '../receipt/archive.js';
import { ApplyCountsSchema, SignedReceiptSchema } from '../receipt/receipt.js';
import { TimeSchema } from './fields.js';
import { route } from './route.js';

export const StreamStateSchema = Type.Object(
  {
    stream: StreamSchema,
    seq: Type.Integer(),
    rows: Type.Integer(),
    bytes: Type.Integer(),
    schemaVersion: Type.Union([Type.Integer(), Type.Null()]),
    lastBatchAt: Type.Union([TimeSchema, Type.Null()]),
    state: Type.Union([Type.Literal('open'), Type.Literal('closed')], {
      description: 'closed: a later epoch is open',
    }),
  },
  { $id: 'StreamState' },
);
export type StreamState = Static<typeof StreamStateSchema>;

/** The count equations of one agreement over one stream, summed from manifests and receipts (R043). */
export const ReconciliationSchema = Type.Object(
  {
    resource: ResourceCodeSchema,
    stream: StreamSchema,
    read: Type.Integer(),
    repeated: Type.Integer(),
    rejected: Type.Integer(),
    flagged: Type.Integer(),
    stored: Type.Integer(),
    deliveries: Type.Array(
      Type.Object({
        agreement: Type.String(),
        grantVersion: Type.Integer(),
        consumer: Type.String(),
        sent: Type.Integer({ description: 'deliveries made' }),
        confirmed: Type.Integer({ description: 'deliveries with a final receipt' }),
        rows: Type.Integer({ description: 'rows delivered' }),
        counts: ApplyCountsSchema,
      }),
    ),
    balanced: Type.Boolean(),
    problems: Type.Array(Type.String()),
  },
  { $id: 'Reconciliation' },
);
export type Reconciliation = Static<typeof ReconciliationSchema>;

/** What moved and how it is proven. */
export const evidenceRoutes = {
  listStreams: route({
    method: 'GET',
    path: '/streams',
    access: ['operator', 'department-admin', 'auditor', 'security-officer'],
    summary: '数据流列表 / streams',
    query: Type.Object({ resource: Type.Optional(Type.String()) }),
    response: Type.Object({ streams: Type.Array(StreamStateSchema) }),
  }),
  listBatches: route({
    method: 'GET',
    path: '/streams/{resource}/{agent}/{epoch}/batches',
    access: ['operator', 'department-admin', 'auditor', 'security-officer'],
    summary: '批次清单 / manifests of a stream, without bytes',
    query: Type.Object({
      after: Type.Integer({ minimum: 0, default: 0 }),
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
    }),
    response: Type.Object({ manifests: Type.Array(SignedManifestSchema) }),
  }),
  listReceipts: route({
    method: 'GET',
    path: '/receipts',
    access: ['operator', 'department-admin', 'auditor', 'security-officer', 'consumer'],
    summary: '签收列表 / receipts of own streams and deliveries',
    query: Type.Object({
      resource: Type.Optional(Type.String()),
      agreement: Type.Optional(Type.String()),
      after: Type.Optional(Type.String({ description: 'id of the last receipt of the page before' })),
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
    }),
    response: Type.Object({
      receipts: Type.Array(SignedReceiptSchema),
      begins: Type.Optional(
        Type.Array(ChainBeginSchema, {
          description: 'with the first page: chains whose beginning was moved into archives',
        }),
      ),
    }),
  }),
  keyDirectory: route({
    method: 'GET',
    path: '/keys',
    access: 'public',
    summary: '密钥目录 / every key ever registered, for checking receipts offline',
    response: Type.Object({ keys: Type.Array(KeyRecordSchema) }),
  }),
  reconciliation: route({
    method: 'GET',
    path: '/reconciliation',
    access: ['operator', 'department-admin', 'auditor', 'security-officer'],
    summary: '对账:读取=入库+拒绝,交付=应用+拒绝 / count equations by stream and agreement',
    query: Type.Object({ resource: Type.Optional(Type.String()) }),
    response: Type.Object({ reconciliations: Type.Array(ReconciliationSchema) }),
  }),
} as const;
