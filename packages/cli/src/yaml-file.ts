import { isQianzhiError, type LocalText } from '@qianzhi/model';
import { cliErrors } from './errors.js';
import { readInput } from './input.js';

/**
 * What a YAML file (`-`: standard input) holds, as `check` takes it. Throws QZ_CLI_FILE_WRONG with the line where it is no YAML or
 * `check` throws QZ_MODEL_SHAPE_WRONG.
 */
export async function readYamlAs<T>(file: string, check: (value: unknown) => T): Promise<T> {
  const { parseYaml } = await import('@qianzhi/model/yaml');
  const parsed = parseYaml(await readInput(file));
  if ('problem' in parsed) throw cliErrors.FILE_WRONG({ file, ...parsed });
  try {
    return check(parsed.value);
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_MODEL_SHAPE_WRONG')) throw error;
    const { where, problem } = error.details as { where: string; problem: LocalText };
    const told = { zh: `${where} ${problem.zh}`, en: `${where} ${problem.en}` };
    throw cliErrors.FILE_WRONG({ file, line: parsed.lineOf(where), problem: told }, error);
  }
}
