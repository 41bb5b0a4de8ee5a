import { currentLanguage, modelErrors } from '@qianzhi/model';
import { cliErrors } from './errors.js';

/** Whether somebody sits there to be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true;
}

type Prompts = typeof import('@inquirer/prompts');

/** Questions stand on stderr: stdout holds data only. Ctrl-C ends the command as it does elsewhere. */
async function ask<T>(
  question: (prompts: Prompts, place: { readonly output: NodeJS.WriteStream }) => Promise<T>,
): Promise<T> {
  const prompts = await import('@inquirer/prompts');
  try {
    return await question(prompts, { output: process.stderr });
  } catch (error) {
    const left = error instanceof Error && error.name === 'ExitPromptError';
    throw left ? modelErrors.CANCELLED({ what: 'qianzhi' }, error) : error;
  }
}

export interface TextQuestion {
  readonly message: string;
  readonly default?: string | undefined;
  /** True, or what is wrong with the answer. */
  readonly validate?: (text: string) => string | true;
}

export function askText({ message, default: preset, validate = () => true }: TextQuestion): Promise<string> {
  return ask(({ input }, place) =>
    input({ message, validate, ...(preset !== undefined && { default: preset }) }, place),
  );
}

export function askSecret(message: string): Promise<string> {
  return ask(({ password }, place) => password({ message, mask: '*' }, place));
}

export function askYes(message: string, preset: boolean): Promise<boolean> {
  return ask(({ confirm }, place) => confirm({ message, default: preset, transformer: yesWord }, place));
}

/** Has a person confirm what a command is about to do. Throws QZ_CLI_INPUT_NEEDED without a terminal, CANCELLED for a no. */
export async function confirmed(question: string, yes: boolean, command: string): Promise<void> {
  if (yes) return;
  if (!canAsk()) {
    const what = currentLanguage() === 'zh' ? '确认' : 'a confirmation';
    throw cliErrors.INPUT_NEEDED({ what, flag: '--yes' });
  }
  if (!(await askYes(question, false))) throw modelErrors.CANCELLED({ what: command });
}

function yesWord(answer: boolean): string {
  const [yes, no] = currentLanguage() === 'zh' ? ['是', '否'] : ['yes', 'no'];
  return answer ? yes : no;
}

/** Keys that work, in the language of the question. */
function keysHelpTip(keys: readonly (readonly [key: string, action: string])[]): string {
  const zh: Readonly<Record<string, string>> = { navigate: '移动', select: '选定' };
  return keys
    .map(([key, action]) => `${key} ${(currentLanguage() === 'zh' && zh[action]) || action}`)
    .join(' · ');
}

export interface Choice<T> {
  readonly value: T;
  readonly name: string;
  /** Shown below the list while it is chosen. */
  readonly description?: string;
}

const PAGE = 12;
const theme = { style: { keysHelpTip } };

/** One of several; of many, those that hold what is typed. */
export function askChoice<T>(message: string, choices: readonly Choice<T>[], preset?: T): Promise<T> {
  if (choices.length <= PAGE)
    return ask(({ select }, place) =>
      select<T>({ message, choices, theme, ...(preset !== undefined && { default: preset }) }, place),
    );
  const source = (typed: string | undefined) =>
    choices.filter(({ name }) => name.toLowerCase().includes((typed ?? '').toLowerCase()));
  return ask(({ search }, place) => search<T>({ message, source, theme, pageSize: PAGE }, place));
}
