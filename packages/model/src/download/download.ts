import { type Static, Type } from '@sinclair/typebox';
import { MaskRuleSchema } from '../agreement/agreement.js';
import { DigestSchema } from '../batch/manifest.js';
import { ColumnNameSchema, ItemTypeSchema } from '../catalog/item.js';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { SignedSchema } from '../crypto/signed.js';
import { ProblemSchema } from '../errors/problem.js';
import { StreamSchema } from '../exchange/stream.js';
import { ScopeTextSchema } from '../scope/scope.js';

export const downloadFormats = ['csv', 'xlsx', 'jsonl', 'parquet'] as const;
export const downloadEncodings = ['utf-8', 'gb18030'] as const;
export const downloadHeaders = ['names', 'columns'] as const;
const oneOf = <T extends string>(values: readonly T[], options: object = {}) =>
  Type.Unsafe<T>(
    Type.Union(
      values.map((value) => Type.Literal(value)),
      options,
    ),
  );

/** How a file of a download is made; part of every request for one. */
export const downloadChoices = {
  format: oneOf(downloadFormats, { default: 'csv', description: '文件格式 / format of the file' }),
  encoding: oneOf(downloadEncodings, {
    default: 'utf-8',
    description: 'CSV 的编码;utf-8 带 BOM / encoding of CSV; utf-8 with a BOM',
  }),
  header: oneOf(downloadHeaders, {
    default: 'names',
    description: '列名:信息项名称或列名 / names of the items, or their columns',
  }),
};

/** 部门批量下载: what somebody asks for. */
export const DownloadRequestSchema = Type.Object(
  {
    resource: ResourceCodeSchema,
    agreement: Type.Optional(Type.String({ description: 'needed where several grant batch-download' })),
    matter: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 500,
        description: "具体业务事项;不给则为协议的事项 / the agreement's unless told",
      }),
    ),
    ...downloadChoices,
    since: Type.Optional(
      Type.String({
        description:
          '只取此前一次下载之后的变化:last 或下载编号 / changes since a former download: `last` or its id',
      }),
    ),
  },
  { $id: 'DownloadRequest', additionalProperties: false },
);
export type DownloadRequest = Static<typeof DownloadRequestSchema>;

/** Signed by the platform, beside the data: what the file is, for whom and what for, and what was done to it. */
export const DownloadManifestSchema = Type.Object(
  {
    type: Type.Literal('download-manifest'),
    version: Type.Literal(1),
    download: Type.String(),
    resource: ResourceCodeSchema,
    resourceName: Type.String(),
    schemaVersion: Type.Integer(),
    provider: Type.String(),
    consumer: Type.String(),
    agreement: Type.String(),
    grantVersion: Type.Integer(),
    matter: Type.String(),
    kind: oneOf(['state', 'changes']),
    base: Type.Union([Type.String(), Type.Null()], { description: 'download that changes are counted from' }),
    asOf: Type.Array(Type.Object({ stream: StreamSchema, seq: Type.Integer() }), {
      description: 'batches the rows hold, of each supplier up to this one',
    }),
    ...downloadChoices,
    items: Type.Array(
      Type.Object({
        column: ColumnNameSchema,
        name: Type.String(),
        type: ItemTypeSchema,
        mask: Type.Optional(MaskRuleSchema),
      }),
    ),
    file: Type.String({ pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$' }),
    bytes: Type.Integer({ minimum: 0 }),
    digest: DigestSchema,
    scope: Type.Optional(ScopeTextSchema),
    rows: Type.Integer({ minimum: 0 }),
    upserts: Type.Integer({ minimum: 0 }),
    deletes: Type.Integer({ minimum: 0 }),
    notes: Type.Object({
      neutralised: Type.Record(ColumnNameSchema, Type.Integer(), {
        description:
          'text cells a spreadsheet would take for formulas, made harmless: CSV by an apostrophe, XLSX by a style',
      }),
      privateUse: Type.Integer({ description: 'rows with private-use characters, in GB18030' }),
      asText: Type.Array(ColumnNameSchema, {
        description: 'number columns with values the format cannot hold exactly: text there',
      }),
      sheets: Type.Optional(Type.Integer()),
    }),
    preparedAt: Type.String({ format: 'date-time' }),
    validUntil: Type.String({ format: 'date-time', description: 'the platform keeps the file so long' }),
  },
  { $id: 'DownloadManifest', additionalProperties: false },
);
export type DownloadManifest = Static<typeof DownloadManifestSchema>;

/** `target` of an exchange in mode batch-download. */
export const DownloadTargetSchema = Type.Object(
  {
    folder: Type.Optional(
      Type.String({
        pattern: '^(?!/)(?!.*(^|/)\\.\\.(/|$))[^\\u0000-\\u001f]{1,500}$',
        description: '连接器文件夹之下的子文件夹 / folder below the connector’s',
      }),
    ),
    ...downloadChoices,
    changes: Type.Boolean({
      default: false,
      description: '首次之后只取变化 / after the first, only what has changed since the one before',
    }),
  },
  { additionalProperties: false },
);
export type DownloadTarget = Static<typeof DownloadTargetSchema>;

export const downloadStates = [
  'queued',
  'running',
  'ready',
  'failed',
  'cancelled',
  'expired',
  'revoked',
] as const;
export type DownloadState = (typeof downloadStates)[number];

/** One download, from asking to the file's end. */
export const DownloadSchema = Type.Object(
  {
    id: Type.String(),
    resource: ResourceCodeSchema,
    agreement: Type.String(),
    grantVersion: Type.Integer(),
    provider: Type.String(),
    consumer: Type.String(),
    /** `agent:ID` or `person:ACCOUNT`. */
    requestedBy: Type.String(),
    matter: Type.String(),
    kind: oneOf(['state', 'changes']),
    base: Type.Union([Type.String(), Type.Null()]),
    ...downloadChoices,
    state: oneOf(downloadStates),
    progress: Type.Number({ minimum: 0, maximum: 1 }),
    manifest: Type.Union([SignedSchema(DownloadManifestSchema), Type.Null()]),
    problem: Type.Union([ProblemSchema, Type.Null()]),
    requestedAt: Type.String({ format: 'date-time' }),
    expiresAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    deliveredAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'when its first byte was handed out: counted and receipted then, once',
    }),
    receipt: Type.Union([Type.String(), Type.Null()]),
  },
  { $id: 'Download' },
);
export type Download = Static<typeof DownloadSchema>;

/** A resource one may download, under one agreement. */
export const DownloadOfferSchema = Type.Object(
  {
    resource: ResourceCodeSchema,
    name: Type.String(),
    agreement: Type.String(),
    grantVersion: Type.Integer(),
    provider: Type.String(),
    items: Type.Array(ColumnNameSchema),
    suppliers: Type.Integer({ description: 'agents with a complete copy; 0: nothing can be downloaded yet' }),
    newestBatchAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    changes: Type.Boolean({
      description: 'every key item is granted: changes since a former download can be had',
    }),
    lastDownload: Type.Union([Type.String(), Type.Null()], { description: 'the one that `last` means' }),
    validTo: Type.String({ format: 'date-time' }),
  },
  { $id: 'DownloadOffer' },
);
export type DownloadOffer = Static<typeof DownloadOfferSchema>;

/** `last` where changes are counted from the newest download that was handed out. */
export const SINCE_LAST = 'last';
