import { type Static, Type } from '@qianzhi/model/schema';
import { serverSettings } from '@qianzhi/sql-kit';
import type { Flavour } from './flavour.js';

const settings = serverSettings(63);
const { Name } = settings;
const only = { additionalProperties: false };

/** Connection config: one database of one server, and the schema its tables are looked up in. */
export const ConfigSchema = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      description: '主机名、地址或套接字目录 / host name, address or socket folder',
    }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 5432, description: '端口 / port' }),
    database: Type.String({ minLength: 1, maxLength: 63, description: '数据库名 / name of the database' }),
    user: Type.String({ minLength: 1, maxLength: 63, description: '登录用户 / user to log in as' }),
    ...settings.connection,
    schema: Type.String({
      minLength: 1,
      maxLength: 63,
      default: 'public',
      description: '未写明模式的表所在的模式 / schema of tables that name none',
    }),
    applicationName: Type.String({
      minLength: 1,
      maxLength: 63,
      default: 'qianzhi',
      description: '在 pg_stat_activity 中显示的名称 / name shown in pg_stat_activity',
    }),
  },
  only,
);
/** With the flavour that the connector is of, where it is not PostgreSQL itself. */
export type PostgresConfig = Static<typeof ConfigSchema> & { readonly flavour?: Flavour };

/** The same with the flavour's own port as the default. */
export function configSchemaOf({ port }: Flavour): typeof ConfigSchema {
  const { properties } = ConfigSchema;
  return { ...ConfigSchema, properties: { ...properties, port: { ...properties.port, default: port } } };
}

const ChangeTableSchema = Type.Object({ schema: Type.Optional(Name), ...settings.changeTable }, only);
export type ChangeTableSpec = Static<typeof ChangeTableSchema>;

const LogSchema = Type.Object(
  {
    slot: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9_]{1,63}$',
        description: '复制槽名,不写时由表与资源得出 / replication slot; from table and resource unless told',
      }),
    ),
    publication: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 63,
        description: '发布名,不写时与复制槽同名 / publication; named as the slot unless told',
      }),
    ),
    maxLagMiB: Type.Integer({
      minimum: 1,
      maximum: 16_777_216,
      default: 5120,
      description:
        '来源库为复制槽保留的日志超过此数即删除该槽并重新全量 / log kept for the slot beyond this: the slot is dropped, a full copy follows',
    }),
  },
  only,
);

export const SourceSchema = Type.Object(
  {
    schema: Type.Optional(Name),
    ...settings.source,
    changeTable: Type.Optional(ChangeTableSchema),
    log: Type.Optional(LogSchema),
  },
  only,
);
export type PostgresSource = Static<typeof SourceSchema>;

export const TargetSchema = Type.Object({ schema: Type.Optional(Name), ...settings.target }, only);
export type PostgresTarget = Static<typeof TargetSchema>;
