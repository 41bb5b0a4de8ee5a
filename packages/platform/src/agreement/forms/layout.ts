import type { FormCell, FormRow } from '@qianzhi/workbook';

/** Widths of the six columns of a form, in characters; they fill an upright A4 page. */
export const WIDTHS = [13, 15, 13, 15, 15, 17];
const ALL = WIDTHS.length;

const cell = (as: FormCell['as'], text: string, span: number): FormCell => ({ as, text, span });
const label = (text: string, span = 1) => cell('label', text, span);
const value = (text: string, span: number) => cell('value', text === '' ? '—' : text, span);

export const title = (text: string): FormRow => ({ cells: [cell('title', text, ALL)] });
export const line = (text: string): FormRow => ({ cells: [cell('line', text, ALL)] });
export const section = (text: string): FormRow => ({ cells: [label(text, ALL)] });
export const wide = (name: string, text: string): FormRow => ({ cells: [label(name), value(text, ALL - 1)] });
export const pair = (first: readonly [string, string], second: readonly [string, string]): FormRow => ({
  cells: [label(first[0]), value(first[1], 2), label(second[0]), value(second[1], 2)],
});

/** Headings with the columns each takes, and rows of as many texts. */
export function table(
  heads: readonly (readonly [text: string, span: number])[],
  rows: readonly (readonly string[])[],
): FormRow[] {
  return [
    { cells: heads.map(([text, span]) => label(text, span)) },
    ...rows.map((texts) => ({ cells: heads.map(([, span], at) => value(texts[at] ?? '', span)) })),
  ];
}

/** Room for an opinion, to sign, stamp and date it. */
export const stamp = (name: string): FormRow => ({
  cells: [
    label(name),
    value(`\n\n\n签名:                (盖章)\n                          年    月    日`, ALL - 1),
  ],
  lines: 6,
});
