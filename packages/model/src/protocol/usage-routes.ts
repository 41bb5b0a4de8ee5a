import { type Static, Type } from '@sinclair/typebox';
import { QuotaSchema } from '../agreement/agreement.js';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { ModeSchema } from '../exchange/mode.js';
import { SignedReceiptSchema } from '../receipt/receipt.js';
import { IdSchema } from './fields.js';
import { type Role, route } from './route.js';

/** One operation (操作记录) of a mode without deliveries in sequence: a query, a download, a package. */
export const OperationSchema = Type.Object(
  {
    receipt: SignedReceiptSchema,
    provider: IdSchema,
    consumer: IdSchema,
    /** `agent:ID` or `person:ACCOUNT`. */
    actor: Type.String(),
    matter: Type.String({ description: '具体业务事项 / the business matter it was done for' }),
    bytes: Type.Integer({ minimum: 0 }),
  },
  { $id: 'Operation' },
);
export type Operation = Static<typeof OperationSchema>;

/** What moved under an agreement on one day of Asia/Shanghai in one mode. */
export const DayUsageSchema = Type.Object(
  {
    day: Type.String({ format: 'date' }),
    agreement: Type.String(),
    resource: ResourceCodeSchema,
    mode: ModeSchema,
    consumer: IdSchema,
    requests: Type.Integer({ description: 'queries, downloads, packages; batches where rows are docked' }),
    rows: Type.Integer(),
    bytes: Type.Integer(),
    quota: Type.Union([QuotaSchema, Type.Null()]),
  },
  { $id: 'DayUsage' },
);
export type DayUsage = Static<typeof DayUsageSchema>;

const readers: readonly Role[] = ['operator', 'department-admin', 'auditor', 'security-officer', 'consumer'];

/** Who used what, how much and what for. */
export const usageRoutes = {
  listOperations: route({
    method: 'GET',
    path: '/operations',
    access: readers,
    summary: '操作记录:联机查询、批量下载、前置机共享 / queries, downloads and packages, newest first',
    query: Type.Object({
      resource: Type.Optional(Type.String()),
      agreement: Type.Optional(Type.String()),
      mode: Type.Optional(ModeSchema),
      before: Type.Optional(Type.String({ description: 'id of the last receipt of the page before' })),
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
    }),
    response: Type.Object({ operations: Type.Array(OperationSchema) }),
  }),
  listUsage: route({
    method: 'GET',
    path: '/usage',
    access: readers,
    summary: '按日用量,四种方式合计配额 / usage by day, newest first; quotas count over all modes',
    query: Type.Object({
      resource: Type.Optional(Type.String()),
      agreement: Type.Optional(Type.String()),
      days: Type.Integer({ minimum: 1, maximum: 400, default: 7 }),
    }),
    response: Type.Object({ usage: Type.Array(DayUsageSchema) }),
  }),
} as const;
