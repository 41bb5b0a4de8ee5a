import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { writeIdentity } from './identity/identity-file.js';
import { startAgent } from './start-agent.js';
import { identityAt } from './testing/identity.js';
import { tempFolder } from './testing/temp-folder.js';

it('a config that is changed while the start waits for the platform is taken', async () => {
  const folder = await tempFolder();
  const stateDir = join(folder, 'state');
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const file = join(folder, 'agent.yaml');
  const write = (more: string) =>
    writeFile(file, `platform: { url: "${url}" }\nstateDir: ./state\nlog: { level: error }\n${more}`);
  await write('');
  await mkdir(stateDir, { mode: 0o700 });
  await writeIdentity(stateDir, identityAt(url));

  const starting = startAgent(file, new AbortController().signal);
  const [asked] = (await once(silent, 'connection')) as [Socket];
  await write('limits: { concurrentJobs: 2 }\n');
  silent.close();
  asked.destroy();
  const agent = await starting;
  onTestFinished(() => agent.stop());
  await vi.waitFor(() => expect(agent.status().config.restartFor).toEqual(['limits']), 15_000);
});
