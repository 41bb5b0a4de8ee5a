import { type SchemaOptions, type Static, type TSchema, Type } from '@qianzhi/model/schema';

/** Connection config: one folder; sources and targets may name folders below it. A folder has no login, so there is no secret. */
export const ConfigSchema = Type.Object(
  {
    path: Type.String({ minLength: 1, description: '文件夹路径 / path of the folder' }),
    readOnly: Type.Boolean({
      default: false,
      description: '只作来源,不移动、不删除、不写入 / source only: nothing is moved, deleted or written',
    }),
  },
  { additionalProperties: false },
);
export type FilesConfig = Static<typeof ConfigSchema>;

const oneOf = <T extends string>(values: readonly T[], options: SchemaOptions = {}) =>
  Type.Unsafe<T>(
    Type.Union(
      values.map((value) => Type.Literal(value)),
      options,
    ),
  );

export const formats = ['csv', 'tsv', 'fixed', 'jsonl', 'dbf', 'xlsx', 'parquet'] as const;
export type Format = (typeof formats)[number];

export const encodings = ['utf-8', 'gbk', 'gb18030', 'utf-16le', 'utf-16be'] as const;
export type Encoding = (typeof encodings)[number];

/** A file or folder name: nothing in it can leave the folder. */
const Name = Type.String({ pattern: '^[^/\\\\\\x00-\\x1f]{1,200}$' });
const Folder = Type.String({
  pattern: '^(?!/)(?!.*(^|/)\\.\\.(/|$))[^\\x00-\\x1f]{1,500}$',
  description: '连接文件夹之下的子文件夹 / folder below the connection’s',
});
const ColumnName = Type.String({ minLength: 1, maxLength: 255 });
const Column = Type.Union([ColumnName, Type.Integer({ minimum: 1, maximum: 4096 })], {
  description: '列名,或从 1 起的位置 / name of a column, or its position from 1',
});
const Delimiter = Type.String({
  pattern: '^([\\x01-\\x7e]|auto)$',
  description: '一个 ASCII 字符;auto 按首行判断 / one ASCII character; auto: judged from the first line',
});
const strict = <T extends Record<string, TSchema>>(fields: T) =>
  Type.Object(fields, { additionalProperties: false });

export const SourceSchema = strict({
  folder: Type.Optional(Folder),
  table: Type.Optional(Name),
  pattern: Type.Optional(
    Type.String({
      pattern: '^[^/\\\\\\x00-\\x1f]{1,200}$',
      description: '文件名,* 与 ? 为通配 / file name with * and ?',
    }),
  ),
  full: Type.Optional(
    Type.String({
      pattern: '^[^/\\\\\\x00-\\x1f]{1,200}$',
      description: 'change-table:全量文件的文件名 / names of files that hold the whole table',
    }),
  ),
  format: Type.Optional(oneOf(formats)),
  encoding: oneOf<Encoding | 'auto'>(['auto', ...encodings], { default: 'auto' }),
  delimiter: Type.Optional(Delimiter),
  quote: Type.String({
    pattern: '^[\\x21-\\x7e]?$',
    default: '"',
    description: '引号;空为不用引号 / quote character; empty: none',
  }),
  header: Type.Boolean({ default: true, description: '首行为列名 / the first line names the columns' }),
  emptyIsNull: oneOf(['unquoted', 'always', 'never'], {
    default: 'unquoted',
    description: '哪些空值是 NULL / which empty values are NULL',
  }),
  nullText: Type.Optional(
    Type.String({ maxLength: 20, description: '表示 NULL 的文本(不加引号)/ unquoted text that is NULL' }),
  ),
  columns: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Union([
        Column,
        strict({ const: Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]) }),
      ]),
      {
        description:
          '信息项列名 → 列名、位置或固定值;未列出的同名 / item column → column, position or constant; others by name',
      },
    ),
  ),
  op: Type.Optional(
    strict({
      column: Column,
      upsert: Type.Array(Type.String(), { default: ['I', 'U', 'INSERT', 'UPDATE'] }),
      delete: Type.Array(Type.String(), { default: ['D', 'DELETE'] }),
    }),
  ),
  fixed: Type.Optional(
    Type.Array(strict({ name: ColumnName, bytes: Type.Integer({ minimum: 1, maximum: 65_536 }) }), {
      minItems: 1,
      description: '定长列,宽度按该编码的字节计 / columns of fixed width, counted in bytes of the encoding',
    }),
  ),
  sheet: Type.Optional(
    Type.Union([Name, Type.Integer({ minimum: 1 })], {
      description: 'XLSX 工作表 / sheet; the first unless told',
    }),
  ),
  headerRow: Type.Integer({
    minimum: 1,
    default: 1,
    description: 'XLSX 列名所在行 / row of the column names',
  }),
  zone: Type.Optional(Type.String({ description: '无时区时间的时区 (IANA) / zone of zoneless times' })),
  order: oneOf(['name', 'modified'], { default: 'name' }),
  complete: Type.Union(
    [
      strict({ quietSeconds: Type.Number({ minimum: 0, maximum: 86_400 }) }),
      strict({ marker: Type.String({ pattern: '^\\.[^/\\\\\\x00-\\x1f]{1,20}$' }) }),
      strict({ manifest: Type.String({ pattern: '^\\.[^/\\\\\\x00-\\x1f]{1,40}$' }) }),
    ],
    {
      default: { quietSeconds: 10 },
      description:
        '何时算写完:静默秒数、标志文件,或清单(后缀)点名且大小与 SHA-256 相符 / when a file is complete: unchanged for so long, its marker is there, or a manifest (by its ending) names it with its size and SHA-256',
    },
  ),
  done: oneOf(['keep', 'move', 'delete'], {
    default: 'keep',
    description: '收到回执后的文件 / what becomes of a file after the receipt',
  }),
  removals: Type.Boolean({
    default: false,
    description:
      '文件(strategy: files)被删除时也告知用方,须 done: keep / a file taken away here is taken away there, too',
  }),
  acknowledge: Type.Optional(
    Type.String({
      pattern: '^\\.[^/\\\\\\x00-\\x1f]{1,20}$',
      description:
        '收到回执后在原处另建的回执文件后缀,如 .ack / ending of a file made beside each one that has its receipt',
    }),
  ),
  doneFolder: Type.String({
    pattern: '^[^/\\\\\\x00-\\x1f]{1,200}$',
    default: 'done',
    description: 'move:移入的子文件夹 / folder below, for `move`',
  }),
});
/** `table` names one file, as `connector discover` lists it; a source has it or `pattern`. */
export type FilesSource = Omit<Static<typeof SourceSchema>, 'pattern' | 'table'> & {
  readonly pattern: string;
};

