import { createHmac } from 'node:crypto';
import type { CatalogItem, MaskRule } from '@qianzhi/model';

/** A granted value as shown, or null to keep null. */
export type Mask = (value: string) => string;

/** Surnames of two characters (《百家姓》 and common others). */
const compoundSurnames = new Set(
  '欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 公户 公玉 公仪 梁丘 公仲 公上 公门 公山 公坚 左丘 公伯 西门 公祖 第五 公乘 贯丘 公皙 南荣 东里 东宫 仲长 子书 子桑 即墨 达奚 褚师 吴铭 纳兰 归海 歐陽 司馬 東方 獨孤 南宮 萬俟 聞人 諸葛 尉遲 赫連 濮陽 鐘離 長孫 鮮于 軒轅 東郭 南門 梁丘 西門'.split(
    ' ',
  ),
);
/** A value with fewer hidden characters would not be hidden: it is starred whole. */
const LEAST_HIDDEN = 4;
const SURROGATE = /[\ud800-\udfff]/;

/** Rules that show a text; they fit C and M only. A pseudonym fits every type. */
export const textMasks: Readonly<Record<Exclude<MaskRule, 'pseudonym'>, Mask>> = {
  name: maskName,
  'id-6-4': (value) => maskMiddle(value, 6, 4),
  'id-3-4': (value) => maskMiddle(value, 3, 4),
  phone: (value) => (value.length < 11 ? maskMiddle(value, 0, 4) : maskMiddle(value, 3, 4)),
  address: maskAddress,
};

/** `张*`, `欧阳**`: the surname and one star for each other character. */
function maskName(value: string): string {
  const length = SURROGATE.test(value) ? [...value].length : value.length;
  if (length < 2) return stars(length);
  if (length > 2 && compoundSurnames.has(value.slice(0, 2))) return value.slice(0, 2) + stars(length - 2);
  return String.fromCodePoint(value.codePointAt(0)!) + stars(length - 1);
}

function maskMiddle(value: string, head: number, tail: number): string {
  if (SURROGATE.test(value)) return stars([...value].length); // no number: nothing of it is shown
  const hidden = value.length - head - tail;
  if (hidden < LEAST_HIDDEN) return stars(value.length);
  return value.slice(0, head) + stars(hidden) + value.slice(-tail);
}

// Characters that name something below a county end the search, except where they stand before the county's own last
// character (景德镇市, 西乡县) or begin the name (镇海区, 道里区).
const INNER = '(?:[^省市县区旗盟镇乡街道路村号巷弄组栋室\\d]|[镇乡道路市](?=[市县区族]))';
const PROVINCE = '(?:.{2,8}?(?:省|自治区|特别行政区))';
const PREFECTURE = `(?:.${INNER}{1,11}?(?:市(?!区)|自治州|地区|盟))`;
const COUNTY = `(?:.${INNER}{0,11}?(?:自治县|自治旗|林区|特区|县|(?<![小社园校厂库片景])区|市(?![区市场])|旗))`;
const divisions = new RegExp(`^${PROVINCE}?${PREFECTURE}?${COUNTY}?`, 'u');

/** Province, prefecture and county, as far as the text names them; `***` when it names none. */
function maskAddress(value: string): string {
  const found = divisions.exec(value)?.[0] ?? '';
  return found === '' ? stars(3) : found;
}

function stars(count: number): string {
  return '*'.repeat(count);
}

/** Keyed digest of the value, base64url: equal values are equal under one key, so they join. */
export function pseudonymMask(key: Uint8Array): Mask {
  return (value) => createHmac('sha256', key).update(value, 'utf8').digest('base64url');
}

/** The item as the consumer sees it through a mask: rules that speak of the clear value no longer hold. */
export function maskedItem(item: CatalogItem, rule: MaskRule): CatalogItem {
  const { name, column, key, required, basic, sharing, sensitivity } = item;
  const kept = { name, column, key, required, basic, sharing, sensitivity };
  const shown: Partial<CatalogItem> = Object.fromEntries(
    Object.entries(kept).filter(([, value]) => value !== undefined),
  );
  if (rule === 'pseudonym') return { ...shown, name, column, type: 'C', length: 43 };
  const length = item.length === undefined ? undefined : { length: Math.max(item.length, 3) };
  return { ...shown, name, column, type: item.type, ...length };
}
