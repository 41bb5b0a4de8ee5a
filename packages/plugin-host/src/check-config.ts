import { checkShape, isQianzhiError } from '@qianzhi/model';
import type { Static, TSchema } from '@qianzhi/model/schema';
import { hostErrors } from './errors.js';

/**
 * Checks one part of a config against the schema of the plugin it is for, fills its defaults in place and answers
 * it typed. `path` is where the part stands (`connectors.civil`), so that the message names the place in the
 * user's file. Throws QZ_PLUGIN_CONFIG_WRONG; the value itself is never in the message.
 */
export function checkPluginConfig<T extends TSchema>(schema: T, config: unknown, path: string): Static<T> {
  try {
    return checkShape(schema, config, path);
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_MODEL_SHAPE_WRONG')) throw error;
    const { where, problem } = error.details;
    throw hostErrors.CONFIG_WRONG({ path: placeOf(path, String(where)), problem }, error);
  }
}

/** `connectors.civil` and `/tables/0/name` → `connectors.civil.tables.0.name`. */
function placeOf(path: string, pointer: string): string {
  const steps = pointer
    .split('/')
    .filter((step) => step !== '')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return [path, ...steps].filter((step) => step !== '').join('.');
}
