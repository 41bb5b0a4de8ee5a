import { chmod, chown, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLog } from '../log.js';
import { tempFolder } from '../testing/temp-folder.js';
import { planConnector } from './add-connector.js';
import { writeChange } from './config-change.js';

const text = '# mine\nplatform: { url: http://127.0.0.1:9 }\nconnectors: {}\n';

async function scene() {
  const folder = await tempFolder();
  const file = join(folder, 'agent.yaml');
  await writeFile(file, text);
  const context = { log: createLog('error', 'test'), now: () => new Date(), tempDir: folder };
  const wanted = {
    name: 'civil',
    type: 'postgres',
    values: new Map<string, unknown>([
      ['host', 'h'],
      ['database', 'd'],
      ['user', 'u'],
    ]),
    secrets: new Map([['password', 'a-Secret-91']]),
  };
  const secret = join(folder, 'civil.password.secret');
  return { folder, file, secret, plan: () => planConnector(file, wanted, context) };
}

describe('a change of agent.yaml', () => {
  it('writes nothing while it is planned', async () => {
    const { folder, file, plan } = await scene();
    const { change } = await plan();
    expect(change.loaded.config.connectors.civil).toMatchObject({ password: 'a-Secret-91' });
    expect(change.text).not.toContain('a-Secret-91');
    expect(await readFile(file, 'utf8')).toBe(text);
    expect(await readdir(folder)).toEqual(['agent.yaml']);
  });

  it('keeps the permissions of the config, and a link to it', async () => {
    const { folder, file, secret, plan } = await scene();
    await chmod(file, 0o640);
    const { change } = await plan();
    const link = join(folder, 'link.yaml');
    await symlink('agent.yaml', link);
    await writeChange({ ...change, file: link });
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect((await stat(secret)).mode & 0o777).toBe(0o600);
    expect(await readFile(link, 'utf8')).toBe(await readFile(file, 'utf8'));
    expect((await readdir(folder)).toSorted()).toEqual(['agent.yaml', 'civil.password.secret', 'link.yaml']);
  });

  it('is refused where somebody else wrote the config meanwhile, and leaves no secret behind', async () => {
    const { folder, file, plan } = await scene();
    const { change } = await plan();
    await writeFile(file, `${text}timeZone: Asia/Shanghai\n`);
    await expect(writeChange(change)).rejects.toMatchObject({
      code: 'QZ_AGENT_CONFIG_CHANGED',
      kind: 'conflict',
    });
    expect(await readFile(file, 'utf8')).toBe(`${text}timeZone: Asia/Shanghai\n`);
    expect(await readdir(folder)).toEqual(['agent.yaml']);
  });

  it.runIf(process.getuid?.() === 0)('made by root belongs to the user that runs the agent', async () => {
    const { folder, file, secret, plan } = await scene();
    await mkdir(join(folder, 'state'));
    await chown(join(folder, 'state'), 65_534, 65_534);
    await chown(file, 65_533, 65_534);
    const { change } = await plan();
    await writeChange(change);
    expect(await stat(secret)).toMatchObject({ uid: 65_534, gid: 65_534 });
    expect(await stat(file)).toMatchObject({ uid: 65_533, gid: 65_534 });
  });
});
