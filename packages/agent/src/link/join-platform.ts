import { batchMemory } from '@qianzhi/engine';
import type { Channel, PluginLog } from '@qianzhi/plugin-api';
import type { LoadedConfig } from '../config/load.js';
import type { Identity } from '../identity/identity-file.js';
import { agentVersion } from '../version.js';
import { createHttpChannel } from './http-channel.js';
import { createPackageLink, type Packages } from './packages/package-link.js';
import { createPlatformLink, type PlatformLink } from './platform-link.js';

export interface Joined {
  readonly link: PlatformLink;
  readonly channel: Channel;
  readonly packages?: Packages;
}

/** Over a line, or by packages where the config names their folders. */
export async function joinPlatform(
  { config, stateDir, folder }: LoadedConfig,
  identity: Identity,
  log: PluginLog,
  onChange: () => void,
  onFenced: (reason: unknown) => void,
): Promise<Joined> {
  const now = () => new Date();
  if (config.packages) {
    return createPackageLink({ identity, stateDir, now, log, onChange }, config.packages, folder);
  }
  const { url } = config.platform;
  const link = createPlatformLink({
    identity,
    url,
    stateDir,
    version: agentVersion,
    now,
    log,
    onChange,
    onFenced,
  });
  return { link, channel: createHttpChannel(link.client, batchMemory) };
}
