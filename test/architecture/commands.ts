import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootFolder } from './workspace.js';

interface Manifest {
  readonly commands: Readonly<Record<string, ManifestCommand>>;
}

interface ManifestCommand {
  readonly id: string;
  readonly args: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly flags: Readonly<Record<string, ManifestFlag>>;
}

interface ManifestFlag {
  readonly type: 'boolean' | 'option';
  readonly required?: boolean;
  readonly options?: readonly string[];
}

/** What only the person at the keyboard knows, as English and Chinese texts write it. */
const personOnly: Readonly<Record<string, readonly string[]>> = {
  ACCOUNT: ['账号'],
  BASIS: ['依据'],
  CODE: ['动态口令', '代码'],
  DAY: ['日期'],
  DEPARTMENT: ['部门'],
  CONDITION: ['条件'],
  FILE: ['文件', '令牌文件'],
  FOLDER: ['文件夹'],
  ITEM: ['信息项'],
  MATTER: ['事项'],
  NAME: ['姓名', '名称'],
  TABLE: ['表名'],
  NOTE: ['意见'],
  NUMBER: ['文号'],
  REASON: ['原因'],
  TIME: ['时间'],
  URL: ['地址', '平台地址'],
  AGENT: ['前置机'],
  SCOPE: ['权限'],
  SYSTEM: ['业务系统'],
};
const placeholders = new Set(
  Object.entries(personOnly).flatMap(([english, chinese]) => [english, ...chinese]),
);

/** Flags whose value a text may propose: words for a person, the name of an account. */
const proposed = new Set(['--account', '--note', '--reason']);

/** What a command line is made of; any other mark ends it, and so do words of Chinese that no flag asks for. */
const part = [
  String.raw`\{\w+\}`,
  String.raw`(?:${[...proposed].join('|')}) [\p{L}\p{N}]+`,
  '--[a-z][a-z-]*',
  String.raw`[\w.-]+`,
  `(?:${[...placeholders].filter((word) => /\p{Script=Han}/u.test(word)).join('|')})(?![\\p{L}])`,
].join('|');
const commandLine = new RegExp(String.raw`(?<![\w/@-])qianzhi(?: (?:${part}))+`, 'gu');

/** Every command line a text names: between back quotes as far as they go, elsewhere as far as it can be one. */
export function commandLinesIn(text: string): string[] {
  const quoted = [...text.matchAll(/`(qianzhi [^`]*)`/g)].map(([, line]) => line!);
  const bare = [...text.replaceAll(/`[^`]*`/g, '…').matchAll(commandLine)].map(([line]) => line);
  return [...quoted, ...bare];
}

/** The commands of the built program; `npm run build` writes them. */
export function readCommands(): ReadonlyMap<string, ManifestCommand> {
  const file = join(rootFolder, 'packages/cli/oclif.manifest.json');
  if (!existsSync(file)) throw new Error(`${file} is missing: run npm run build`);
  const { commands } = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  return new Map(Object.values(commands).map((command) => [command.id.replaceAll(':', ' '), command]));
}

/** Why a command line would not run as it is printed, its places filled; undefined where it would. */
export function problemOf(line: string, commands: ReadonlyMap<string, ManifestCommand>): string | undefined {
  const [, ...words] = line.split(' ');
  if (words[0] === '--help' || words[0] === '--version') return undefined;
  const taken = [3, 2].find((count) => commands.has(words.slice(0, count).join(' '))) ?? 1;
  const name = words.slice(0, taken).join(' ');
  const command = commands.get(name);
  if (!command) return `there is no command ${name}`;
  const values: string[] = [];
  const given = new Set<string>();
  for (let at = taken; at < words.length; at++) {
    const flag = words[at]!;
    if (!flag.startsWith('--')) {
      values.push(flag);
      continue;
    }
    const known = command.flags[flag.slice(2)];
    if (!known) return `it has no flag ${flag}`;
    given.add(flag.slice(2));
    if (known.type === 'boolean') continue;
    const value = words[++at];
    if (value === undefined) return `${flag} has no value`;
    // the place that is named like the flag is filled with what the flag itself was given
    if (value === `{${flag.slice(2)}}`) continue;
    if (known.options ? !known.options.includes(value) : !isValue(value) && !proposed.has(flag))
      return `${flag} does not take ${value}`;
  }
  const args = Object.values(command.args);
  const required = args.filter((arg) => arg.required).length;
  if (values.length < required || values.length > args.length)
    return `it takes ${required} to ${args.length} arguments, not ${values.length}`;
  const strange = values.find((value) => !isValue(value));
  if (strange !== undefined) return `${strange} is no argument`;
  const missing = Object.entries(command.flags).find(([flag, { required }]) => required && !given.has(flag));
  return missing && `--${missing[0]} is missing`;
}

/** A place that the details fill, what only a person knows, or a file the hint itself names. */
function isValue(value: string): boolean {
  return /^\{\w+\}$/.test(value) || placeholders.has(value) || /^[a-z]+\.[a-z]+$/.test(value);
}

/** A command line as it is in both languages: the words only a person knows are the same to it. */
export function withoutLanguage(line: string): string {
  const words = line.split(' ');
  return words
    .map((each, at) => (placeholders.has(each) || proposed.has(words[at - 1] ?? '') ? '…' : each))
    .join(' ');
}
