import { type Static, Type } from '@sinclair/typebox';
import { type CatalogItem, ColumnNameSchema, IdentifierSchemeSchema, ItemTypeSchema } from './item.js';

export const QueryNameSchema = Type.String({ pattern: '^[a-z][a-z0-9_-]{0,49}$' });
export const ParameterNameSchema = Type.String({ pattern: '^[a-z][a-z0-9_]{0,49}$' });

/**
 * What a question gives: the value of an item of the resource, by whose rules it is checked, or a value of a type of its own.
 * Exactly one of `item` and `type`.
 */
export const QueryParameterSchema = Type.Object(
  {
    name: ParameterNameSchema,
    label: Type.Optional(Type.String({ maxLength: 200, description: '参数名称 / shown to persons' })),
    item: Type.Optional(
      Type.Intersect([ColumnNameSchema], {
        description: '所对应的信息项 / column of the item it is a value of',
      }),
    ),
    type: Type.Optional(ItemTypeSchema),
    length: Type.Optional(Type.Integer({ minimum: 1 })),
    precision: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    scale: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
    pattern: Type.Optional(Type.String({ maxLength: 500 })),
    identifier: Type.Optional(Type.Union([Type.Literal('person'), Type.Literal('organisation')])),
    schemes: Type.Optional(Type.Array(IdentifierSchemeSchema, { minItems: 1 })),
    required: Type.Boolean({ default: true }),
  },
  { additionalProperties: false },
);
export type QueryParameter = Static<typeof QueryParameterSchema>;

/** 查询服务: one question that a resource answers online. Where the answer is read stands with its provider alone. */
export const QueryServiceSchema = Type.Object(
  {
    name: QueryNameSchema,
    summary: Type.String({ maxLength: 500, default: '' }),
    parameters: Type.Array(QueryParameterSchema, { maxItems: 20, default: [] }),
    items: Type.Array(ColumnNameSchema, {
      minItems: 1,
      uniqueItems: true,
      description: '返回的信息项 / columns of the items that are answered',
    }),
    maxRows: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 100,
      description: '每组参数最多返回行数 / most rows of one set of parameters',
    }),
    answeredBy: Type.Optional(
      Type.Union([Type.Literal('agent'), Type.Literal('platform')], {
        description:
          '由谁答复:agent(缺省)为供数前置机现查;platform 为平台按已收到的数据按主键查,附数据时点 / who answers: the provider’s agent from its database, or the platform by key from the rows it has received, saying as of when',
      }),
    ),
  },
  { $id: 'QueryService', additionalProperties: false },
);
export type QueryService = Static<typeof QueryServiceSchema>;

/** As what a parameter's values are checked: the item it belongs to, or one made of its own type. */
export function parameterItem(items: readonly CatalogItem[], parameter: QueryParameter): CatalogItem {
  const { name, label, item, required, ...own } = parameter;
  const bound = items.find(({ column }) => column === item);
  // an identity document is looked for by its number, whatever its type would be
  const { key, idTypeColumn, basic, ...rules }: Partial<CatalogItem> = bound ?? own;
  return { type: 'C', ...rules, name: label ?? name, column: name, required };
}

/**
 * Whether `after` shows more than `before`, or lets more be asked: that needs a new secrecy review. Fewer items, fewer rows, more
 * required parameters and other words do not. Who answers is part of what was reviewed.
 */
export function queriesGrew(before: readonly QueryService[], after: readonly QueryService[]): boolean {
  return after.some((service) => {
    const known = before.find(({ name }) => name === service.name);
    if (!known) return true;
    return (
      service.maxRows > known.maxRows ||
      service.answeredBy !== known.answeredBy ||
      service.items.some((column) => !known.items.includes(column)) ||
      asksLess(known, service)
    );
  });
}

/** A parameter that had to be given is gone, optional, or another one. */
function asksLess(before: QueryService, after: QueryService): boolean {
  return before.parameters.some((parameter) => {
    const now = after.parameters.find(({ name }) => name === parameter.name);
    if (parameter.required && !now?.required) return true;
    return now !== undefined && (now.item !== parameter.item || now.type !== parameter.type);
  });
}
