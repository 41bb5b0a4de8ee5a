import { type Static, Type } from '@sinclair/typebox';

/** One key in the append-only key directory. */
export const KeyRecordSchema = Type.Object(
  {
    keyId: Type.String({ description: 'first 16 characters of the base64url SHA-256 of the public key' }),
    owner: Type.String({ description: '`platform` or an agent id' }),
    department: Type.Optional(Type.String()),
    suite: Type.String(),
    publicKey: Type.String(),
    validFrom: Type.String({ format: 'date-time' }),
    validTo: Type.Optional(Type.String({ format: 'date-time' })),
  },
  { $id: 'KeyRecord', additionalProperties: false },
);
export type KeyRecord = Static<typeof KeyRecordSchema>;
