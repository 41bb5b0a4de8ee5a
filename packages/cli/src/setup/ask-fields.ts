import { askedFields, type ConfigField, fieldProblem, fieldValue } from '@qianzhi/agent';
import { currentLanguage } from '@qianzhi/model';
import { askChoice, askSecret, askText, askYes } from '../ask.js';
import { fieldLabel } from './set-flags.js';

const say = (zh: string, en: string) => (currentLanguage() === 'zh' ? zh : en);

export interface Answers {
  readonly values: Map<string, unknown>;
  readonly secrets: Map<string, string>;
}

const isAnswered = ({ values, secrets }: Answers, key: string) => values.has(key) || secrets.has(key);

/** Fields without which the config cannot be, and that nobody has given. */
export function missingFields(fields: readonly ConfigField[], answers: Answers): ConfigField[] {
  return fields.filter(({ key, required }) => required && !isAnswered(answers, key));
}

/** Asks for what is missing, and for secrets. */
export async function askMissing(fields: readonly ConfigField[], answers: Answers): Promise<void> {
  for (const field of askedFields(fields)) {
    if ((field.required || field.secret) && !isAnswered(answers, field.key)) await askField(field, answers);
  }
}

/** Asks for all that leads to the database, and for the rest where the person wants to. Earlier answers are proposed. */
export async function askAll(fields: readonly ConfigField[], answers: Answers): Promise<void> {
  const asked = askedFields(fields);
  for (const field of asked) await askField(field, answers);
  const others = fields.filter((field) => !asked.includes(field));
  if (others.length === 0) return;
  const names = others.map(({ key }) => key).join(', ');
  const change = say(
    `其余用默认值(${names}),要修改吗?`,
    `the others keep their defaults (${names}); change any?`,
  );
  if (await askYes(change, false)) for (const field of others) await askField(field, answers);
}

async function askField(field: ConfigField, answers: Answers): Promise<void> {
  const message = fieldLabel(field);
  if (field.secret) {
    const secret = await askSecret(
      `${message} ${field.required ? '' : say('(没有则回车)', '(Enter for none)')}`.trim(),
    );
    if (secret !== '') answers.secrets.set(field.key, secret);
    return;
  }
  const before = answers.values.get(field.key) ?? field.default;
  const value = await askValue(field, message, before);
  if (value === undefined || (value === field.default && !answers.values.has(field.key))) return;
  answers.values.set(field.key, value);
}

async function askValue(field: ConfigField, message: string, before: unknown): Promise<unknown> {
  if (field.kind === 'boolean') return askYes(message, before === true);
  if (field.kind === 'choice') {
    const none = field.required || field.default !== undefined ? [] : [{ value: undefined, name: '—' }];
    const choices = field.choices.map((value) => ({ value, name: String(value) }));
    return askChoice<unknown>(message, [...none, ...choices], before);
  }
  const text = await askText({
    message,
    default: before === undefined ? undefined : textOf(before),
    validate: (typed) => {
      if (typed === '') return !field.required || say('不能为空', 'it cannot be empty');
      return fieldProblem(field, fieldValue(field, typed))?.[currentLanguage()] ?? true;
    },
  });
  return text === '' ? undefined : fieldValue(field, text);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
