import { type Static, Type } from '@sinclair/typebox';

/** Connection config: one database file. SQLite has no login, so there is no secret. */
export const ConfigSchema = Type.Object(
  {
    path: Type.String({ minLength: 1, description: '数据库文件路径 / path of the database file' }),
    readOnly: Type.Boolean({
      default: false,
      description: '只作来源,拒绝任何写入 / source only, refuse every write',
    }),
    busyTimeoutMs: Type.Integer({
      minimum: 0,
      maximum: 600_000,
      default: 10_000,
      description: '等待其他程序释放锁的时间 / how long to wait for locks of other programs',
    }),
    create: Type.Boolean({
      default: false,
      description: '文件不存在时新建(仅目标)/ make the file if missing (targets)',
    }),
  },
  { additionalProperties: false },
);
export type SqliteConfig = Static<typeof ConfigSchema>;

const Name = Type.String({ minLength: 1, maxLength: 255 });
const Constant = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);

/** How a column keeps dates: text as it stands, seconds or milliseconds since 1970 in UTC, or a Julian day number in UTC. */
export const TimeFormatSchema = Type.Union([
  Type.Literal('text'),
  Type.Literal('unix'),
  Type.Literal('unix-ms'),
  Type.Literal('julian'),
]);
export type TimeFormat = Static<typeof TimeFormatSchema>;

export const SourceSchema = Type.Object(
  {
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
    timeFormats: Type.Optional(
      Type.Record(Type.String(), TimeFormatSchema, {
        description: '信息项列名 → 日期存放方式 / item column → how dates are kept',
      }),
    ),
    zone: Type.Optional(Type.String({ description: '无时区时间列的时区 (IANA) / zone of zoneless columns' })),
    watermark: Type.Optional(
      Type.Object(
        {
          column: Name,
          overlapSeconds: Type.Integer({ minimum: 0, maximum: 86_400, default: 300 }),
          zone: Type.Optional(
            Type.String({ description: '该列的时区;CURRENT_TIMESTAMP 为 UTC / zone of the column' }),
          ),
          format: Type.Optional(TimeFormatSchema),
        },
        { additionalProperties: false },
      ),
    ),
    changeTable: Type.Optional(
      Type.Object(
        {
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
                upsert: Type.Array(Type.String(), { default: ['I', 'U', 'INSERT', 'UPDATE'] }),
                delete: Type.Array(Type.String(), { default: ['D', 'DELETE'] }),
                truncate: Type.Array(Type.String(), { default: ['T', 'TRUNCATE'] }),
              },
              { additionalProperties: false },
            ),
          ),
          purge: Type.Boolean({
            default: false,
            description: '收到回执后删除已确认的变更 / delete confirmed changes',
          }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type SqliteSource = Static<typeof SourceSchema>;
export type WatermarkSpec = NonNullable<SqliteSource['watermark']>;
export type ChangeTableSpec = NonNullable<SqliteSource['changeTable']>;

export const TargetSchema = Type.Object(
  {
    table: Name,
    columns: Type.Optional(
      Type.Record(Type.String(), Name, { description: '信息项列名 → 表列名 / item column → table column' }),
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
    takeOver: Type.Boolean({ default: false, description: '接替此前的来源 / replace the supplier before' }),
  },
  { additionalProperties: false },
);
export type SqliteTarget = Static<typeof TargetSchema>;
export type ConstantValue = Static<typeof Constant>;
