import { readFile } from 'node:fs/promises';
import { readUtf8, systemCode, systemReason } from '@qianzhi/model';
import { parseYaml, type YamlText } from '@qianzhi/model/yaml';
import { agentErrors } from '../errors.js';

/** A parsed YAML file. */
export interface ConfigDocument extends YamlText {
  readonly file: string;
}

/** Throws QZ_AGENT_CONFIG_MISSING, _CONFIG_UNREADABLE, or with the line _CONFIG_ENCODING or _CONFIG_SYNTAX. */
export async function readDocument(file: string): Promise<ConfigDocument> {
  return parseDocument(file, await readConfigText(file));
}

/** Throws what `readDocument` does, but for syntax. */
export async function readConfigText(file: string): Promise<string> {
  const read = readUtf8(await readBytes(file));
  if ('wrongLine' in read) throw agentErrors.CONFIG_ENCODING({ file, line: read.wrongLine });
  return read.text;
}

/** A text as what the file is going to hold. Throws QZ_AGENT_CONFIG_SYNTAX. */
export function parseDocument(file: string, text: string): ConfigDocument {
  const parsed = parseYaml(text);
  if ('problem' in parsed) throw agentErrors.CONFIG_SYNTAX({ file, ...parsed });
  return { ...parsed, file, value: parsed.value ?? {} };
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const absent = ['ENOENT', 'ENOTDIR'].includes(systemCode(cause) ?? '');
    if (absent) throw agentErrors.CONFIG_MISSING({ file }, cause);
    throw agentErrors.CONFIG_UNREADABLE({ file, reason: systemReason(cause) }, cause);
  }
}
