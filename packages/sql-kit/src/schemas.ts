import { type Static, Type } from '@sinclair/typebox';

const Name = Type.String({ minLength: 1, maxLength: 128 });
const Constant = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
export type SqlConstant = Static<typeof Constant>;

/** The `source` of an exchange, as connectors over `SqlDialect` take it. */
export const SqlSourceSchema = Type.Object(
  {
    schema: Type.Optional(Name),
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
    zone: Type.Optional(Type.String({ description: '墙上时间所在的时区 (IANA) / zone of wall-clock times' })),
    consistency: Type.Union([Type.Literal('chunk'), Type.Literal('transaction')], {
      default: 'chunk',
      description:
        '全量:分块读取,可断点续读;或整个全量一个时点,中断后重来 / chunks that can be resumed, or one moment that starts over',
    }),
    chunkRows: Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      default: 100_000,
      description: '每个语句最多读取的行数 / rows of one statement at most',
    }),
    watermark: Type.Optional(
      Type.Object(
        {
          column: Name,
          overlapSeconds: Type.Integer({ minimum: 0, maximum: 86_400, default: 300 }),
          zone: Type.Optional(Type.String({ description: '该列的时区 / zone of the column' })),
        },
        { additionalProperties: false },
      ),
    ),
    changeTable: Type.Optional(
      Type.Object(
        {
          schema: Type.Optional(Name),
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
              { additionalProperties: false },
            ),
          ),
          settleSeconds: Type.Integer({
            minimum: 0,
            maximum: 86_400,
            default: 900,
            description:
              '序号空缺保留多久:须长于最长的写事务 / how long a missing serial stays open: longer than the longest transaction',
          }),
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
export type SqlSource = Static<typeof SqlSourceSchema>;
export type SqlChangeTable = NonNullable<SqlSource['changeTable']>;

/** The `target` of an exchange, as connectors over `SqlDialect` take it. */
export const SqlTargetSchema = Type.Object(
  {
    schema: Type.Optional(Name),
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
    zone: Type.Optional(
      Type.String({
        description: '墙上时间与带时区时间互换所用的时区 (IANA) / zone between wall-clock times and instants',
      }),
    ),
    takeOver: Type.Boolean({ default: false, description: '接替此前的来源 / replace the supplier before' }),
  },
  { additionalProperties: false },
);
export type SqlTarget = Static<typeof SqlTargetSchema>;
