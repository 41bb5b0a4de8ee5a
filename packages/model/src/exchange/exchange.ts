import { type Static, Type } from '@sinclair/typebox';
import { ResourceCodeSchema } from '../catalog/resource.js';

/** What an agent has to do, from its local config: supply a resource or consume an agreement. */
export const ReadStrategySchema = Type.Union([
  Type.Literal('snapshot'),
  Type.Literal('watermark'),
  Type.Literal('flag'),
  Type.Literal('change-table'),
  Type.Literal('diff'),
  Type.Literal('log'),
  Type.Literal('files', { description: '文件(附件):目录内容为 files 的资源 / for resources of files' }),
]);
export type ReadStrategy = Static<typeof ReadStrategySchema>;

/** The agent's own name for an exchange: unique in its config, part of every ledger row. */
export const ExchangeNameSchema = Type.String({ pattern: '^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}$' });

const Schedule = Type.Object(
  {
    cron: Type.Optional(
      Type.String({
        description: '5 or 6 fields, in UTC+8 (Asia/Shanghai) whatever timeZone says; none: only by hand',
      }),
    ),
    missed: Type.Union([Type.Literal('run-once'), Type.Literal('skip')], {
      default: 'run-once',
      description: 'a run missed while the agent was down: made up once, or left out',
    }),
  },
  {
    additionalProperties: false,
    description:
      '不写时,供给的作业按资源的更新周期执行 / left out, what is supplied runs by the update cycle of its resource',
  },
);

const ReconcileSchedule = Type.Object(
  {
    cron: Type.String({ description: '5 or 6 fields, in UTC+8 (Asia/Shanghai) whatever timeZone says' }),
    repair: Type.Boolean({
      default: false,
      description: '不一致的行由供数方重发 / differing rows are sent again by the provider',
    }),
  },
  {
    additionalProperties: false,
    description: '定时对账;任一侧配置即可 / reconciles by itself; either side will do',
  },
);

const shared = {
  name: ExchangeNameSchema,
  mode: Type.String({ default: 'docking', description: 'plugin type of the mode' }),
  connector: Type.String({ description: 'name of a connector in this config' }),
  schedule: Type.Optional(Schedule),
  reconcile: Type.Optional(ReconcileSchedule),
  modeOptions: Type.Optional(Type.Unknown({ description: "the mode's own part, by its config schema" })),
  rejectLimit: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 0.05,
    description: 'share of rejected rows above which the exchange stops',
  }),
};

export const SupplyExchangeSchema = Type.Object(
  {
    ...shared,
    supply: ResourceCodeSchema,
    strategy: Type.Intersect([ReadStrategySchema], { default: 'snapshot' }),
    source: Type.Unknown({ description: "where the rows are: the connector's source spec" }),
  },
  { additionalProperties: false },
);
export type SupplyExchange = Static<typeof SupplyExchangeSchema>;

export const ConsumeExchangeSchema = Type.Object(
  {
    ...shared,
    consume: ResourceCodeSchema,
    agreement: Type.Optional(
      Type.String({
        description: 'needed only where the department holds several agreements on the resource',
      }),
    ),
    target: Type.Unknown({ description: "where the rows go: the connector's target spec" }),
  },
  { additionalProperties: false },
);
export type ConsumeExchange = Static<typeof ConsumeExchangeSchema>;

export const ExchangeSchema = Type.Union([SupplyExchangeSchema, ConsumeExchangeSchema]);
export type Exchange = SupplyExchange | ConsumeExchange;

export function isSupply(exchange: Exchange): exchange is SupplyExchange {
  return 'supply' in exchange;
}
