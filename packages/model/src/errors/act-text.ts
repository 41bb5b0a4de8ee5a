import type { LocalText } from './language.js';

/** What is done to a file or a database, by the words code names it with; what follows them is a name and stays. */
const acts: readonly (readonly [en: string, zh: string])[] = [
  ['capture', '捕获变更'],
  ['check', '检查'],
  ['confirm', '确认'],
  ['detect the encoding', '识别编码'],
  ['digest', '计算摘要'],
  ['delete', '删除'],
  ['discard', '丢弃暂存'],
  ['discover', '查看库表'],
  ['ledger', '读取账本'],
  ['list files', '列出文件'],
  ['list', '列出'],
  ['load', '装载'],
  ['look at', '查看'],
  ['move', '移走'],
  ['open a sink', '打开目标'],
  ['open a source', '打开来源'],
  ['open', '打开'],
  ['put aside', '移走文件'],
  ['put files aside', '移走文件'],
  ['read a file', '读取文件'],
  ['read files', '读取文件'],
  ['read the structure', '读取表结构'],
  ['read', '读取'],
  ['sink', '打开目标'],
  ['source', '打开来源'],
  ['try a target', '试写目标'],
  ['try', '试写'],
  ['write files', '写入文件'],
  ['write', '写入'],
];

/** `read TOWN` in both languages: 读取 TOWN. An act that is not known stays as it is. */
export function actText(act: string): LocalText {
  const known = acts.find(([en]) => act === en || act.startsWith(`${en} `));
  return { en: act, zh: known ? `${known[1]}${act.slice(known[0].length)}` : act };
}
