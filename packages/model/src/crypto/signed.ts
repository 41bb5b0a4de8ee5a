import { type Static, type TSchema, Type } from '@sinclair/typebox';

/** Who signed with what. The suite is looked up by key id in the key directory, never taken from here. */
export const SignatureSchema = Type.Object(
  { keyId: Type.String(), value: Type.String() },
  { additionalProperties: false },
);

/**
 * A signed document: `body` says its own `type` and `version`; the signature is over the canonical JSON
 * of `{body, keyId}`. The document's digest is that of the same bytes, so a digest names signer and content.
 */
export interface Signed<T> {
  readonly body: T;
  readonly signature: Static<typeof SignatureSchema>;
}

export function SignedSchema<T extends TSchema>(body: T) {
  return Type.Object({ body, signature: SignatureSchema }, { additionalProperties: false });
}
