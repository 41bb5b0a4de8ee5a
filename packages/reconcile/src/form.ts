import type { CatalogResource } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import { type FieldAction, rewriteFields } from '@qianzhi/rows';

/**
 * In which form rows are compared, where one of the two databases cannot hold what the other can. The wishes of both sides are
 * joined, so that both digest the same text of the same row.
 */
export const FormSchema = Type.Object(
  {
    excluded: Type.Array(Type.String(), {
      description: 'columns left out: pseudonyms, whose key is neither side’s',
    }),
    emptyIsNull: Type.Boolean({ description: "one database keeps '' as NULL" }),
    folds: Type.Record(Type.String(), Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])), {
      description:
        'by column: catalog codes that the target keeps as one value → the code that stands for them',
    }),
  },
  { additionalProperties: false },
);
export type ComparisonForm = Static<typeof FormSchema>;

export const plainForm: ComparisonForm = { excluded: [], emptyIsNull: false, folds: {} };

export function joinForms(a: ComparisonForm, b: ComparisonForm): ComparisonForm {
  return {
    excluded: [...new Set([...a.excluded, ...b.excluded])].sort(),
    emptyIsNull: a.emptyIsNull || b.emptyIsNull,
    folds: { ...a.folds, ...b.folds },
  };
}

/** How a block is put into the form, and where its key then is. */
export interface FormedRows {
  /** Positions of the key items in a formed row; empty where the whole row is the key. */
  readonly keyFields: readonly number[];
  apply(block: Uint8Array): Uint8Array;
}

const NULL_FIELD = '\\N';

/** The block itself where the form asks for nothing. */
export function compileForm(resource: CatalogResource, form: ComparisonForm): FormedRows {
  const excluded = new Set(form.excluded);
  const shown = resource.items.filter(({ column }) => !excluded.has(column));
  const rules = resource.items.map(({ column, type }) => {
    const fold = Object.hasOwn(form.folds, column) ? new Map(Object.entries(form.folds[column]!)) : undefined;
    const empty = form.emptyIsNull && (type === 'C' || type === 'M');
    return { fold, empty };
  });
  const actions = resource.items.map(({ column }, at): FieldAction => {
    if (excluded.has(column)) return 'skip';
    return rules[at]!.fold || rules[at]!.empty ? 'mask' : 'copy';
  });
  const keyFields = shown.flatMap((item, at) => (item.key ? [at] : []));
  if (actions.every((action) => action === 'copy')) return { keyFields, apply: (block) => block };
  const rewrite = rewriteFields(actions, (at, text) => {
    const { fold, empty } = rules[at]!;
    if (empty && text === '') return NULL_FIELD;
    // codes are plain text: what needs an escape is none of them
    const folded = fold?.get(text);
    return folded === null ? NULL_FIELD : (folded ?? text);
  });
  return { keyFields, apply: rewrite };
}
