import { type Static, Type } from '@qianzhi/model/schema';

/** What may stand in a connect descriptor: nothing that ends one of its brackets. */
const DESCRIPTOR_PART = '^[^()=\\s]+$';

const TlsSchema = Type.Object(
  {
    mode: Type.Union([Type.Literal('disable'), Type.Literal('verify-full')]),
    ca: Type.Optional(
      Type.String({ minLength: 1, description: '签发机构证书 (PEM) / authority certificates, PEM' }),
    ),
    serverDn: Type.Optional(
      Type.String({
        minLength: 1,
        pattern: '^[^()"]+$',
        description: '服务器证书的 DN / DN of the server certificate',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Connection config: one service of one listener, and the schema its tables are looked up in. */
export const ConfigSchema = Type.Object(
  {
    host: Type.String({ pattern: DESCRIPTOR_PART, description: '主机名或地址 / host name or address' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 1521 }),
    service: Type.Optional(
      Type.String({
        pattern: DESCRIPTOR_PART,
        description: '服务名,与 sid 二选一 / service name, or else `sid`',
      }),
    ),
    sid: Type.Optional(
      Type.String({ pattern: DESCRIPTOR_PART, description: '旧库的实例名 / instance of an old database' }),
    ),
    user: Type.String({ minLength: 1, maxLength: 128 }),
    password: Type.String({ minLength: 1, secret: true }),
    schema: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description:
          '未写明模式的表所在的模式,默认为登录用户 / schema of tables that name none; the user by default',
      }),
    ),
    tls: Type.Optional(TlsSchema),
    readOnly: Type.Boolean({
      default: false,
      description: '只作来源,拒绝任何写入 / source only, refuse every write',
    }),
    fetchRows: Type.Integer({
      minimum: 10,
      maximum: 10_000,
      default: 1000,
      description: '每次往返取回的行数 / rows of one round trip',
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
      description: '等待锁的时限 / how long to wait for locks of others',
    }),
    applicationName: Type.String({
      minLength: 1,
      maxLength: 48,
      default: 'qianzhi',
      description: '在 V$SESSION.MODULE 中显示的名称 / name shown in V$SESSION.MODULE',
    }),
  },
  { additionalProperties: false },
);
export type OracleConfig = Static<typeof ConfigSchema>;

/** Host and service, as messages name them. */
export function serverName({ host, port, service, sid }: OracleConfig): string {
  return `${host}:${port}/${service ?? sid ?? ''}`;
}
