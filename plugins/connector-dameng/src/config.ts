import { type Static, Type } from '@qianzhi/model/schema';

/** Connection config: one instance, and the schema its tables are looked up in. */
export const ConfigSchema = Type.Object(
  {
    host: Type.String({ pattern: '^[^\\s/]+$', description: '主机名或地址 / host name or address' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 5236 }),
    user: Type.String({ minLength: 1, maxLength: 128 }),
    password: Type.String({ minLength: 1, secret: true }),
    schema: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description:
          '未写明模式的表所在的模式,默认为登录用户的模式 / schema of tables that name none; the user’s own by default',
      }),
    ),
    sslPath: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          '服务器启用 SSL 时:含 client-cert.pem、client-key.pem、ca-cert.pem 的文件夹 / folder with these three, where the server wants SSL',
      }),
    ),
    emptyAsNull: Type.Boolean({
      default: false,
      description:
        '目标库 COMPATIBLE_MODE=2 时:接受空串存为 NULL / for targets with COMPATIBLE_MODE=2: empty texts may become NULL',
    }),
    readOnly: Type.Boolean({
      default: false,
      description: '只作来源,拒绝任何写入 / source only, refuse every write',
    }),
    fetchRows: Type.Integer({
      minimum: 10,
      maximum: 10_000,
      default: 1000,
      description: '每次取出的行数 / rows taken at a time',
    }),
    connectTimeoutMs: Type.Integer({ minimum: 1000, maximum: 300_000, default: 15_000 }),
    statementTimeoutMs: Type.Integer({
      minimum: 1000,
      maximum: 86_400_000,
      default: 600_000,
      description: '单次往返的时限 / limit of one round trip',
    }),
    lockTimeoutMs: Type.Integer({
      minimum: 1000,
      maximum: 600_000,
      default: 10_000,
      description: '等待台账行锁的时限 / how long to wait for the ledger’s row lock',
    }),
    applicationName: Type.String({
      minLength: 1,
      maxLength: 48,
      default: 'qianzhi',
      description: '在 V$SESSIONS.APPNAME 中显示的名称 / name shown in V$SESSIONS.APPNAME',
    }),
  },
  { additionalProperties: false },
);
export type DamengConfig = Static<typeof ConfigSchema>;

/** Host and port, as messages name them. */
export function serverName({ host, port }: DamengConfig): string {
  return `${host}:${port}`;
}
