import { type Static, Type } from '@sinclair/typebox';
import { SignedSchema } from '../crypto/signed.js';
import { StreamSchema } from '../exchange/stream.js';
import { DigestSchema, SignedManifestSchema } from './manifest.js';

/** What one agreement gets of one stream: it has a sequence and a history of its own. */
export const DeliveryStreamSchema = Type.Object(
  { agreement: Type.String(), grantVersion: Type.Integer({ minimum: 1 }), stream: StreamSchema },
  { additionalProperties: false },
);
export type DeliveryStream = Static<typeof DeliveryStreamSchema>;

/** `agreement/grantVersion/resource/agent/epoch`: names the delivery stream in ledgers and folders. */
export function deliveryName(delivery: DeliveryStream): string {
  const { resource, agent, epoch } = delivery.stream;
  return `${delivery.agreement}/${delivery.grantVersion}/${resource}/${agent}/${epoch}`;
}

/**
 * One batch as delivered, signed by the platform. `manifest` is the provider's own, bytes and signature,
 * where all items are granted; otherwise the platform's manifest of the projection, which names
 * its source batch by id only. Seq starts at 1 for each delivery stream and has no gaps.
 */
export const DeliverySchema = Type.Object(
  {
    type: Type.Literal('delivery'),
    version: Type.Literal(1),
    delivery: DeliveryStreamSchema,
    seq: Type.Integer({ minimum: 1 }),
    previous: Type.Union([DigestSchema, Type.Null()], {
      description: 'document digest of the delivery before',
    }),
    sourceBatch: Type.String(),
    projected: Type.Boolean(),
    manifest: SignedManifestSchema,
    grantDigest: DigestSchema,
    policyDigest: DigestSchema,
    deliveredAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Delivery', additionalProperties: false },
);
export type Delivery = Static<typeof DeliverySchema>;
export const SignedDeliverySchema = SignedSchema(DeliverySchema);
