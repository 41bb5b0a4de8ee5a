import { type Static, Type } from '@sinclair/typebox';
import { ParameterNameSchema, QueryNameSchema } from '../catalog/query-service.js';
import { ResourceCodeSchema } from '../catalog/resource.js';

/** How a provider's agent answers one query service: the only place where a table or a statement is named. */
export const LocalQuerySchema = Type.Object(
  {
    resource: ResourceCodeSchema,
    service: QueryNameSchema,
    mode: Type.String({ default: 'online-query', description: 'plugin type of the mode' }),
    connector: Type.String({ description: 'name of a connector in this config' }),
    lookup: Type.Optional(
      Type.Unknown({
        description:
          '按列查表,写法同交换作业的 source / rows of a table whose columns equal the parameters; written as the source of an exchange',
      }),
    ),
    by: Type.Optional(
      Type.Record(ParameterNameSchema, Type.String({ minLength: 1 }), {
        description:
          'lookup:参数 → 列;不写则为该参数信息项的列 / of lookup: parameter → column; unless given, the column of its item',
      }),
    ),
    statement: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          '一条 SELECT,参数写作 :名,列名即信息项 / or one SELECT with parameters as :name, its columns named as the items',
      }),
    ),
    timeoutMs: Type.Integer({ minimum: 100, maximum: 60_000, default: 10_000 }),
    concurrency: Type.Integer({
      minimum: 1,
      maximum: 64,
      default: 4,
      description: '同时进行的查询数,每个占一个数据库会话 / at once, each with a session of its own',
    }),
  },
  { additionalProperties: false },
);
export type LocalQuery = Static<typeof LocalQuerySchema>;

/** `resource/service`: one of them in a config. */
export function queryName({ resource, service }: Pick<LocalQuery, 'resource' | 'service'>): string {
  return `${resource}/${service}`;
}
