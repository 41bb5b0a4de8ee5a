import { resolve } from 'node:path';
import { catalogFileErrors } from './errors.js';

/** What a file that is to be written is by its name. Throws QZ_CLI_EXPORT_FORMAT. */
export function requireFormat(out: string): { readonly file: string; readonly format: 'xlsx' | 'yaml' } {
  const file = resolve(out);
  if (/\.xlsx$/i.test(out)) return { file, format: 'xlsx' };
  if (/\.ya?ml$/i.test(out)) return { file, format: 'yaml' };
  throw catalogFileErrors.EXPORT_FORMAT({ file: out });
}
