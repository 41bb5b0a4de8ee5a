import { type Static, Type } from '@sinclair/typebox';
import { PurposeSchema } from '../agreement/agreement.js';
import { ColumnNameSchema } from '../catalog/item.js';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { ModeSchema } from '../exchange/mode.js';
import { everyone, IdSchema, TimeSchema } from './fields.js';
import { route } from './route.js';

/** 应用场景 (R078): what a matter needs of a resource and no more. An application that stays within it is granted directly. */
export const NewScenarioSchema = Type.Object(
  {
    id: IdSchema,
    name: Type.String({ minLength: 1, maxLength: 200 }),
    resource: ResourceCodeSchema,
    items: Type.Array(ColumnNameSchema, {
      minItems: 1,
      uniqueItems: true,
      description: '最小够用的信息项 / the items that suffice',
    }),
    purpose: PurposeSchema,
    modes: Type.Array(ModeSchema, { minItems: 1, uniqueItems: true }),
    validTo: Type.String({
      format: 'date-time',
      description: '到期后不再据此授权,已有授权也不晚于此 / no grant by it begins or lasts past this',
    }),
  },
  { additionalProperties: false },
);
export type NewScenario = Static<typeof NewScenarioSchema>;

export const ScenarioSchema = Type.Object(
  {
    ...NewScenarioSchema.properties,
    publishedBy: Type.String(),
    publishedAt: TimeSchema,
    ended: Type.Union([
      Type.Object({ by: Type.String(), at: TimeSchema, reason: Type.String() }),
      Type.Null(),
    ]),
  },
  { $id: 'Scenario' },
);
export type Scenario = Static<typeof ScenarioSchema>;

export const scenarioRoutes = {
  listScenarios: route({
    method: 'GET',
    path: '/scenarios',
    access: everyone,
    summary: '应用场景 (R078) / application scenarios, newest first',
    query: Type.Object({
      resource: Type.Optional(Type.String()),
      ended: Type.Boolean({ default: false, description: '含已终止和到期的 / ended and expired ones, too' }),
    }),
    response: Type.Object({ scenarios: Type.Array(ScenarioSchema) }),
  }),
  publishScenario: route({
    method: 'POST',
    path: '/scenarios',
    access: ['approver'],
    summary: '主管部门:公布应用场景 (R078) / the competent department publishes a scenario',
    body: NewScenarioSchema,
    response: ScenarioSchema,
  }),
  endScenario: route({
    method: 'POST',
    path: '/scenarios/{id}/end',
    access: ['approver'],
    summary:
      '主管部门:终止应用场景,已有授权不变 / the competent department ends a scenario; what was granted by it stays',
    body: Type.Object({ reason: Type.String({ minLength: 1, maxLength: 4000 }) }),
    response: ScenarioSchema,
  }),
} as const;
