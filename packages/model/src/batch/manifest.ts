import { type Static, Type } from '@sinclair/typebox';
import { SignedSchema } from '../crypto/signed.js';
import { StreamSchema } from '../exchange/stream.js';
import { FilePartSchema } from './file-part.js';

/** Digest text: `<algorithm>:<base64url>`. */
export const DigestSchema = Type.String({ pattern: '^[a-z0-9-]+:[A-Za-z0-9_-]{16,128}$' });

/** A part of one full copy. `last` carries the totals over all parts, this one included. */
export const SnapshotPartSchema = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 64 }),
    part: Type.Integer({ minimum: 1 }),
    last: Type.Boolean(),
    totals: Type.Optional(
      Type.Object(
        { parts: Type.Integer({ minimum: 1 }), rows: Type.Integer({ minimum: 0 }) },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type SnapshotPart = Static<typeof SnapshotPartSchema>;

/** Several whole files in one batch: a list of them (`fileListText`), then their bytes in its order. */
export const WholeFilesSchema = Type.Object(
  { listBytes: Type.Integer({ minimum: 1, description: 'length of the list before the bytes' }) },
  { additionalProperties: false },
);

export const BatchKindSchema = Type.Union([
  Type.Literal('snapshot'),
  Type.Literal('delta'),
  Type.Literal('files'),
]);
export type BatchKind = Static<typeof BatchKindSchema>;

/**
 * What a batch says of itself, signed by who sealed it. `rowsDigest` (uncompressed row text with kind and
 * schema version) is the batch's identity; `bytesDigest` (stored bytes) only checks the transfer, because two zstd
 * libraries give different bytes. Counts obey read = rows + rejected.
 *
 * A batch of kind `files` holds a part of one file, its raw bytes; `file` says which. The rows digest then covers `file` (see
 * `filePartText`) and the bytes, and `rows` counts the files that end in the batch: 1 for a file's last part, else 0. Or it
 * holds `rows` whole files; the rows digest then covers their list, which names the digest of each of them. Such a batch goes
 * to nobody who did not say that he takes them.
 */
export const BatchManifestSchema = Type.Object(
  {
    type: Type.Literal('batch'),
    version: Type.Literal(1),
    id: Type.String({ description: 'from stream, seq and rowsDigest: the same batch has the same id' }),
    stream: StreamSchema,
    seq: Type.Integer({ minimum: 1 }),
    previous: Type.Union([DigestSchema, Type.Null()], {
      description: 'document digest of the manifest before',
    }),
    schemaVersion: Type.Integer({ minimum: 1 }),
    kind: BatchKindSchema,
    snapshot: Type.Optional(SnapshotPartSchema),
    file: Type.Optional(FilePartSchema),
    wholeFiles: Type.Optional(WholeFilesSchema),
    rows: Type.Integer({ minimum: 0 }),
    read: Type.Integer({ minimum: 0 }),
    rejected: Type.Integer({ minimum: 0 }),
    flagged: Type.Integer({ minimum: 0 }),
    repeated: Type.Integer({
      minimum: 0,
      description: 're-read by an overlap window or folded; not in read',
    }),
    rawBytes: Type.Integer({ minimum: 0 }),
    storedBytes: Type.Integer({ minimum: 0 }),
    compression: Type.Literal('zstd'),
    rowsDigest: DigestSchema,
    bytesDigest: DigestSchema,
    checkpointDigest: Type.Union([DigestSchema, Type.Null()], {
      description: 'keyed digest of the source checkpoint, which never leaves the agent',
    }),
    dutyDigest: Type.Union([DigestSchema, Type.Null()], {
      description: "digest of the supply duty; null in a platform's projection",
    }),
    sealedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'BatchManifest', additionalProperties: false },
);
export type BatchManifest = Static<typeof BatchManifestSchema>;
export const SignedManifestSchema = SignedSchema(BatchManifestSchema);
