import { actText, holdsFiles, throwIfCancelled } from '@qianzhi/model';
import type { CheckNote, SinkSpec } from '@qianzhi/plugin-api';
import type { FilesConfig } from '../config.js';
import { filesErrors } from '../errors.js';
import { mayChange } from '../folder/list.js';
import { targetColumns, targetOf } from './target.js';

/** Whether a first write could do its work; looks only, so there is nothing to undo. */
export async function tryTarget(
  config: FilesConfig,
  spec: SinkSpec,
  signal: AbortSignal,
): Promise<readonly CheckNote[]> {
  throwIfCancelled(signal, 'try a target');
  const target = await targetOf(config, spec);
  const files = holdsFiles(spec.resource);
  if (!files) await targetColumns(target, spec.resource);
  if (!(await mayChange(target.folder)))
    throw filesErrors.NO_PERMISSION({ doing: actText('write'), path: target.folder });
  const { encoding } = target.spec;
  if (files || encoding.startsWith('utf')) return [];
  return [
    {
      level: 'warning',
      zh: `${encoding} 装不下的字符会使所在行被拒绝`,
      en: `rows with characters that ${encoding} cannot hold are rejected`,
    },
  ];
}
