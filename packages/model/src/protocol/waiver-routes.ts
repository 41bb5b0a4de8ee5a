import { type Static, Type } from '@sinclair/typebox';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { everyone, TimeSchema } from './fields.js';
import { route } from './route.js';

const closed = { additionalProperties: false };
const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '\\S', description });

/** Where the data is reported already: what stands in place of the own supply. */
const reported = {
  upper: text(200, '上级资源的代码或名称 / code or name of the upper resource'),
  platform: text(200, '上级平台或部门 / the upper platform or department that holds it'),
  system: text(200, '上级建设的系统 / the system built by the superior'),
  basis: Type.Optional(text(500, '依据 / basis')),
};

/**
 * 免报 (R139): a unit that uses a system built by its superior reports there and need not report again. While it stands nobody is ordered to
 * supply the resource, and no clock of supply runs.
 */
export const SupplyWaiverSchema = Type.Object(
  {
    resource: ResourceCodeSchema,
    department: Type.String({ description: 'whose supply is waived' }),
    ...reported,
    waivedBy: Type.String(),
    waivedAt: TimeSchema,
    endedBy: Type.Union([Type.String(), Type.Null()]),
    endedAt: Type.Union([TimeSchema, Type.Null()], { description: 'null: it stands' }),
    endReason: Type.Union([Type.String(), Type.Null()]),
  },
  { $id: 'SupplyWaiver' },
);
export type SupplyWaiver = Static<typeof SupplyWaiverSchema>;

/** For the own department; for others by an approver of a competent one. */
const access = ['catalog-editor', 'department-admin', 'approver'] as const;

export const waiverRoutes = {
  listWaivers: route({
    method: 'GET',
    path: '/catalog/supply-waivers',
    access: everyone,
    summary: '免报的资源 (R139) / resources whose supply is waived, newest first',
    query: Type.Object({
      department: Type.Optional(Type.String()),
      ended: Type.Boolean({ default: false, description: 'those that ended as well' }),
    }),
    response: Type.Object({ waivers: Type.Array(SupplyWaiverSchema) }),
  }),
  waiveSupply: route({
    method: 'POST',
    path: '/catalog/resources/{code}/supply-waiver',
    access,
    summary: '免报:已由上级系统报送 (R139) / waive the supply of what a system of the superior reports',
    body: Type.Object(reported, closed),
    response: SupplyWaiverSchema,
  }),
  endWaiver: route({
    method: 'POST',
    path: '/catalog/resources/{code}/supply-waiver/end',
    access,
    summary: '结束免报,恢复供数 (R139) / end the waiver: supply is owed again',
    body: Type.Object({ reason: text(500, '理由 / reason') }, closed),
    response: SupplyWaiverSchema,
  }),
} as const;
