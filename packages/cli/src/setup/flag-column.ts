import type { TableDescription } from '@qianzhi/agent';
import { currentLanguage } from '@qianzhi/model';
import { askChoice, askText } from '../ask.js';
import { cliErrors } from '../errors.js';

export interface FlagFlags {
  readonly 'flag-column'?: string | undefined;
  readonly pending?: string | undefined;
  readonly done?: string | undefined;
}

const say = (zh: string, en: string) => (currentLanguage() === 'zh' ? zh : en);

/** The flags as `--set` would say them. */
export function flagSettings({ 'flag-column': column, pending, done }: FlagFlags): string[] {
  return Object.entries({ column, pending, done }).flatMap(([key, value]) =>
    value === undefined ? [] : [`flag.${key}=${value}`],
  );
}

/** Asks for the pick-up column where nobody told it. Throws INPUT_NEEDED where nobody can be asked. */
export async function flagColumn(
  { columns }: TableDescription,
  values: ReadonlyMap<string, unknown>,
  asks: boolean,
): Promise<ReadonlyMap<string, unknown>> {
  if (values.has('flag') || values.has('flag.column')) return values;
  if (!asks) {
    const what = say('标志列', 'the pick-up column');
    throw cliErrors.INPUT_NEEDED({ what, flag: '--flag-column COLUMN [--pending 0] [--done 1]' });
  }
  const choices = columns.map(({ name, comment }) => ({ value: name, name: [name, comment].join('  ') }));
  const column = await askChoice(say('标志列', 'pick-up column'), choices);
  const pending = await askText({ message: say('待取的值', 'value of pending rows'), default: '0' });
  const done = await askText({ message: say('收到回执后置为', 'set to, once receipted'), default: '1' });
  return new Map([
    ...values,
    ['flag.column', column],
    ['flag.pending', asValue(pending)],
    ['flag.done', asValue(done)],
  ]);
}

/** As YAML would have it: digits are a number. */
function asValue(text: string): string | number {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}
