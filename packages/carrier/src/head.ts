import { type Static, Type } from '@qianzhi/model/schema';

/** Of one entry, which is read whole: far above a batch, also where pseudonyms lengthen it. */
const MOST_ENTRY_BYTES = 64 * 1024 * 1024;

/** One entry, as it lies in the file: a document in JSON, then bytes. Entries follow each other in this order. */
const EntryHeadSchema = Type.Object(
  {
    kind: Type.Union([Type.Literal('batch'), Type.Literal('delivery'), Type.Literal('notes')]),
    document: Type.Integer({ minimum: 0 }),
    bytes: Type.Integer({ minimum: 0, maximum: MOST_ENTRY_BYTES }),
    digest: Type.String({ description: 'of both together, as `sha-256:…`' }),
  },
  { additionalProperties: false },
);

/**
 * What a package says of itself, signed by who made it. Numbers of one direction between an agent and the platform have no gap;
 * `seen` is the newest number that came from the other side, `missing` what is waited for from there.
 */
export const PackageHeadSchema = Type.Object(
  {
    type: Type.Literal('package'),
    version: Type.Literal(1),
    from: Type.String({ description: '`platform` or an agent id' }),
    to: Type.String(),
    number: Type.Integer({ minimum: 1 }),
    previous: Type.Union([Type.String(), Type.Null()], { description: 'digest of the package before' }),
    seen: Type.Integer({ minimum: 0 }),
    missing: Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 1000 }),
    createdAt: Type.String({ format: 'date-time' }),
    /** After this it is refused: whoever it is for cannot know any more what was revoked meanwhile. */
    notAfter: Type.String({ format: 'date-time' }),
    entries: Type.Array(EntryHeadSchema),
  },
  { additionalProperties: false },
);
export type PackageHead = Static<typeof PackageHeadSchema>;
export type EntryKind = PackageHead['entries'][number]['kind'];
