import {
  type CatalogResource,
  checkResource,
  type Department,
  type LocalText,
  readTemplate,
} from '@qianzhi/model';
import { readXlsx } from './read-xlsx.js';
import { readCatalogEntries } from './read-yaml.js';

/** One thing wrong in a catalog file, with its place. */
export interface FileFinding {
  readonly level: 'error' | 'warning';
  readonly code: string;
  readonly sheet?: string;
  readonly row?: number;
  readonly cell?: string;
  readonly line?: number;
  readonly texts: LocalText;
}

/** Where something stands in a catalog file. */
export type FilePlace = Pick<FileFinding, 'sheet' | 'row' | 'cell' | 'line'>;

export interface CatalogFile {
  readonly resources: readonly CatalogResource[];
  readonly findings: readonly FileFinding[];
  placeOf(resource: string, column?: string): FilePlace | undefined;
}

export const isXlsx = (file: string) => /\.xls[xm]$/i.test(file);

/** Resources of a file of the national template or of YAML, and everything that is wrong with it. */
export async function readCatalog(
  file: string,
  departments: readonly Department[],
  signal: AbortSignal,
): Promise<CatalogFile> {
  return isXlsx(file) ? readTemplate(await readXlsx(file, signal), departments) : readYaml(file, departments);
}

async function readYaml(file: string, departments: readonly Department[]): Promise<CatalogFile> {
  const entries = await readCatalogEntries(file);
  const findings = entries.flatMap((entry): FileFinding[] => {
    if (!('resource' in entry)) {
      const { line, problem } = entry;
      return [{ level: 'error', code: 'SHAPE', line, texts: problem }];
    }
    const { resource, lineOf } = entry;
    const police = departments.some(({ id, police }) => id === resource.department && police);
    return checkResource(resource, { police }).map(({ level, code, item, texts }) => ({
      level,
      code,
      line: lineOf(item),
      texts,
    }));
  });
  return {
    resources: entries.flatMap((entry) => ('resource' in entry ? [entry.resource] : [])),
    findings,
    placeOf(code, column) {
      const found = entries.find((entry) => 'resource' in entry && entry.resource.code === code);
      return found && 'resource' in found ? { line: found.lineOf(column) } : undefined;
    },
  };
}
