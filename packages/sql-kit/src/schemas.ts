import { type Static, Type } from '@qianzhi/model/schema';
import { serverSettings } from './server-config.js';

const { Name, source, changeTable, target } = serverSettings(128);
const only = { additionalProperties: false };

const ChangeTableSchema = Type.Object(
  {
    schema: Type.Optional(Name),
    ...changeTable,
    settleSeconds: Type.Integer({
      minimum: 0,
      maximum: 86_400,
      default: 900,
      description:
        '序号空缺至少保留多久:须长于最长的写事务 / how long a missing serial stays open at least: longer than the longest transaction',
    }),
  },
  only,
);
export type SqlChangeTable = Static<typeof ChangeTableSchema>;

/** The `source` of an exchange, as connectors over `SqlDialect` take it. */
export const SqlSourceSchema = Type.Object(
  {
    schema: Type.Optional(Name),
    table: source.table,
    columns: source.columns,
    where: source.where,
    zone: source.zone,
    consistency: source.consistency,
    chunkRows: Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      default: 100_000,
      description: '每个语句最多读取的行数 / rows of one statement at most',
    }),
    watermark: source.watermark,
    flag: source.flag,
    changeTable: Type.Optional(ChangeTableSchema),
  },
  only,
);
export type SqlSource = Static<typeof SqlSourceSchema>;

const { shared: _, ...alone } = target;
/** The `target` of an exchange, as connectors over `SqlDialect` take it: it has one supplier. */
export const SqlTargetSchema = Type.Object({ schema: Type.Optional(Name), ...alone }, only);
export type SqlTarget = Static<typeof SqlTargetSchema>;
