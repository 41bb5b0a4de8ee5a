import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectorHarness, ConnectorSite, Sshd } from '@qianzhi/testing';
import { startSshd } from '@qianzhi/testing';
import { sftpConnector } from '../remote/connector.js';
import { filesHarness, placesIn } from './harness.js';

/** The same files, reached through a real OpenSSH server. */
export const sftpHarness: ConnectorHarness = {
  ...filesHarness,
  name: 'sftp',
  connector: sftpConnector,
  unsupported: Object.fromEntries(
    Object.entries(filesHarness.unsupported).filter(([group]) => group !== 'secrets'),
  ),
  openSite,
};

/** A config that reaches the server's folder; `mirror`: the folder for copies. */
export function configOf(sshd: Sshd, mirror: string, more: object = {}) {
  const { port, user, folder, privateKey, fingerprint } = sshd;
  const base = { host: '127.0.0.1', port, user, folder, path: mirror, privateKey, timeoutSeconds: 10 };
  return { ...base, hostFingerprint: fingerprint, ...more };
}

async function openSite(): Promise<ConnectorSite> {
  const sshd = await startSshd();
  const mirror = await mkdtemp(join(tmpdir(), 'qianzhi-mirror-'));
  const config = configOf(sshd, mirror);
  const nowhere = join(sshd.folder, 'nowhere');
  return {
    ...placesIn(sshd.folder),
    config,
    secret: sshd.privateKey,
    wrongConfigs: [
      { name: 'a folder that is not there', config: { ...config, folder: nowhere }, kinds: ['config'] },
      { name: 'another user', config: { ...config, user: 'nobody-here' }, kinds: ['auth'] },
      {
        name: 'another host key',
        config: { ...config, hostFingerprint: `SHA256:${'A'.repeat(43)}` },
        kinds: ['auth'],
      },
      { name: 'nobody listening', config: { ...config, port: 1 }, kinds: ['unavailable'] },
    ],
    async [Symbol.asyncDispose]() {
      await sshd[Symbol.asyncDispose]();
      await rm(mirror, { recursive: true, force: true });
    },
  };
}
