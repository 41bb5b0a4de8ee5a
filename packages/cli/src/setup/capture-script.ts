import type { CapturePlan, CaptureStep } from '@qianzhi/agent';
import { currentLanguage } from '@qianzhi/model';

/** A plan as a script for a client of the database, in the language of the terminal: statement by statement, and how to undo it. */
export function captureScript({ table, install, remove, notes, ...plan }: CapturePlan): string {
  const language = currentLanguage();
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en);
  let { terminator } = plan;
  const plain = terminator === ';';
  const own = terminator === '/' || terminator === 'GO';
  // a name may hold it
  const inside = () => install.some(({ sql }) => sql.includes(terminator));
  while (!plain && !own && inside()) terminator += terminator[0];
  const ended = ({ sql }: CaptureStep) => (own ? `${sql}\n${terminator}` : `${sql}${terminator}`);
  const explained = (steps: readonly CaptureStep[], text: (step: CaptureStep) => string) =>
    steps.flatMap((each, at) => [
      ...(startsAnother(steps, at) ? [`-- ${oneLine(each[language])}`] : []),
      text(each),
    ]);
  const delimiter = plain || own ? [] : [`DELIMITER ${terminator}`];
  return [
    say(
      `-- 捕获 ${oneLine(table)} 的变更:执行前请 DBA 审阅`,
      `-- captures changes of ${oneLine(table)}: to be reviewed by a DBA before it is run`,
    ),
    ...notes.map((note) => `-- ${say('注意:', 'note: ')}${oneLine(note[language])}`),
    ...delimiter,
    ...explained(install, ended),
    ...(delimiter.length > 0 ? ['DELIMITER ;'] : []),
    '',
    say(
      '-- 撤销:逐条去掉行首的 -- 后执行;已记录而未读取的变更一并删除',
      '-- to undo it, take the leading -- off these; changes recorded and not read yet go with them',
    ),
    ...explained(remove, (each) => commented(ended(each))),
    '',
  ].join('\n');
}

/** One object may take several statements, which are told of once. */
export function startsAnother(steps: readonly CaptureStep[], at: number): boolean {
  return steps[at]?.en !== steps[at - 1]?.en;
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
