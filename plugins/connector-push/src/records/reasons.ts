import type { LocalText } from '@qianzhi/model';
import { rejectReasons } from '@qianzhi/rows';

/** Why a record is refused before the catalog's rules are asked. A closed list. */
const ownReasons = {
  'not-json': { zh: '不是 JSON', en: 'is not JSON' },
  'not-a-record': { zh: '不是记录:应为 {"信息项": 值}', en: 'is no record: it has to be {"item": value}' },
  'not-a-change': {
    zh: '应为 {"upsert": 记录} 或 {"delete": 主键}',
    en: 'has to be {"upsert": record} or {"delete": key}',
  },
  'unknown-item': { zh: '目录中没有此信息项', en: 'is no item of the catalog' },
  'not-a-key-item': { zh: '删除只给主键项', en: 'a delete names key items only' },
  'json-type': {
    zh: '值的 JSON 类型不对:文本、日期用字符串,数值用数字或字符串,逻辑型用 true/false',
    en: 'has the wrong JSON type: text and dates are strings, numbers are numbers or strings, logical values true or false',
  },
} as const satisfies Record<string, LocalText>;
export type PushReason = keyof typeof ownReasons;

/** In both languages, of our own reasons and of the validator's. */
export function reasonText(reason: string): LocalText {
  const known: Readonly<Record<string, LocalText>> = { ...rejectReasons, ...ownReasons };
  return known[reason] ?? { zh: reason, en: reason };
}
