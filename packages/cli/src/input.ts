import { readFile } from 'node:fs/promises';
import { cliErrors } from './errors.js';

/** A file's text, or standard input for `-`. Throws QZ_CLI_FILE_UNREADABLE. */
export async function readInput(file: string): Promise<string> {
  try {
    return file === '-' ? await readStandardInput() : await readFile(file, 'utf8');
  } catch (cause) {
    throw cliErrors.FILE_UNREADABLE(
      { file, reason: (cause as NodeJS.ErrnoException).code ?? 'unreadable' },
      cause,
    );
  }
}

async function readStandardInput(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

export interface SecretSource {
  /** File given by a flag; `-` is standard input. */
  readonly file: string | undefined;
  readonly prompt: string;
  readonly what: string;
  readonly flag: string;
}

/**
 * A secret from a file, standard input or a hidden prompt: never from the command line, where other users
 * see it. Trailing line ends are left off. Throws QZ_CLI_INPUT_NEEDED when nobody can be asked.
 */
export async function readSecret(source: SecretSource): Promise<string> {
  if (source.file !== undefined) return (await readInput(source.file)).replace(/[\r\n]+$/, '');
  if (!process.stdin.isTTY) throw cliErrors.INPUT_NEEDED({ what: source.what, flag: source.flag });
  const { password } = await import('@inquirer/prompts');
  return password({ message: source.prompt, mask: '*' });
}
