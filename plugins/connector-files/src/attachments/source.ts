import { isQianzhiError } from '@qianzhi/model';
import type { PluginContext, Source, SourceSpec } from '@qianzhi/plugin-api';
import type { FilesConfig } from '../config.js';
import { classify } from '../folder/classify.js';
import { requireFolder } from '../folder/list.js';
import { stateOf } from '../source/checkpoint.js';
import { putAside } from '../source/confirm.js';
import { readingOf } from '../source/source.js';
import { readParts } from './read-parts.js';

/** Opens a source of files that are carried as they are: documents, images, video. */
export async function openFileSource(
  config: FilesConfig,
  spec: SourceSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Source> {
  const reading = readingOf(config, spec, context, signal);
  const { folder, resource } = reading;
  await requireFolder(folder);
  return {
    async *read(checkpoint, limits, signal) {
      try {
        yield* readParts(reading, checkpoint, limits, signal);
      } catch (error) {
        throw isQianzhiError(error) ? error : classify(error, 'read', folder);
      }
    },
    async confirm(checkpoint, signal, held) {
      // ten thousand names need not be read after each receipt to do nothing with them
      if (reading.spec.done === 'keep' && reading.spec.acknowledge === undefined) return;
      await putAside(reading, stateOf(checkpoint, 'files', resource.code), signal, held);
    },
    notices: () => [...reading.notices.values()],
    async [Symbol.asyncDispose]() {},
  };
}
