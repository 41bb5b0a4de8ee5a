import type { Lookup, QueryService } from '@qianzhi/model';
import { MAX_LOOKUPS } from '@qianzhi/model';
import { cliErrors } from '../errors.js';
import { readInput } from '../input.js';

/** `--param code=91110000…`, one set of parameters. Throws QZ_CLI_FLAG_WRONG. */
export function parseParameters(texts: readonly string[]): Lookup {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      // what stands there may be a person's number: it is not repeated
      if (at < 1) throw cliErrors.FLAG_WRONG({ flag: '--param', value: '…', shape: 'name=value' });
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/**
 * Sets of parameters of a file, one a line: a JSON object, or the value of the service's only parameter that is not given otherwise.
 * Empty lines are none. Throws QZ_CLI_FILE_WRONG with the line.
 */
export async function readLookups(file: string, given: Lookup, service: QueryService): Promise<Lookup[]> {
  const open = service.parameters.filter(({ name }) => !Object.hasOwn(given, name));
  const required = open.filter((parameter) => parameter.required);
  const only = required.length === 1 ? required[0] : open.length === 1 ? open[0] : undefined;
  const lookups: Lookup[] = [];
  for (const [at, line] of (await readInput(file))
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue;
    const wrong = (zh: string, en: string, cause?: unknown) =>
      cliErrors.FILE_WRONG({ file, line: at + 1, problem: { zh, en } }, cause);
    if (lookups.length === MAX_LOOKUPS)
      throw wrong(
        `最多 ${MAX_LOOKUPS} 组参数,请分几次查询`,
        `there may be ${MAX_LOOKUPS} sets: ask several times`,
      );
    if (line.startsWith('{')) lookups.push({ ...given, ...parsed(line, wrong) });
    else if (only) lookups.push({ ...given, [only.name]: line });
    else
      throw wrong(
        open.length === 0
          ? '参数已全部由 --param 给出,去掉 --keys 或 --param'
          : '该查询服务有多个参数,每行须为 JSON 对象',
        open.length === 0
          ? '--param gives every parameter already: leave out --keys or --param'
          : 'the service has several parameters: each line is to be a JSON object',
      );
  }
  return lookups;
}

function parsed(line: string, wrong: (zh: string, en: string, cause?: unknown) => Error): Lookup {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw wrong('不是 JSON', 'it is no JSON', cause);
  }
  const isLookup = Object.values(value as object).every((one) => one === null || typeof one === 'string');
  if (!isLookup) throw wrong('各参数须为字符串或 null', 'each parameter is to be a text or null');
  return value as Lookup;
}
