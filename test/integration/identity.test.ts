import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readIdentity, writeIdentity } from '../../packages/agent/src/identity/identity-file.js';
import { createFirmSite, type FirmSite } from './firm.js';
import type { SiteAgent } from './site-agent.js';

let site: FirmSite;
let sw: SiteAgent;
beforeEach(async () => {
  site = await createFirmSite({ rows: 5 });
  sw = await site.consumer('sw-1', 'sw');
  await site.subscribe('sw', 'firm');
  await site.mz.start();
  await site.mz.done('out');
});
afterEach(() => site?.close());

/** The folder of sw keeps its name and gets the key of mz, who is running. */
async function mixUp(): Promise<void> {
  const { keyId, publicKey, privateKey } = (await readIdentity(site.mz.stateDir))!;
  const own = (await readIdentity(sw.stateDir))!;
  await writeIdentity(sw.stateDir, { ...own, keyId, publicKey, privateKey });
}

it.each([
  ['that ran before', true],
  ['that never ran', false],
])(
  "an agent %s with another agent's key in its identity file is refused and fences nobody",
  async (_, ran) => {
    if (ran) {
      await sw.start();
      await sw.stop();
    } else {
      await rm(join(sw.stateDir, 'assignments.json'), { force: true });
    }
    await mixUp();
    await expect(sw.start()).rejects.toMatchObject({
      code: 'QZ_AGENT_IDENTITY_FOREIGN',
      details: { agent: 'sw-1', owner: 'mz-1' },
    });
    await sw.kill();
    await site.mz.sync();
    await site.mz.done('out');
  },
);
