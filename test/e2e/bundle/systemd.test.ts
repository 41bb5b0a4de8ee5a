import { createHash } from 'node:crypto';
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { canContain, runUnderSystemd } from './container.js';
import { bundle } from './installation.js';

vi.setConfig({ hookTimeout: 1_200_000 });

const able = canContain || process.env.QZ_REQUIRE_SERVICES === '1';

describe.skipIf(!able)(`under systemd${able ? '' : ' (needs root and systemd-nspawn)'}`, () => {
  let folder: string;
  let output = '';
  let said: Record<string, string> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'qianzhi-systemd-'));
    const versions = ['0.1.0', '0.1.1'].map((version) =>
      bundle(folder, '--version', version, '--folder-only'),
    );
    versions.push(await brokenVersion(versions[1]!, '0.1.2'));
    const script = fileURLToPath(new URL('under-systemd.sh', import.meta.url));
    const args = versions.map((path) => `/srv/given/${basename(path)}`);
    output = await runUnderSystemd(folder, script, args);
    said = Object.fromEntries(
      [...output.matchAll(/^([a-z]+\.\w+)=(.*)$/gm)].map(([, key, value]) => [key!, value!]),
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const running = (step: string, version: string) => ({
    [`${step}.version`]: `@qianzhi/cli/${version}`,
    [`${step}.agent`]: 'active',
    [`${step}.platform`]: 'active',
    [`${step}.command`]: expect.stringContaining(`/opt/qianzhi/versions/${version}/runtime/bin/node `),
    [`${step}.status`]: expect.stringContaining(`version ${version}, `),
  });

  it('runs agent and platform as their units say', () => {
    expect(said, output).toMatchObject({
      'install.code': '0',
      ...running('install', '0.1.0'),
      'install.doctor': '0',
      'install.owner': 'qianzhi-agent:700 qianzhi-agent:600 ',
      'install.NoNewPrivs': '1',
      'install.Seccomp': '2',
      'install.CapEff': '0000000000000000',
      'install.CapBnd': '0000000000000000',
      'install.memory': String(3 * 1024 ** 3),
    });
    expect(said['install.Uid']).not.toBe('0');
  });

  it('takes a changed config by `systemctl reload`, and goes on where it is wrong', () => {
    expect(said, output).toMatchObject({
      'reload.right': '0',
      'reload.wrong': '1',
      'reload.agent': 'active',
    });
  });

  it('an upgrade starts both again', () => {
    expect(said, output).toMatchObject({ 'upgrade.code': '0', ...running('upgrade', '0.1.1') });
  });

  it('a version that converts the state and then ends gives way to the one before, with its state', () => {
    expect(said, output).toMatchObject({ 'broken.code': '1', ...running('broken', '0.1.1') });
    expect(said['broken.current']).toContain('"current":true');
    expect(output).toContain('back at 0.1.1');
  });

  it('rolls back, uninstalls, and leaves nothing after --purge', () => {
    expect(said, output).toMatchObject({
      'rollback.code': '0',
      ...running('rollback', '0.1.0'),
      'uninstall.code': '0',
      'uninstall.kept': '3',
      'uninstall.agent': 'inactive',
      'purge.code': '0',
      'purge.left': '0',
      'purge.user': '',
    });
  });
});

/** A later release with one more step of the agent's state, which ends once the agent has started. */
async function brokenVersion(from: string, version: string): Promise<string> {
  const folder = from.replace('0.1.1', version);
  await cp(from, folder, { recursive: true, verbatimSymlinks: true });
  await writeFile(join(folder, 'VERSION'), `${version}\n`);
  const dist = join(folder, 'app/packages/engine/dist/bundled/index.js');
  await appendFile(dist, '\nmigrations.push("CREATE TABLE later (n INTEGER)");\n');
  const start = join(folder, 'app/packages/cli/dist/commands/agent/start.js');
  const text = await readFile(start, 'utf8');
  await writeFile(start, text.replace('const interrupted', 'process.exit(1);\n        const interrupted'));
  const sums = (await readFile(join(folder, 'SHA256SUMS'), 'utf8')).trim().split('\n');
  const anew = sums.map(async (line) => {
    const path = line.slice(66);
    return `${createHash('sha256')
      .update(await readFile(join(folder, path)))
      .digest('hex')}  ${path}`;
  });
  await writeFile(join(folder, 'SHA256SUMS'), `${(await Promise.all(anew)).join('\n')}\n`);
  return folder;
}
