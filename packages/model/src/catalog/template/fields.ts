import type { LocalText } from '../../errors/language.js';

/** What a cell says: nothing, a value, or something that is none. */
export type Reading = { readonly value: unknown } | { readonly problem: LocalText };

/** How one field stands in a cell. */
export interface FieldForm {
  /** undefined: it cannot be written so that it comes back as it was. */
  write(value: unknown): string | undefined;
  /** A cell that is not blank. */
  read(cell: string): Reading;
  /** What may stand there, for the guide. */
  readonly guide: LocalText;
  /** Blanks alone are a value. */
  readonly keepsBlanks?: true;
}

/** Any text, blanks at its ends included. */
export const text: FieldForm = {
  write: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
  read: (cell) => ({ value: cell }),
  guide: { zh: '文本', en: 'text' },
  keepsBlanks: true,
};

/** A text whose ends hold no blanks: codes, names of columns. */
export const token: FieldForm = {
  write: (value) => (typeof value === 'string' && value !== '' && value === value.trim() ? value : undefined),
  read: (cell) => ({ value: cell.trim() }),
  guide: { zh: '标识', en: 'an identifier' },
};

/** Digits alone: a unit such as 位 or 字节 belongs into no numeric column. */
export const whole: FieldForm = {
  write: (value) => (Number.isSafeInteger(value) && Number(value) >= 0 ? String(value) : undefined),
  read: (cell) => {
    const digits = plain(cell);
    if (/^\d{1,15}$/.test(digits)) return { value: Number(digits) };
    return {
      problem: {
        zh: '应为整数,只写数字,不写单位(如“位”“字节”)',
        en: 'a whole number is wanted: digits alone, no unit',
      },
    };
  },
  guide: { zh: '整数,不带单位', en: 'a whole number without a unit' },
};

const yes = ['是', '√', 'y', 'yes', 'true', '1'];
const no = ['否', '×', 'n', 'no', 'false', '0'];

export const flag: FieldForm = {
  write: (value) => (typeof value === 'boolean' ? (value ? '是' : '否') : undefined),
  read: (cell) => {
    const said = plain(cell);
    if (yes.includes(said)) return { value: true };
    if (no.includes(said)) return { value: false };
    return { problem: { zh: '应为“是”或“否”,或留空', en: 'write 是 or 否, or leave it blank' } };
  },
  guide: { zh: '是 / 否', en: '是 / 否' },
};

/** Labels of a closed set, the usual one first; the code word itself is read as well. Numbers that products give them are not. */
export function oneOf(labels: Readonly<Record<string, readonly string[]>>): FieldForm {
  const values = new Map<string, string>();
  for (const [value, names] of Object.entries(labels)) {
    for (const name of [value, ...names]) values.set(plain(name), value);
  }
  const shown = Object.values(labels).map(([label]) => label);
  return {
    write: (value) => (typeof value === 'string' ? labels[value]?.[0] : undefined),
    read: (cell) => {
      const value = values.get(plain(cell));
      if (value !== undefined) return { value };
      return {
        problem: {
          zh: `应为下列之一:${shown.join('、')}`,
          en: `one of these is wanted: ${shown.join(', ')}`,
        },
      };
    },
    guide: { zh: shown.join(' / '), en: shown.join(' / ') },
  };
}

/** Without what differs by who types: width, case, blanks. */
export function plain(cell: string): string {
  return cell.normalize('NFKC').replace(/\s+/gu, '').toLowerCase();
}

/** `{format: {class}}` as `{'format.class'}`: a part has a column of its own. */
export function flattened(
  fields: Readonly<Record<string, unknown>>,
  columns: readonly { readonly field?: string }[],
): Record<string, unknown> {
  const flat: Record<string, unknown> = { ...fields };
  for (const [whole, parts] of partsOf(columns)) {
    const value = fields[whole];
    if (typeof value !== 'object' || value === null) continue;
    const known = Object.keys(value).every((name) => parts.includes(name));
    if (!known) continue;
    delete flat[whole];
    for (const [name, part] of Object.entries(value)) flat[`${whole}.${name}`] = part;
  }
  return flat;
}

/** The inverse, in place. */
export function unflatten(fields: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(fields)) {
    const [whole, part] = name.split('.');
    if (part === undefined) continue;
    delete fields[name];
    fields[whole!] = { ...(fields[whole!] as object | undefined), [part]: value };
  }
}

function partsOf(columns: readonly { readonly field?: string }[]): Map<string, string[]> {
  const wholes = new Map<string, string[]>();
  for (const { field = '' } of columns) {
    const [whole, part] = field.split('.');
    if (part !== undefined) wholes.set(whole!, [...(wholes.get(whole!) ?? []), part]);
  }
  return wholes;
}
