import { type Static, Type } from '@qianzhi/model/schema';
import { serverSettings } from '@qianzhi/sql-kit';

const settings = serverSettings(64);
const { Name } = settings;
const only = { additionalProperties: false };

/** Connection config: one database of one server; tables of other databases are named with theirs. */
export const ConfigSchema = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      description: '主机名、地址或套接字路径 / host name, address or path of a socket',
    }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 3306, description: '端口 / port' }),
    database: Type.String({ minLength: 1, maxLength: 64, description: '数据库名 / name of the database' }),
    user: Type.String({ minLength: 1, maxLength: 128, description: '登录用户 / user to log in as' }),
    ...settings.connection,
    loadData: Type.Union([Type.Literal('auto'), Type.Literal('off')], {
      default: 'auto',
      description:
        '写入时用 LOAD DATA LOCAL INFILE;off 或服务器不允许时改用多行 INSERT / load rows by LOAD DATA LOCAL INFILE where the server allows it; off: by multi-row INSERT',
    }),
  },
  only,
);
export type MysqlConfig = Static<typeof ConfigSchema>;

const ChangeTableSchema = Type.Object({ database: Type.Optional(Name), ...settings.changeTable }, only);
export type ChangeTableSpec = Static<typeof ChangeTableSchema>;

const LogSchema = Type.Object(
  {
    serverId: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 4_294_967_295,
        description:
          '读取日志时自报的 server_id,在该库的从库中唯一,不写时由连接、表与资源得出 / server_id to read the log by, no other replica has it; from connection, table and resource unless told',
      }),
    ),
  },
  only,
);

export const SourceSchema = Type.Object(
  {
    database: Type.Optional(Name),
    ...settings.source,
    changeTable: Type.Optional(ChangeTableSchema),
    log: Type.Optional(LogSchema),
  },
  only,
);
export type MysqlSource = Static<typeof SourceSchema>;

export const TargetSchema = Type.Object({ database: Type.Optional(Name), ...settings.target }, only);
export type MysqlTarget = Static<typeof TargetSchema>;
