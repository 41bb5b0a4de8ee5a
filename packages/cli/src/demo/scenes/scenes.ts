import type { Scene } from './scene.js';

/** By the name that `--scene` takes; each is loaded when it is played. */
export const scenes: Readonly<Record<string, () => Promise<Scene>>> = {
  sftp: async () => (await import('./sftp/sftp.js')).playSftp,
};
