import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { type CatalogItem, hasShape, type ItemType } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import { filesErrors } from '../errors.js';
import type { FileColumn } from '../formats/table-file.js';
import { classify, errnoOf } from './classify.js';

/**
 * What may stand beside a file that has no types of its own: a Table Schema (Frictionless Data), `<name>.schema.json`. It tells
 * types and key; a sink writes one, a source checks the catalog against it.
 */
const FieldSchema = Type.Object({
  name: Type.String(),
  type: Type.Optional(Type.String()),
  format: Type.Optional(Type.String()),
  title: Type.Optional(Type.String()),
  constraints: Type.Optional(
    Type.Object({
      required: Type.Optional(Type.Boolean()),
      maxLength: Type.Optional(Type.Integer()),
    }),
  ),
});
const DescriptionSchema = Type.Object({
  fields: Type.Array(FieldSchema),
  primaryKey: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
});
type Description = Static<typeof DescriptionSchema>;

const ENDING = '.schema.json';

export function isDescription(name: string): boolean {
  return name.endsWith(ENDING);
}

/** `area.schema.json` describes `area.csv`, and the numbered files of a target `area`. */
function descriptionsOf(path: string): string[] {
  const stem = basename(path, extname(path));
  const plain = stem.replace(/-\d+-(full|changes)$/, '');
  return [...new Set([stem, plain])].map((name) => join(dirname(path), name + ENDING));
}

export interface DescribedTable {
  readonly columns: readonly FileColumn[];
  readonly primaryKey: readonly string[];
}

/** Undefined where there is none. Throws QZ_FILES_DESCRIPTION_BROKEN. */
export async function readDescription(path: string): Promise<DescribedTable | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw classify(error, 'read', path);
  }
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw filesErrors.DESCRIPTION_BROKEN({ path }, error);
  }
  if (!hasShape(DescriptionSchema, found)) throw filesErrors.DESCRIPTION_BROKEN({ path });
  return { columns: found.fields.map(columnOf), primaryKey: [found.primaryKey ?? []].flat() };
}

/** What stands beside a file, if anything. */
export async function descriptionOf(path: string): Promise<DescribedTable | undefined> {
  for (const candidate of descriptionsOf(path)) {
    const found = await readDescription(candidate);
    if (found) return found;
  }
  return undefined;
}

/** A file's own columns with what its description says of them. */
export async function describedColumns(
  path: string,
  columns: readonly FileColumn[],
): Promise<readonly FileColumn[]> {
  return (await describe(path, columns)).columns;
}

export async function describe(path: string, columns: readonly FileColumn[]): Promise<DescribedTable> {
  const described = await descriptionOf(path);
  if (!described) return { columns, primaryKey: [] };
  return {
    columns: columns.map((column) => ({
      ...described.columns.find(({ name }) => name === column.name),
      ...column,
    })),
    primaryKey: described.primaryKey.filter((key) => columns.some(({ name }) => name === key)),
  };
}

const typeOf: Readonly<Record<string, ItemType>> = {
  string: 'C',
  integer: 'I',
  number: 'N',
  date: 'D',
  datetime: 'T',
  boolean: 'L',
};

const nameOf: Readonly<Record<ItemType, string>> = {
  C: 'string',
  M: 'string',
  G: 'string',
  I: 'integer',
  N: 'number',
  Y: 'number',
  B: 'number',
  F: 'number',
  D: 'date',
  T: 'datetime',
  L: 'boolean',
};

function columnOf({ name, type, format, title, constraints }: Description['fields'][number]): FileColumn {
  const binary = type === 'string' && format === 'binary';
  const known = type === undefined ? undefined : binary ? 'G' : typeOf[type];
  return {
    name,
    ...(type !== undefined && { nativeType: binary ? 'binary' : type }),
    ...(known !== undefined && { type: known }),
    ...(constraints?.maxLength !== undefined && { length: constraints.maxLength }),
    ...(constraints?.required && { nullable: false }),
    ...(title !== undefined && { comment: title }),
  };
}

/** Text of the description of a table with these items, under the names their columns have in the file. */
export function descriptionText(
  items: readonly CatalogItem[],
  columnOfItem: (item: CatalogItem) => string,
): string {
  const described: Description = {
    fields: items.map((item) => ({
      name: columnOfItem(item),
      type: nameOf[item.type],
      ...(item.type === 'G' && { format: 'binary' }),
      title: item.name,
      ...((item.required || item.key || item.length !== undefined) && {
        constraints: {
          ...((item.required || item.key) && { required: true }),
          ...(item.length !== undefined && { maxLength: item.length }),
        },
      }),
    })),
    primaryKey: items.filter(({ key }) => key).map(columnOfItem),
  };
  return `${JSON.stringify(described, null, 2)}\n`;
}
