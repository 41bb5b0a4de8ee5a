import { join } from 'node:path';
import type { PluginContext } from '@qianzhi/plugin-api';
import { pushErrors } from '../errors.js';
import { createPushLog, type PushLog } from './push-log.js';

interface Held {
  readonly log: PushLog;
  readonly close: () => void;
  uses: number;
}

/** Who pushes and who reads are told of each other's doings: one log for each file of this process. */
const opened = new Map<string, Held>();

const FOLDER = 'pushed';

/** Throws QZ_PUSH_NO_STATE where there is no agent's state folder, and what is wrong with the file. `release` once. */
export async function holdLog(
  resource: string,
  context: PluginContext,
): Promise<{ readonly log: PushLog; release(): void }> {
  const own = await context.keep?.(FOLDER);
  if (!own) throw pushErrors.NO_STATE({ resource });
  const file = join(own.folder, `${resource}.db`);
  let known = opened.get(file);
  if (!known) {
    known = { ...createPushLog(file, resource), uses: 0 };
    opened.set(file, known);
  }
  const held = known;
  held.uses++;
  let released = false;
  return {
    log: held.log,
    release() {
      if (released) return;
      released = true;
      held.uses--;
      if (held.uses > 0) return;
      opened.delete(file);
      held.close();
    },
  };
}
