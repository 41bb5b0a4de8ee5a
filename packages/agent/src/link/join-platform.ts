import { batchMemory } from '@qianzhi/engine';
import type { Assignments, Delivery } from '@qianzhi/model';
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
  const grants = {
    covers: (delivery: Delivery) => coversDelivery(link.assignments(), delivery),
    refresh: link.refresh,
  };
  return { link, channel: createHttpChannel(link.client, batchMemory, grants) };
}

function coversDelivery(assignments: Assignments | undefined, { delivery, manifest }: Delivery): boolean {
  const { agreement, grantVersion } = delivery;
  const found = assignments?.consume.find(
    ({ grant: { body } }) => body.agreement === agreement && body.grantVersion === grantVersion,
  );
  return found?.resources.some((one) => one.schemaVersion === manifest.body.schemaVersion) ?? false;
}
