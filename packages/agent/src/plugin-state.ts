import { hkdfSync } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemReason } from '@qianzhi/model';
import type { PluginContext } from '@qianzhi/plugin-api';
import { agentErrors } from './errors.js';
import { readIdentity } from './identity/identity-file.js';

const NAME = /^[a-z][a-z0-9-]{0,30}$/;

/** What plugins keep in the state folder: see `PluginContext.keep`. Throws QZ_AGENT_NOT_ENROLLED and _STATE_DIR_UNWRITABLE. */
export function keepIn(stateDir: string): NonNullable<PluginContext['keep']> {
  return async (name) => {
    if (!NAME.test(name)) throw new Error(`no name of a folder: ${name}`);
    const identity = await readIdentity(stateDir);
    if (!identity) throw agentErrors.NOT_ENROLLED({ stateDir });
    const folder = join(stateDir, name);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw agentErrors.STATE_DIR_UNWRITABLE({ stateDir, reason: systemReason(cause) }, cause);
    }
    const secret = Buffer.from(identity.localSecret, 'base64url');
    return { folder, key: new Uint8Array(hkdfSync('sha256', secret, '', `qianzhi:plugin:${name}`, 32)) };
  };
}
