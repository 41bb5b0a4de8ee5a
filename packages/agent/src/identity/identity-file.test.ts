import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identityAt } from '../testing/identity.js';
import { tempFolder } from '../testing/temp-folder.js';
import { identityFile, readIdentity, writeIdentity } from './identity-file.js';

describe('the identity file', () => {
  it('comes back as it was, readable by its owner alone, with nothing left beside it', async () => {
    const stateDir = join(await tempFolder(), 'state');
    const identity = identityAt('http://127.0.0.1:1');
    await writeIdentity(stateDir, identity);
    expect(await readIdentity(stateDir)).toEqual(identity);
    expect((await stat(identityFile(stateDir))).mode & 0o777).toBe(0o600);
    expect((await stat(stateDir)).mode & 0o777).toBe(0o700);
    expect(await readdir(stateDir)).toEqual(['identity.json']);
  });

  it('is undefined before enrolment', async () => {
    expect(await readIdentity(await tempFolder())).toBeUndefined();
  });

  it.each([
    ['cut off', '{"version": 1, "agent": "mz'],
    ['of another version', JSON.stringify({ ...identityAt('http://a'), version: 2 })],
    ['without its platform key', JSON.stringify({ ...identityAt('http://a'), platformKeys: [] })],
  ])('%s is broken, and no key is shown', async (_, text) => {
    const stateDir = await tempFolder();
    await writeFile(identityFile(stateDir), text);
    const error = await readIdentity(stateDir).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'QZ_AGENT_IDENTITY_BROKEN', kind: 'integrity' });
    expect(JSON.stringify(error)).not.toContain('PRIVATE');
    expect(String(error)).not.toContain('PRIVATE');
  });
});
