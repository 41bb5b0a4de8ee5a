import { fillPlaces } from '../errors/fill.js';
import type { Language } from '../errors/language.js';
import type { ErrorDetails } from '../errors/qianzhi-error.js';

/** One difference between two schema versions, readable in both languages. */
export interface ItemChange {
  readonly code: ItemChangeCode;
  readonly item: string;
  /** Rows of the version before would be invalid, or other text, under the version after. */
  readonly opensEpoch: boolean;
  readonly texts: Readonly<Record<Language, string>>;
}

const declarations = {
  ADDED: { opens: false, zh: '新增可选项 {item}({name})', en: 'optional item {item} added' },
  ADDED_REQUIRED: { opens: true, zh: '新增必填项 {item}({name})', en: 'required item {item} added' },
  REMOVED: { opens: true, zh: '删除 {item}({name})', en: 'item {item} removed' },
  REORDERED: { opens: true, zh: '{item} 的先后次序改变', en: 'item {item} moved among the others' },
  RETYPED: {
    opens: true,
    zh: '{item} 的{property}由 {before} 改为 {after}',
    en: '{property} of {item}: {before} → {after}',
  },
  REKEYED: {
    opens: true,
    zh: '{item} 的{property}由 {before} 改为 {after}',
    en: '{property} of {item}: {before} → {after}',
  },
  REQUIRED: { opens: true, zh: '{item} 改为必填', en: 'item {item} became required' },
  RELEASED: { opens: false, zh: '{item} 不再必填', en: 'item {item} is no longer required' },
  NARROWED: {
    opens: true,
    zh: '{item} 的{property}收窄:{before} → {after}',
    en: '{property} of {item} narrowed: {before} → {after}',
  },
  WIDENED: {
    opens: false,
    zh: '{item} 的{property}放宽:{before} → {after}',
    en: '{property} of {item} widened: {before} → {after}',
  },
  DESCRIBED: {
    opens: false,
    zh: '{item} 的{property}:{before} → {after}',
    en: '{property} of {item}: {before} → {after}',
  },
} as const;
export type ItemChangeCode = keyof typeof declarations;

export function itemChange(code: ItemChangeCode, item: string, details: ErrorDetails = {}): ItemChange {
  const { opens, zh, en } = declarations[code];
  const facts = { item, ...details };
  return {
    code,
    item,
    opensEpoch: opens,
    texts: { zh: fillPlaces(zh, facts, 'zh'), en: fillPlaces(en, facts, 'en') },
  };
}
