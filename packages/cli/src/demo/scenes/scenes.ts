import { dockingScene } from './docking/play.js';
import { webhookScene } from './docking/webhook.js';
import { downloadScene } from './download/play.js';
import { governanceScene } from './governance/play.js';
import { queryScene } from './query/play.js';
import type { Scene } from './scene.js';
import { sftpScene } from './sftp/sftp.js';

/** By the name that `--scene` takes. */
export const scenes: Readonly<Record<string, Scene>> = {
  docking: dockingScene,
  download: downloadScene,
  governance: governanceScene,
  query: queryScene,
  sftp: sftpScene,
  webhook: webhookScene,
};
