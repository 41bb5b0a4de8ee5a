import { readFile, stat } from 'node:fs/promises';
import { readUtf8, systemCode, systemReason } from '@qianzhi/model';
import { askSecret, canAsk } from './ask.js';
import { cliErrors } from './errors.js';

/**
 * A file's text, or standard input for `-`. Throws QZ_CLI_FILE_MISSING, _FILE_UNREADABLE or, for other than UTF-8,
 * _FILE_WRONG with the line.
 */
export async function readInput(file: string): Promise<string> {
  const read = readUtf8(await readBytes(file));
  if ('text' in read) return read.text;
  const problem = { zh: '不是 UTF-8 文本(可能是 GBK)', en: 'it is not UTF-8 text (it may be GBK)' };
  throw cliErrors.FILE_WRONG({ file, line: read.wrongLine, problem });
}

/** For a file that others read. Throws QZ_CLI_FILE_MISSING, or _FILE_UNREADABLE for a folder and what cannot be looked at. */
export async function requireFile(file: string): Promise<void> {
  try {
    if ((await stat(file)).isFile()) return;
  } catch (cause) {
    throw unreadable(file, cause);
  }
  throw cliErrors.FILE_UNREADABLE({ file, reason: { zh: '不是文件', en: 'it is no file' } });
}

function unreadable(file: string, cause: unknown): Error {
  return systemCode(cause) === 'ENOENT'
    ? cliErrors.FILE_MISSING({ file }, cause)
    : cliErrors.FILE_UNREADABLE({ file, reason: systemReason(cause) }, cause);
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return file === '-' ? await readStandardInput() : await readFile(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

async function readStandardInput(): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts);
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
  if (!canAsk()) throw cliErrors.INPUT_NEEDED({ what: source.what, flag: source.flag });
  return askSecret(source.prompt);
}
