import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isQianzhiError, systemReason } from '@qianzhi/model';
import { agentErrors } from '../errors.js';
import type { ConfigDocument } from './document.js';
import type { Report } from './report.js';

const PLACE = /\$\{(env|file):([^}]+)\}/g;

/**
 * Replaces `${env:NAME}` and `${file:path}` in every text of the config. A file's trailing line ends are left off; its path
 * is relative to the config's folder. Reports QZ_AGENT_SECRET_* naming the place, never the value; the text then stays as
 * it stands. A secret file that others may read is refused on systems that have file modes. `unwritten`: what files are going
 * to hold, by path.
 */
export function resolveSecrets(
  document: ConfigDocument,
  folder: string,
  env: NodeJS.ProcessEnv,
  report: Report,
  unwritten: ReadonlyMap<string, string> = new Map(),
): unknown {
  function resolveText(text: string, pointer: string): string {
    return text.replace(PLACE, (written, source: string, name: string) => {
      const place = { file: document.file, line: document.lineOf(pointer), where: pointer };
      try {
        if (source === 'env') return fromEnv(name, env, place);
        const path = resolve(folder, name);
        return unwritten.get(path) ?? fromFile(path, place);
      } catch (error) {
        if (!isQianzhiError(error)) throw error;
        report(error, pointer);
        return written;
      }
    });
  }
  function walk(value: unknown, pointer: string): unknown {
    if (typeof value === 'string') return resolveText(value, pointer);
    if (Array.isArray(value)) return value.map((entry, index) => walk(entry, `${pointer}/${index}`));
    if (value !== null && typeof value === 'object') {
      const entries = Object.entries(value).map(([name, entry]) => {
        const part = name.replaceAll('~', '~0').replaceAll('/', '~1');
        return [name, walk(entry, `${pointer}/${part}`)];
      });
      return Object.fromEntries(entries);
    }
    return value;
  }
  return walk(document.value, '');
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly where: string;
}

function fromEnv(name: string, env: NodeJS.ProcessEnv, place: Place): string {
  const value = env[name];
  if (value === undefined) throw agentErrors.SECRET_ENV_MISSING({ ...place, name });
  return value;
}

function fromFile(path: string, place: Place): string {
  const mode = modeOf(path, place);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw agentErrors.SECRET_FILE_OPEN({ path, mode: (mode & 0o777).toString(8) });
  }
  try {
    return readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
  } catch (cause) {
    throw unreadable(path, place, cause);
  }
}

function modeOf(path: string, place: Place): number {
  try {
    return statSync(path).mode;
  } catch (cause) {
    throw unreadable(path, place, cause);
  }
}

function unreadable(path: string, place: Place, cause: unknown) {
  return agentErrors.SECRET_FILE_UNREADABLE({ ...place, path, reason: systemReason(cause) }, cause);
}
