import type { LocalText } from '@qianzhi/model';
import type { ColumnDescription } from '@qianzhi/plugin-api';
import type { ColumnProfile } from './column-profile.js';

/** Code → label; an empty label is for a person to fill in. */
export interface CodeDraft {
  readonly codes: Readonly<Record<string, string>>;
  readonly reason: LocalText;
}

const FEWEST_ROWS = 20;
/** Each code occurs so often on average, else they are no codes but values that happen to be few. */
const REPEATED = 5;

/** A code table, where a column holds a few short values again and again. */
export function draftCodes(
  column: ColumnDescription,
  profile: ColumnProfile | undefined,
): CodeDraft | undefined {
  const { codes } = profile ?? {};
  if (!profile || !codes || codes.has('') || !'CMI'.includes(column.type ?? 'C')) return undefined;
  const filled = profile.rows - profile.nulls;
  if (codes.size < 2 || filled < FEWEST_ROWS || codes.size * REPEATED > filled) return undefined;
  const told = labelsIn(column.comment ?? '');
  const sampled = [...codes.keys()].toSorted();
  const explained = sampled.every((code) => told.has(code));
  const all = explained ? [...told.keys()] : sampled;
  const labels = all.map(
    (code) => [code, told.get(code) ?? (/\p{Script=Han}/u.test(code) ? code : '')] as const,
  );
  const open = labels.filter(([, label]) => label === '').length;
  const missing =
    open > 0 ? { zh: `,请填写 ${open} 个含义`, en: `; fill in ${open} meanings` } : { zh: '', en: '' };
  const source = explained
    ? { zh: '代码取自列注释', en: 'codes from the comment of the column' }
    : {
        zh: `样本 ${filled} 行只有 ${codes.size} 个值,可能不全`,
        en: `only ${codes.size} values in ${filled} sampled rows; there may be more`,
      };
  return {
    codes: Object.fromEntries(labels),
    reason: { zh: source.zh + missing.zh, en: source.en + missing.en },
  };
}

/** What a comment explains: `性别:1男2女`, `状态(0-停用,1-启用)`. */
export function labelsIn(comment: string): Map<string, string> {
  const explanation = /[::((,,;;\s](.*)$/su.exec(comment)?.[1] ?? '';
  const pairs = explanation.matchAll(
    /([A-Za-z0-9]{1,10})\s*[-=::.、_]?\s*(\p{Script=Han}[\p{Script=Han}A-Za-z]*)/gu,
  );
  return new Map([...pairs].map(([, code, label]) => [code!, label!]));
}
