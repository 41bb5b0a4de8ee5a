import { type ConfigField, fieldProblem, fieldValue, isReference } from '@qianzhi/agent';
import { currentLanguage } from '@qianzhi/model';
import { cliErrors } from '../errors.js';
import { readInput } from '../input.js';

/**
 * The values that `--set KEY=VALUE` gives. A secret is refused, as other users see a command line: only where it is to be found
 * may be said. Throws QZ_CLI_SET_WRONG or _SECRET_IN_ARGUMENT, never repeating the value.
 */
export function setValues(fields: readonly ConfigField[], flags: readonly string[]): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const flag of flags) {
    const at = flag.indexOf('=');
    const key = flag.slice(0, at);
    if (at < 1) throw cliErrors.SET_WRONG({ key: at === 0 ? '=' : flag, problem: shape });
    const field = fields.find((each) => each.key === key);
    const text = flag.slice(at + 1);
    if (field?.secret && !isReference(text)) throw cliErrors.SECRET_IN_ARGUMENT({ key });
    if (!field && !fields.some((each) => key.startsWith(`${each.key}.`) || each.key.startsWith(`${key}.`)))
      throw cliErrors.SET_UNKNOWN({ key, known: knownKeys(fields) });
    const value = fieldValue(field, text);
    const problem = field && fieldProblem(field, value);
    if (problem) throw cliErrors.SET_WRONG({ key, problem });
    values.set(key, value);
  }
  return values;
}

const shape = { zh: '应写作 键=值', en: 'write it as KEY=VALUE' };

function knownKeys(fields: readonly ConfigField[]): string {
  return fields.map(({ key }) => key).join(', ') || '—';
}

/**
 * The secrets that `--secret-file [KEY=]FILE` gives; without a key the first a connector has. `-` is standard input. Throws
 * QZ_CLI_SET_UNKNOWN where there is no such secret, and what `readInput` does.
 */
export async function secretsFrom(
  fields: readonly ConfigField[],
  flags: readonly string[],
): Promise<Map<string, string>> {
  const secret = fields.filter((field) => field.secret);
  const secrets = new Map<string, string>();
  for (const flag of flags) {
    const named = /^([\w.-]+)=(.*)$/s.exec(flag);
    const key = named?.[1] ?? secret[0]?.key;
    if (key === undefined || !secret.some((field) => field.key === key))
      throw cliErrors.SET_UNKNOWN({ key: key ?? '--secret-file', known: knownKeys(secret) });
    secrets.set(key, (await readInput(named?.[2] ?? flag)).replace(/[\r\n]+$/, ''));
  }
  return secrets;
}

/** A field's name for a question, with what the schema says of it. */
export function fieldLabel({ key, description }: ConfigField): string {
  if (description === undefined) return key;
  const [zh, en] = description.split(/\s*\/ (?=[^/]*$)/);
  return `${key} · ${(currentLanguage() === 'zh' ? zh : en) ?? description}`;
}
