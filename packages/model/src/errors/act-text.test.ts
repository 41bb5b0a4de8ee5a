import { expect, it } from 'vitest';
import { actText } from './act-text.js';

it.each([
  ['check', '检查'],
  ['read 乡镇', '读取 乡镇'],
  ['read the structure', '读取表结构'],
  ['try town', '试写 town'],
  ['checkup', 'checkup'],
])('%s is %s in Chinese', (act, zh) => {
  expect(actText(act)).toEqual({ en: act, zh });
});
