import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { commandLinesIn, problemOf, readCommands } from './commands.js';
import { allSources, type SourceFile } from './workspace.js';

/** What a program may show: every text of its source, `${…}` as a place. Imports are none. */
function textsOf({ path, text }: SourceFile): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node))
      texts.push(node.head.text + node.templateSpans.map(({ literal }) => `{value}${literal.text}`).join(''));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return texts;
}

describe('commands named', () => {
  const commands = readCommands();
  const first = new Set([...commands.keys()].map((name) => name.split(' ')[0]));
  /** Among other words our name begins no command: `qianzhi agent.yaml`, `qianzhi platform`. */
  const isCommand = (line: string) => {
    const [, topic, verb] = line.split(' ');
    return commands.has(topic!) || (first.has(topic) && verb !== undefined);
  };

  it.each([
    ['qianzhi agreement refuse', 'it takes 1 to 1 arguments, not 0'],
    ['qianzhi agreement refuse {agreement}', '--reason is missing'],
    ['qianzhi agreement apply social_group --matter MATTER', 'social_group is no argument'],
    ['qianzhi agreement apply {resource} --matter', '--matter has no value'],
    ['qianzhi catalog review {resource} --result fine', '--result does not take fine'],
    ['qianzhi stream resume {resource} --all', 'it has no flag --all'],
    ['qianzhi stream restart {resource}', 'there is no command stream'],
    ['qianzhi agreement apply {resource} --matter MATTER', undefined],
    ['qianzhi stream resume', undefined],
  ])('%s: %s', (line, problem) => {
    expect(problemOf(line, commands)).toBe(problem);
  });

  it('are found in both languages', () => {
    expect(
      commandLinesIn('先执行 qianzhi agreement apply {resource} --matter 事项;再执行 qianzhi job retry'),
    ).toEqual(['qianzhi agreement apply {resource} --matter 事项', 'qianzhi job retry']);
    expect(commandLinesIn('执行 qianzhi stream resnapshot 重新全量')).toEqual(['qianzhi stream resnapshot']);
    expect(commandLinesIn('see `qianzhi job list`, or `qianzhi job cancel {job}` first')).toEqual([
      'qianzhi job list',
      'qianzhi job cancel {job}',
    ]);
  });

  it('by what programs show run as they are printed: hints, next steps, what starts a stopped thing again', () => {
    const named = allSources
      .filter((file) => !file.isTest)
      .flatMap((file) =>
        textsOf(file)
          .flatMap(commandLinesIn)
          .map((line) => ({ path: file.path, line })),
      )
      .filter(({ line }) => isCommand(line));
    expect(named.length).toBeGreaterThan(300);
    const wrong = named.flatMap(({ path, line }) => {
      const problem = problemOf(line, commands);
      return problem ? [`${path}: ${line}: ${problem}`] : [];
    });
    expect(wrong).toEqual([]);
  });
});
