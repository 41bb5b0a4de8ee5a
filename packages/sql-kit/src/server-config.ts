import { type Static, Type } from '@qianzhi/model/schema';

/**
 * How the line is protected. `require` encrypts and trusts any certificate; `verify-ca` also wants a known authority,
 * `verify-full` also the host's name in the certificate.
 */
export const TlsSchema = Type.Object(
  {
    mode: Type.Union([
      Type.Literal('disable'),
      Type.Literal('require'),
      Type.Literal('verify-ca'),
      Type.Literal('verify-full'),
    ]),
    ca: Type.Optional(
      Type.String({ minLength: 1, description: '签发机构证书 (PEM) / authority certificates, PEM' }),
    ),
    cert: Type.Optional(Type.String({ minLength: 1, description: '客户端证书 (PEM) / client certificate' })),
    key: Type.Optional(
      Type.String({ minLength: 1, secret: true, description: '客户端私钥 (PEM) / client key' }),
    ),
  },
  { additionalProperties: false },
);

const Constant = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
export type ConstantValue = Static<typeof Constant>;

/** A source's zone, strategy and pace are the same on every database server. */
export type WatermarkSpec = Static<ReturnType<typeof serverSettings>['Watermark']>;

/**
 * Settings that connectors of database servers share, as properties of their schemas; each adds where its tables are
 * looked up. `nameLength` is that of a table's or column's name.
 */
export function serverSettings(nameLength: number) {
  const Name = Type.String({ minLength: 1, maxLength: nameLength });
  const Watermark = Type.Object(
    {
      column: Name,
      overlapSeconds: Type.Integer({ minimum: 0, maximum: 86_400, default: 300 }),
      zone: Type.Optional(Type.String({ description: '该列的时区 / zone of the column' })),
    },
    { additionalProperties: false },
  );
  const Flag = Type.Object(
    {
      column: Name,
      pending: Type.Intersect([Constant], {
        default: 0,
        description: '待取的值 / value of rows to be picked up',
      }),
      done: Type.Intersect([Constant], {
        default: 1,
        description: '收到回执后置为 / set once there is a receipt',
      }),
    },
    { additionalProperties: false },
  );
  const connection = {
    password: Type.Optional(Type.String({ minLength: 1, secret: true, description: '口令 / password' })),
    ssl: Type.Optional(TlsSchema),
    readOnly: Type.Boolean({
      default: false,
      description: '只作来源,拒绝任何写入 / source only, refuse every write',
    }),
    connectTimeoutMs: Type.Integer({ minimum: 100, maximum: 300_000, default: 10_000 }),
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
  };
  const source = {
    table: Name,
    columns: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Union([Name, Type.Object({ const: Constant }, { additionalProperties: false })]),
        {
          description:
            '信息项列名 → 表列名或固定值;未列出的同名 / item column → table column or constant; others by name',
        },
      ),
    ),
    where: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'SQL 条件,仅来自本地配置 / SQL condition, local config only',
      }),
    ),
    zone: Type.Optional(
      Type.String({
        description:
          '无时区时间列的时区,也是带时区列换算成墙上时间所用的时区 (IANA) / zone of wall-clock times',
      }),
    ),
    consistency: Type.Union([Type.Literal('chunk'), Type.Literal('transaction')], {
      default: 'chunk',
      description:
        '全量的一致性:每块一个时点,可断点续读;或整个全量一个时点,中断后重来 / each chunk is one point in time and can be resumed, or the whole copy is and starts over',
    }),
    chunkRows: Type.Integer({
      minimum: 1,
      maximum: 100_000_000,
      default: 500_000,
      description: '每个语句最多读取的行数 / rows of one statement at most',
    }),
    parallel: Type.Integer({
      minimum: 1,
      maximum: 4,
      default: 1,
      description: '全量读取的并行连接数 / connections that read a full copy side by side',
    }),
    watermark: Type.Optional(Watermark),
    flag: Type.Optional(Flag),
  };
  const changeTable = {
    table: Name,
    serial: Name,
    op: Name,
    key: Type.Optional(
      Type.Record(Type.String(), Name, {
        description: '主键信息项 → 变更表列;未列出的与表列同名 / key item → change table column',
      }),
    ),
    ops: Type.Optional(
      Type.Object(
        {
          delete: Type.Array(Type.String(), { default: ['D', 'DELETE'] }),
          truncate: Type.Array(Type.String(), { default: ['T', 'TRUNCATE'] }),
        },
        {
          additionalProperties: false,
          description:
            '表示删除、清空的操作值;其余的都读取该行现状 / ops of deletes and truncations; for any other the row is read as it is now',
        },
      ),
    ),
    purge: Type.Boolean({
      default: false,
      description: '收到回执后删除已确认的变更 / delete confirmed changes',
    }),
  };
  const target = {
    table: Name,
    columns: Type.Optional(
      Type.Record(Type.String(), Name, { description: '信息项列名 → 表列名 / item column → table column' }),
    ),
    codes: Type.Optional(
      Type.Record(Type.String(), Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])), {
        description:
          '信息项列名 → {目录代码 → 目标值};未列出代码的行被拒收 / item column → {catalog code → target value}; rows with another code are rejected',
      }),
    ),
    create: Type.Boolean({
      default: false,
      description: '表不存在时按目录建立 / make the table from the catalog',
    }),
    constants: Type.Optional(
      Type.Record(Name, Constant, { description: '表列 → 固定值 / table column → fixed value' }),
    ),
    shared: Type.Boolean({
      default: false,
      description: '多个来源共用此表 / several suppliers feed this table',
    }),
    zone: Type.Optional(
      Type.String({
        description:
          '墙上时间与带时区时间互换所用的时区 (IANA) / zone of wall-clock times where the column holds instants',
      }),
    ),
    takeOver: Type.Boolean({ default: false, description: '接替此前的来源 / replace the supplier before' }),
  };
  return { Name, Watermark, connection, source, changeTable, target };
}
