import { type Static, Type } from '@sinclair/typebox';
import { entryItemFields } from './entry.js';

/**
 * Data type letters of the national catalog guideline (发改高技〔2017〕1272号):
 * C 字符型 · N 数值型 · Y 货币型 · D 日期型 · T 日期时间型 · L 逻辑型 · M 备注型 · G 通用型(二进制) ·
 * B 双精度型 · I 整型 · F 浮点型.
 */
export const itemTypes = ['C', 'N', 'Y', 'D', 'T', 'L', 'M', 'G', 'B', 'I', 'F'] as const;
export type ItemType = (typeof itemTypes)[number];
export const ItemTypeSchema = Type.Union(itemTypes.map((t) => Type.Literal(t)));

/** 共享类型 (R020): 无条件共享, 有条件共享, 不予共享. */
export const SharingTypeSchema = Type.Union([
  Type.Literal('unconditional'),
  Type.Literal('conditional'),
  Type.Literal('none'),
]);
export type SharingType = Static<typeof SharingTypeSchema>;

/** Identifier schemes with a check: GB 11643, GB 32100, 15-digit registration number, GB 11714. */
export const IdentifierSchemeSchema = Type.Union([
  Type.Literal('citizenId'),
  Type.Literal('uscc'),
  Type.Literal('regNo'),
  Type.Literal('orgCode'),
]);
export type IdentifierScheme = Static<typeof IdentifierSchemeSchema>;

/** A column name: what the row carries and what a target table is given; also safe as a JSON key. */
export const ColumnNameSchema = Type.String({
  minLength: 1,
  maxLength: 63,
  pattern: '^[^\\u0000-\\u001f"\']+$',
});

/** 信息项: one item of a catalog resource. Order of items is the field order of the schema version. */
export const CatalogItemSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, description: '信息项名称' }),
    column: ColumnNameSchema,
    type: ItemTypeSchema,
    length: Type.Optional(Type.Integer({ minimum: 1, description: 'C: characters (code points); G: bytes' })),
    precision: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'N, Y: total digits' })),
    scale: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1000, description: 'N, Y: digits after the point' }),
    ),
    fixedLength: Type.Optional(Type.Boolean({ description: 'C: fixed-length char, loses trailing blanks' })),
    instant: Type.Optional(Type.Boolean({ description: 'T: a point in time, printed in UTC with +00' })),
    allow: Type.Optional(
      Type.Array(Type.Union([Type.Literal('zero-date'), Type.Literal('infinity'), Type.Literal('nan')]), {
        uniqueItems: true,
      }),
    ),
    key: Type.Optional(
      Type.Boolean({
        description: 'part of the business key, in item order; a key item is required without saying so',
      }),
    ),
    required: Type.Optional(Type.Boolean()),
    codeTable: Type.Optional(Type.String({ description: "name of one of the resource's code tables" })),
    min: Type.Optional(Type.String({ description: 'I N Y B F: canonical number; D T: canonical date' })),
    max: Type.Optional(Type.String()),
    pattern: Type.Optional(
      Type.String({ maxLength: 500, description: 'C, M: regular expression, whole value' }),
    ),
    identifier: Type.Optional(Type.Union([Type.Literal('person'), Type.Literal('organisation')])),
    schemes: Type.Optional(
      Type.Array(IdentifierSchemeSchema, { minItems: 1, description: 'any one valid is valid' }),
    ),
    idTypeColumn: Type.Optional(
      Type.String({ description: 'citizenId is checked only where this column says resident identity card' }),
    ),
    onInvalid: Type.Optional(
      Type.Union([Type.Literal('quarantine'), Type.Literal('flag')], {
        description: 'what a failed identifier check does; quarantine unless told (R038)',
      }),
    ),
    basic: Type.Optional(Type.Boolean({ description: '基础信息项: always unconditional (R026)' })),
    sharing: Type.Optional(SharingTypeSchema),
    sensitivity: Type.Optional(Type.Union([Type.Literal('personal'), Type.Literal('sensitive')])),
    ...entryItemFields,
  },
  { $id: 'CatalogItem', additionalProperties: false },
);
export type CatalogItem = Static<typeof CatalogItemSchema>;

/** Whether a value must be there: told so, or part of the key (a row without its key cannot be merged). */
export function isRequired(item: CatalogItem): boolean {
  return item.required === true || item.key === true;
}
