import {
  type CatalogResource,
  CatalogResourceSchema,
  checkShape,
  isQianzhiError,
  type LocalText,
} from '@qianzhi/model';
import type { YamlText } from '@qianzhi/model/yaml';
import { cliErrors } from '../errors.js';
import { readInput } from '../input.js';

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

/** Every entry of a catalog file and everything wrong with its shape, each with its line. Throws where it is no YAML. */
export async function readCatalogEntries(file: string): Promise<readonly EntryOfFile[]> {
  const { parseYaml } = await import('@qianzhi/model/yaml');
  const parsed = parseYaml(await readInput(file));
  if ('problem' in parsed) throw cliErrors.FILE_WRONG({ file, ...parsed });
  return entriesIn(parsed);
}

/** An entry with the lines of its parts, or what is wrong with it. */
export type EntryOfFile =
  | { readonly resource: CatalogResource; lineOf(item?: string): number }
  | { readonly line: number; readonly problem: LocalText; readonly cause: unknown };

function resourcesIn(file: string, parsed: YamlText): CatalogResource[] {
  return entriesIn(parsed).map((entry) => {
    if ('resource' in entry) return entry.resource;
    const { line, problem, cause } = entry;
    throw cliErrors.FILE_WRONG({ file, line, problem }, cause);
  });
}

function entriesIn({ value, lineOf }: YamlText): EntryOfFile[] {
  const many = (value as { resources?: unknown } | null)?.resources;
  const list = Array.isArray(many) ? many : [value];
  return list.map((entry, index) => {
    const pointer = Array.isArray(many) ? `/resources/${index}` : '';
    try {
      const resource = checkShape(CatalogResourceSchema, entry, 'CatalogResource');
      return {
        resource,
        lineOf(item) {
          const at = resource.items.findLastIndex(({ column }) => column === item);
          return lineOf(at < 0 ? `${pointer}/code` : `${pointer}/items/${at}`);
        },
      };
    } catch (cause) {
      if (!isQianzhiError(cause)) throw cause;
      const { where, problem } = cause.details as { where: string; problem: LocalText };
      const told = { zh: `${where} ${problem.zh}`, en: `${where} ${problem.en}` };
      return { line: lineOf(`${pointer}${where}`), problem: told, cause };
    }
  });
}
