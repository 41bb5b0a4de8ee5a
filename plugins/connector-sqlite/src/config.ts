import { type Static, Type } from '@qianzhi/model/schema';
import { serverSettings } from '@qianzhi/sql-kit';

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

const settings = serverSettings(255);
const only = { additionalProperties: false };

/** How a column keeps dates: text as it stands, seconds or milliseconds since 1970 in UTC, or a Julian day number in UTC. */
export const TimeFormatSchema = Type.Union([
  Type.Literal('text'),
  Type.Literal('unix'),
  Type.Literal('unix-ms'),
  Type.Literal('julian'),
]);
export type TimeFormat = Static<typeof TimeFormatSchema>;

const WatermarkSchema = Type.Object(
  {
    ...settings.Watermark.properties,
    zone: Type.Optional(
      Type.String({ description: '该列的时区;CURRENT_TIMESTAMP 为 UTC / zone of the column' }),
    ),
    format: Type.Optional(TimeFormatSchema),
  },
  only,
);

export const SourceSchema = Type.Object(
  {
    table: settings.source.table,
    columns: settings.source.columns,
    where: settings.source.where,
    timeFormats: Type.Optional(
      Type.Record(Type.String(), TimeFormatSchema, {
        description: '信息项列名 → 日期存放方式 / item column → how dates are kept',
      }),
    ),
    zone: Type.Optional(Type.String({ description: '无时区时间列的时区 (IANA) / zone of zoneless columns' })),
    watermark: Type.Optional(WatermarkSchema),
    flag: settings.source.flag,
    changeTable: Type.Optional(Type.Object(settings.changeTable, only)),
  },
  only,
);
export type SqliteSource = Static<typeof SourceSchema>;
export type ChangeTableSpec = NonNullable<SqliteSource['changeTable']>;

const { codes: _codes, zone: _zone, ...target } = settings.target;
export const TargetSchema = Type.Object(target, only);
export type SqliteTarget = Static<typeof TargetSchema>;
