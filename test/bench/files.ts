/**
 * Files from one department's folder into another's, through provider, platform and consumer as processes, against `sftp`, which
 * puts them on one real sshd and gets them from there. One large file, and many small ones: these by a bare relay of three programs, too, which
 * says what is possible on the machine.
 */
import { execFile } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { CatalogResource } from '@qianzhi/model';
import { type Sshd, startSshd } from '@qianzhi/testing/sshd';
import { resourceOf } from '../fixtures/resource.js';
import { MOVE_DEADLINE_MS, openChainRig, type PerRole, perRole } from './chain/chain-rig.js';
import { type Profile, profileOf } from './chain/profile.js';
import { report } from './measure.js';
import { median, numberOption, rounded, say } from './options.js';
import { relayFiles } from './relay/relay.js';

const MiB = 1024 * 1024;
const SMALL_BYTES = 100_000;
const run = promisify(execFile);

interface Measured {
  readonly seconds: Ways;
  readonly MiBPerSecond: Ways;
  /** How many times as fast as sftp; the medians of the rounds' own ratios. */
  readonly ratio: number;
  readonly relayRatio?: number;
  readonly cpuSeconds: PerRole;
  readonly peakRssMiB: PerRole;
}

/** The bare relay holds files whole in memory: it carries small ones only. */
interface Ways {
  readonly sftp: number;
  readonly chain: number;
  readonly relay?: number;
}

/** What is moved: so many files of so many bytes. */
interface Load {
  readonly name: 'large' | 'small';
  readonly files: number;
  readonly bytes: number;
}

export { runFiles as run };

async function runFiles(options: readonly string[]): Promise<void> {
  const rounds = numberOption(options, 'rounds', 3);
  const all: readonly Load[] = [
    { name: 'large', files: 1, bytes: numberOption(options, 'mib', 256) * MiB },
    { name: 'small', files: numberOption(options, 'files', 1_000), bytes: SMALL_BYTES },
  ];
  const only = options.indexOf('--only');
  const loads = all.filter(({ name }) => only < 0 || options[only + 1] === name);
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-bench-files-'));
  const profile = profileOf(options);
  await using server = await startSshd();
  try {
    const result: Record<string, Measured & Omit<Load, 'name'>> = {};
    for (const { name, ...load } of loads)
      result[name] = { ...load, ...(await measure({ name, ...load }, rounds, folder, { server, profile })) };
    report(
      options,
      { rounds, ...result },
      Object.entries(result).map(([name, one]) => told(name, one)),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Beside {
  readonly server: Sshd;
  readonly profile: Profile;
}

async function measure(
  load: Load,
  rounds: number,
  within: string,
  { server, profile }: Beside,
): Promise<Measured> {
  const folder = join(within, load.name);
  const codes = Array.from({ length: rounds + 1 }, (_, round) => `${load.name}_${round}`);
  for (const code of codes)
    for (const side of ['out', 'in']) await mkdir(join(folder, side, code), { recursive: true });
  await using rig = await chainBetween(folder, codes, profile);
  const measured: (Ways & { readonly cpu: PerRole })[] = [];
  for (const [round, code] of codes.entries()) {
    const [from, to] = [join(folder, 'out', code), join(folder, 'in', code)];
    const wanted = await fill(from, load);
    if (round === 1) profile.toggle(rig);
    const bySftp = async () => putAndGet(server, from, join(folder, 'sftp'), wanted);
    const byChain = async () => {
      const moved = await rig.move(code);
      await verify(to, wanted);
      return moved;
    };
    // in turns first
    const before = round % 2 === 0 ? await bySftp() : undefined;
    const { seconds, cpuMicros } = await byChain();
    const sftp = before ?? (await bySftp());
    const relay = load.name === 'small' ? await byRelay(folder, from, load, wanted) : undefined;
    const cpu = perRole((role) => rounded(cpuMicros[role] / 1e6));
    const telling = `sftp ${rounded(sftp)} s, chain ${rounded(seconds)} s, CPU s ${JSON.stringify(cpu)}`;
    const beside = relay ? `; relay ${rounded(relay)} s` : '';
    say(`${load.name} ${round === 0 ? 'warm-up' : `round ${round}`}: ${telling}${beside}`);
    if (round > 0) measured.push({ sftp, chain: seconds, cpu, ...(relay && { relay }) });
    for (const each of [from, to]) await rm(each, { recursive: true });
  }
  profile.toggle(rig);
  const middle = (of: (one: (typeof measured)[number]) => number) => rounded(median(measured.map(of)));
  const ofEach = (figure: (way: keyof Ways) => number): Ways => ({
    sftp: figure('sftp'),
    chain: figure('chain'),
    ...(load.name === 'small' && { relay: figure('relay') }),
  });
  const seconds = ofEach((way) => middle((one) => one[way]!));
  const peak = rig.peakRssMiB();
  return {
    seconds,
    MiBPerSecond: ofEach((way) => rounded((load.files * load.bytes) / MiB / seconds[way]!)),
    ratio: middle(({ sftp, chain }) => sftp / chain),
    ...(seconds.relay && { relayRatio: middle(({ sftp, relay }) => sftp / relay!) }),
    cpuSeconds: perRole((role) => middle(({ cpu }) => cpu[role])),
    peakRssMiB: perRole((role) => Math.round(peak[role])),
  };
}

/** One folder for each round, and a resource of its own: nothing of the round before is there. */
async function chainBetween(folder: string, codes: readonly string[], { env }: Profile) {
  const source = `pattern: '*', complete: { quietSeconds: 0 }, done: keep`;
  const exchanges = (of: (code: string) => string) =>
    `exchanges:\n${codes.map((code) => `  - { ${of(code)} }`).join('\n')}\n`;
  const connector = (side: string) => `connectors:\n  folder: { type: files, path: ${join(folder, side)} }\n`;
  const rig = await openChainRig({
    env,
    resources: codes.map(documents),
    provider: `${connector('out')}${exchanges(
      (code) =>
        `name: supply-${code}, supply: ${code}, connector: folder, strategy: files, source: { folder: ${code}, ${source} }, schedule: {}`,
    )}`,
    consumer: `${connector('in')}${exchanges(
      (code) =>
        `name: pull-${code}, consume: ${code}, connector: folder, target: { folder: ${code}, name: ${code} }, modeOptions: { waitMs: ${MOVE_DEADLINE_MS} }`,
    )}`,
  });
  return Object.assign(rig, { [Symbol.asyncDispose]: () => rig.close() });
}

const documents = (code: string): CatalogResource =>
  resourceOf(code, [{ column: 'file', type: 'G', length: 4096 * MiB, key: false }], { content: 'files' });

/** Bytes that cannot be compressed, as those of pictures and video; answers the digest of each file. */
async function fill(folder: string, { files, bytes }: Load): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  const piece = Buffer.alloc(Math.min(bytes, MiB));
  for (let n = 0; n < files; n++) {
    const name = `${String(n).padStart(5, '0')}.jpg`;
    const hash = createHash('sha256');
    await using handle = await open(join(folder, name), 'w');
    for (let at = 0; at < bytes; at += piece.length) {
      const part = randomFillSync(piece).subarray(0, bytes - at);
      hash.update(part);
      await handle.write(part);
    }
    digests.set(name, hash.digest('hex'));
  }
  return digests;
}

async function verify(folder: string, wanted: ReadonlyMap<string, string>): Promise<void> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  if (names.length !== wanted.size) throw new Error(`${names.length} of ${wanted.size} files came`);
  for (const name of names) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(folder, name)), hash);
    if (hash.digest('hex') !== wanted.get(name)) throw new Error(`${name} came damaged`);
  }
}

