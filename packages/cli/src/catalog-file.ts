import {
  type CatalogResource,
  CatalogResourceSchema,
  checkShape,
  isQianzhiError,
  type LocalText,
} from '@qianzhi/model';
import type { YamlText } from '@qianzhi/model/yaml';
import { cliErrors } from './errors.js';
import { readInput } from './input.js';

/** The entries of a catalog file, one or a list under `resources`. Throws QZ_CLI_FILE_WRONG with the line. */
export async function readCatalogFile(file: string): Promise<CatalogResource[]> {
  const { parseYaml } = await import('@qianzhi/model/yaml');
  const parsed = parseYaml(await readInput(file));
  if ('problem' in parsed) throw cliErrors.FILE_WRONG({ file, ...parsed });
  return resourcesIn(file, parsed);
}

/** The entry of a code. Throws QZ_CLI_NOT_IN_FILE. */
export function requireInFile(all: readonly CatalogResource[], code: string, file: string): CatalogResource {
  const found = all.find((resource) => resource.code === code);
  if (found) return found;
  throw cliErrors.NOT_IN_FILE({ file, code, known: all.map((one) => one.code).join(', ') });
}

function resourcesIn(file: string, { value, lineOf }: YamlText): CatalogResource[] {
  const many = (value as { resources?: unknown } | null)?.resources;
  const list = Array.isArray(many) ? many : [value];
  return list.map((entry, index) => {
    try {
      return checkShape(CatalogResourceSchema, entry, 'CatalogResource');
    } catch (error) {
      if (!isQianzhiError(error)) throw error;
      const { where, problem } = error.details as { where: string; problem: LocalText };
      const line = lineOf(`${Array.isArray(many) ? `/resources/${index}` : ''}${where}`);
      const told = { zh: `${where} ${problem.zh}`, en: `${where} ${problem.en}` };
      throw cliErrors.FILE_WRONG({ file, line, problem: told }, error);
    }
  });
}