export const TargetSchema = strict({
  folder: Type.Optional(Folder),
  name: Type.String({
    pattern: '^[^/\\\\\\x00-\\x1f.][^/\\\\\\x00-\\x1f]{0,99}$',
    description: '文件名的前部 / what file names begin with',
  }),
  format: oneOf(['csv', 'tsv', 'jsonl'], { default: 'csv' }),
  encoding: oneOf<Encoding>(encodings, { default: 'utf-8' }),
  bom: Type.Boolean({ default: false, description: 'UTF-8、UTF-16 文件以 BOM 开头 / begin with a BOM' }),
  delimiter: Type.Optional(Type.String({ pattern: '^[\\x01-\\x7e]$' })),
  header: Type.Boolean({ default: true }),
  lineEnd: oneOf(['lf', 'crlf'], { default: 'lf' }),
  nullText: Type.String({
    maxLength: 20,
    default: '',
    description: 'NULL 写作(不加引号)/ how NULL is written',
  }),
  opColumn: Type.String({ minLength: 1, maxLength: 255, default: 'op' }),
  columns: Type.Optional(
    Type.Record(Type.String(), ColumnName, { description: '信息项列名 → 文件列名 / item column → column' }),
  ),
  marker: Type.Optional(
    Type.String({
      pattern: '^\\.[^/\\\\\\x00-\\x1f]{1,20}$',
      description: '写完后另建的标志文件后缀 / ending of an empty file made when a file is complete',
    }),
  ),
  manifest: Type.Boolean({
    default: false,
    description:
      '每个文件另建 .manifest.json:大小、SHA-256、资源、协议 / a manifest beside each file: size, SHA-256, resource, agreement',
  }),
  formulas: oneOf(['keep', 'reject'], {
    default: 'keep',
    description: '以 = + - @ 开头的文本:照写,或拒绝该行 / texts a spreadsheet would take for a formula',
  }),
  removed: oneOf(['move', 'delete', 'keep'], {
    default: 'move',
    description:
      '来源移除的文件:移入 removed 文件夹、删除或保留 / a file the provider took away: into folder `removed`, deleted or kept',
  }),
  takeOver: Type.Boolean({ default: false, description: '接替此前的来源 / replace the supplier before' }),
});
export type FilesTarget = Static<typeof TargetSchema>;
