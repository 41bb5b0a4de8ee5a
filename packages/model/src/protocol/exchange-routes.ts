import { type Static, Type } from '@sinclair/typebox';
import { DeliveryStreamSchema, SignedDeliverySchema } from '../batch/delivery.js';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { SignedSchema } from '../crypto/signed.js';
import { HeadSchema, StreamSchema } from '../exchange/stream.js';
import { SignedReceiptSchema } from '../receipt/receipt.js';
import { BatchOutcomeSchema } from './agent-reports.js';
import { route } from './route.js';

/** Header that carries the signed manifest (base64url of its JSON) beside the batch bytes. */
export const MANIFEST_HEADER = 'qz-manifest';
/** A signed statement by the agent that it lost or restored state and opens the next epoch, naming the old head. */
export const RecoverySchema = Type.Object(
  {
    type: Type.Literal('recovery'),
    stream: StreamSchema,
    ownHead: HeadSchema,
    platformHead: HeadSchema,
    nextEpoch: Type.Integer({ minimum: 2 }),
    reason: Type.String(),
    issuedAt: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false },
);
export type Recovery = Static<typeof RecoverySchema>;

const StreamHeadSchema = Type.Object({ stream: StreamSchema, head: HeadSchema });

/** Batches, deliveries and receipts of an agent. */
export const exchangeAgentRoutes = {
  heads: route({
    method: 'POST',
    path: '/agent/heads',
    access: 'agent',
    summary: '比对双方流头 / exchange stream heads',
    body: Type.Object({ streams: Type.Array(StreamHeadSchema) }),
    response: Type.Object({
      streams: Type.Array(StreamHeadSchema, {
        description: "the platform's head of every stream of this agent, newest epoch",
      }),
    }),
  }),
  recover: route({
    method: 'POST',
    path: '/agent/recoveries',
    access: 'agent',
    summary: '声明状态丢失并开启新纪元 / open the next epoch after lost or restored state',
    body: SignedSchema(RecoverySchema),
    response: Type.Object({ stream: StreamSchema }),
  }),
  sendBatch: route({
    method: 'PUT',
    path: '/agent/streams/{resource}/{epoch}/batches/{seq}',
    access: 'agent',
    summary: '上送批次(清单在 qz-manifest 头)/ send a batch; a repeat gets the same receipt',
    body: 'bytes',
    response: SignedReceiptSchema,
  }),
  storedReceipts: route({
    method: 'GET',
    path: '/agent/streams/{resource}/{epoch}/receipts',
    access: 'agent',
    summary: '取回签收 / receipts of stage stored after a seq, for ones lost on the way',
    query: Type.Object({
      after: Type.Integer({ minimum: 0 }),
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: 1000 }),
    }),
    response: Type.Object({ receipts: Type.Array(SignedReceiptSchema) }),
  }),
  streamOutcomes: route({
    method: 'GET',
    path: '/agent/streams/{resource}/{epoch}/outcomes',
    access: 'agent',
    summary:
      '各用数方对本方批次的签收情况 / what consumers made of batches of an own stream, by their receipts',
    query: Type.Object({ from: Type.Integer({ minimum: 1 }), to: Type.Integer({ minimum: 1 }) }),
    response: Type.Object({ outcomes: Type.Array(BatchOutcomeSchema) }),
  }),
  pollDeliveries: route({
    method: 'POST',
    path: '/agent/deliveries/poll',
    access: 'agent',
    summary:
      '长轮询待取批次 / long poll for deliveries of one resource, in order, after what the ledger holds',
    body: Type.Object({
      resource: ResourceCodeSchema,
      agreement: Type.Optional(Type.String()),
      mode: Type.Optional(
        Type.Union([Type.Literal('docking'), Type.Literal('sftp')], {
          description: 'under which the use is counted, where it is granted',
        }),
      ),
      after: Type.Array(Type.Object({ delivery: DeliveryStreamSchema, seq: Type.Integer({ minimum: 0 }) })),
      waitMs: Type.Integer({ minimum: 0, maximum: 60_000 }),
      limit: Type.Integer({ minimum: 1, maximum: 100, default: 16 }),
      wholeFiles: Type.Optional(
        Type.Literal(true, {
          description: 'several whole files may come in one delivery; left out, each comes alone',
        }),
      ),
      inlineBytes: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 262_144,
          description: 'bytes of small batches that may come with the answer, together',
        }),
      ),
    }),
    response: Type.Object({
      deliveries: Type.Array(SignedDeliverySchema),
      inline: Type.Optional(
        Type.Array(Type.Union([Type.String(), Type.Null()]), {
          description:
            'stored bytes of the deliveries in base64, for as long as they fit; null: to be asked for',
        }),
      ),
    }),
  }),
  deliveryBytes: route({
    method: 'GET',
    path: '/agent/deliveries/{agreement}/{grantVersion}/{resource}/{agent}/{epoch}/{seq}/bytes',
    access: 'agent',
    summary: '取批次字节 / the stored bytes of one delivery',
    response: 'bytes',
  }),
  acknowledge: route({
    method: 'POST',
    path: '/agent/receipts',
    access: 'agent',
    summary: '回送签收 / hand in receipts of stage staged, applied or rejected; repeats are harmless',
    body: Type.Object({ receipts: Type.Array(SignedReceiptSchema, { minItems: 1, maxItems: 1000 }) }),
    response: Type.Object({ accepted: Type.Integer() }),
  }),
} as const;
