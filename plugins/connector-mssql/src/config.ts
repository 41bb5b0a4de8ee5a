import { type Static, Type } from '@qianzhi/model/schema';

/**
 * How the line is protected. `require` encrypts and trusts any certificate; `verify-full` also wants a known authority and the host's
 * name in the certificate; `strict` is TDS 8, encrypted from the first byte.
 */
const TlsSchema = Type.Object(
  {
    mode: Type.Union([
      Type.Literal('disable'),
      Type.Literal('require'),
      Type.Literal('verify-full'),
      Type.Literal('strict'),
    ]),
    ca: Type.Optional(
      Type.String({ minLength: 1, description: '签发机构证书 (PEM) / authority certificates, PEM' }),
    ),
  },
  { additionalProperties: false },
);

/** Connection config: one database of one server, and the schema its tables are looked up in. */
export const ConfigSchema = Type.Object(
  {
    host: Type.String({ minLength: 1, description: '主机名或地址 / host name or address' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 1433 }),
    instance: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description:
          '命名实例:经 SQL Server Browser 查询端口 / named instance: SQL Server Browser tells its port',
      }),
    ),
    database: Type.String({ minLength: 1, maxLength: 128 }),
    user: Type.String({ minLength: 1, maxLength: 128 }),
    password: Type.String({ minLength: 1, secret: true }),
    domain: Type.Optional(
      Type.String({ minLength: 1, description: 'Windows 域:以 NTLM 登录 / Windows domain: login by NTLM' }),
    ),
    schema: Type.String({
      minLength: 1,
      maxLength: 128,
      default: 'dbo',
      description: '未写明模式的表所在的模式 / schema of tables that name none',
    }),
    tls: Type.Optional(TlsSchema),
    readOnly: Type.Boolean({
      default: false,
      description: '只作来源,拒绝任何写入 / source only, refuse every write',
    }),
    readOnlyIntent: Type.Boolean({
      default: false,
      description:
        '来源连接声明 ApplicationIntent=ReadOnly(可用性组的只读副本)/ sources ask for a readable secondary',
    }),
    isolation: Type.Union([Type.Literal('auto'), Type.Literal('snapshot'), Type.Literal('read-committed')], {
      default: 'auto',
      description:
        '来源的隔离级别:auto 在数据库允许时用 SNAPSHOT / isolation of sources: auto takes SNAPSHOT where the database allows it',
    }),
    connectTimeoutMs: Type.Integer({ minimum: 100, maximum: 300_000, default: 15_000 }),
    statementTimeoutMs: Type.Integer({
      minimum: 100,
      maximum: 86_400_000,
      default: 600_000,
      description: '单条语句的时限 / limit of one statement',
    }),
    lockTimeoutMs: Type.Integer({
      minimum: 100,
      maximum: 600_000,
      default: 10_000,
      description: '等待锁的时限 / how long to wait for locks of others',
    }),
    applicationName: Type.String({
      minLength: 1,
      maxLength: 128,
      default: 'qianzhi',
      description: '在 sys.dm_exec_sessions 中显示的名称 / name shown in sys.dm_exec_sessions',
    }),
  },
  { additionalProperties: false },
);
export type MssqlConfig = Static<typeof ConfigSchema>;

/** Host and database, as messages name them. */
export function serverName({ host, port, instance, database }: MssqlConfig): string {
  return `${host}${instance === undefined ? `:${port}` : `\\${instance}`}/${database}`;
}
