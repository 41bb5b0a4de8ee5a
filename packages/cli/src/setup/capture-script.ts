import type { CapturePlan, CaptureStep } from '@qianzhi/agent';

/** A plan as a script for a client of the database: comments in Chinese, statement by statement, and how to undo it. */
export function captureScript({ table, install, remove, notes, terminator }: CapturePlan): string {
  const plain = terminator === ';';
  const own = terminator === '/' || terminator === 'GO';
  const ended = ({ sql }: CaptureStep) => (own ? `${sql}\n${terminator}` : `${sql}${terminator}`);
  const step = (each: CaptureStep) => `-- ${each.zh}\n${ended(each)}`;
  const undo = (each: CaptureStep) => `-- ${each.zh}\n${commented(ended(each))}`;
  const delimiter = plain || own ? [] : [`DELIMITER ${terminator}`];
  return [
    `-- 捕获 ${oneLine(table)} 的变更:执行前请 DBA 审阅`,
    ...notes.map(({ zh }) => `-- 注意:${oneLine(zh)}`),
    ...delimiter,
    ...install.map(step),
    ...(delimiter.length > 0 ? ['DELIMITER ;'] : []),
    '',
    '-- 撤销:逐条去掉行首的 -- 后执行;已记录而未读取的变更一并删除',
    ...remove.map(undo),
    '',
  ].join('\n');
}

function commented(sql: string): string {
  return sql
    .split(/\r\n|[\r\n]/)
    .map((line) => `-- ${line}`)
    .join('\n');
}

/** A name may hold line breaks, and what stands behind one would be run. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]+/g, ' ');
}