/** Seconds of OpenSSH's own client, with its defaults: all files onto the server, then all from there. */
async function putAndGet(
  { port, user, keyFile, folder }: Sshd,
  from: string,
  to: string,
  wanted: ReadonlyMap<string, string>,
): Promise<number> {
  await mkdir(to);
  const batch = `${to}.batch`;
  await writeFile(batch, `mkdir held\nput ${from}/* held/\nget held/* ${to}/\n`);
  const known = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'];
  const start = performance.now();
  await run('sftp', ['-q', '-b', batch, '-P', String(port), '-i', keyFile, ...known, `${user}@127.0.0.1`], {
    maxBuffer: 64 * MiB,
  });
  const seconds = (performance.now() - start) / 1000;
  await verify(to, wanted);
  for (const each of [to, join(folder, 'held')]) await rm(each, { recursive: true });
  return seconds;
}

async function byRelay(
  folder: string,
  from: string,
  { bytes }: Load,
  wanted: ReadonlyMap<string, string>,
): Promise<number> {
  const to = join(folder, 'relayed');
  const seconds = await relayFiles(folder, { from, to, bytes });
  await verify(to, wanted);
  await rm(to, { recursive: true });
  return seconds;
}

function told(
  name: string,
  {
    files,
    bytes,
    seconds,
    MiBPerSecond,
    ratio,
    relayRatio,
    cpuSeconds,
    peakRssMiB,
  }: Measured & Omit<Load, 'name'>,
): string {
  const of = (figures: PerRole) => Object.values(figures).join(' + ');
  return (
    `${name}: ${files} × ${bytes} bytes; sftp ${seconds.sftp} s (${MiBPerSecond.sftp} MiB/s), chain ${seconds.chain} s (${MiBPerSecond.chain} MiB/s), ` +
    `${ratio} times${relayRatio ? ` (a bare relay ${seconds.relay} s, ${relayRatio} times)` : ''}; CPU s of provider, platform, consumer ${of(cpuSeconds)}; peak MiB ${of(peakRssMiB)}`
  );
}
