import { type Static, Type } from '@qianzhi/model/schema';

/** A table name is a file name without ending: nothing in it can leave the folder. */
const TableName = Type.String({ pattern: '^[A-Za-z0-9_-]{1,100}$' });

export const ConfigSchema = Type.Object(
  { folder: Type.String({ minLength: 1, description: 'folder of the table files' }) },
  { additionalProperties: false },
);
export type Config = Static<typeof ConfigSchema>;

export const SourceSchema = Type.Object({ table: TableName }, { additionalProperties: false });
export const TargetSchema = Type.Object({ table: TableName }, { additionalProperties: false });
