import { randomUUID } from 'node:crypto';
import { access, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemReason } from '@qianzhi/model';
import { agentErrors } from './errors.js';

/** Writes, syncs and removes a file, as sealing does; makes the folder. Throws QZ_AGENT_STATE_DIR_UNWRITABLE. */
export async function proveStateDir(stateDir: string): Promise<void> {
  const probe = join(stateDir, `probe.${randomUUID()}.tmp`);
  try {
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    const file = await open(probe, 'wx', 0o600);
    await file.sync().finally(() => file.close());
    await rm(probe);
  } catch (cause) {
    throw agentErrors.STATE_DIR_UNWRITABLE({ stateDir, reason: systemReason(cause) }, cause);
  }
}

/** Whether an agent ever ran on this state folder. */
export async function everStarted(stateDir: string): Promise<boolean> {
  try {
    await access(join(stateDir, 'instance.lock'));
    return true;
  } catch {
    return false; // not there, or in a folder we may not enter: the state folder's own check says so
  }
}
