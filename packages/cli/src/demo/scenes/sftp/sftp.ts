import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAgent, controlRoutes } from '@qianzhi/agent';
import { isQianzhiError, personRoutes } from '@qianzhi/model';
import { checkReceipts } from '@qianzhi/model/crypto';
import { startDemoAgent } from '../../agents.js';
import { createProcesses, type Processes } from '../../processes.js';
import { openSmallStage } from '../../small-stage.js';
import { check, type Scene, type SceneCheck, sceneResult } from '../scene.js';
import { catalogText, configs, folders, ROWS, sourceText } from './stage.js';

/**
 * 前置机共享: 民政 puts a file into a folder; no line joins 税务 to the platform, so packages are moved between folders as a 网闸 does,
 * and 税务 finds the file with its manifest in a folder of its own.
 */
export const sftpScene: Scene = { tampers: ['row'], play: playSftp };

async function playSftp(...[{ tamper, tell }, signal]: Parameters<Scene['play']>) {
  const startedAt = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-scene-'));
  const processes = createProcesses(folder, { QZ_HOME: join(folder, 'home') });
  try {
    const checks = await play(folder, processes, tamper !== undefined, tell, signal);
    return sceneResult('sftp', checks, startedAt);
  } finally {
    await processes.stopAll();
    await rm(folder, { recursive: true, force: true });
  }
}

async function play(
  folder: string,
  processes: Processes,
  tamper: boolean,
  tell: (zh: string, en: string) => void,
  signal: AbortSignal,
): Promise<SceneCheck[]> {
  const at = (name: string) => join(folder, name);
  for (const name of folders) await mkdir(at(name), { recursive: true });
  const sshd = existsSync('/usr/sbin/sshd') ? '有 sshd' : '无 sshd';
  tell(
    `平台与两台前置机;税务只经摆渡包(本机${sshd},本场景不用它)`,
    'a platform and two agents; packages alone join 税务 (no SSH server is used here)',
  );
  const texts = { catalog: catalogText, ...configs };
  const { governance } = await openSmallStage(folder, processes, texts, signal);
  const officer = governance.as('officer');
  const sw = connectAgent(at('sw-state'));
  const carry = async (from: string, to: string) => {
    const names = (await readdir(at(from))).filter((name) => name.endsWith('.qzp')).sort();
    for (const name of names) await rename(join(at(from), name), join(at(to), name));
    return names;
  };
  const platformRound = () => officer.call(personRoutes.runPackages, { body: { agent: 'sw-agent' } }, signal);
  const importAll = () => sw.call(controlRoutes.importPackages, { body: {} }, signal);
  try {
    const mz = await startDemoAgent(processes, 'mz', 'mz-agent.yaml', at('mz-state'), signal);
    await writeFile(at('mz-folder/登记.csv'), sourceText());
    tell(
      '民政的文件夹里有新文件:读取、校验、上送、回执',
      '民政: a file is read, checked, sent and acknowledged',
    );
    await mz.run('supply', signal);
    await platformRound();
    const packages = await carry('platform-out', 'sw-in');
    const [name] = packages.slice(-1);
    const whole = await readFile(at(`sw-in/${name}`));
    const altered = Buffer.from(whole);
    altered[whole.length >> 1]! ^= 1;
    await writeFile(at('altered.qzp'), altered);
    const consumer = await startDemoAgent(processes, 'sw', 'sw-agent.yaml', at('sw-state'), signal);
    const refused = async (file: string) =>
      sw.call(controlRoutes.importPackages, { body: { file } }, signal).then(() => 'taken', codeOf);
    tell(
      '税务导入摆渡包并应用;改过的、重复的包被拒绝',
      '税务 takes the packages; an altered and a repeated one are refused',
    );
    await importAll();
    const alteredAnswer = await refused(at('altered.qzp'));
    await writeFile(at('again.qzp'), whole);
    const repeatedAnswer = await refused(at('again.qzp'));
    await consumer.run('consume', signal);
    await sw.call(controlRoutes.exportPackage, { body: {} }, signal);
    await carry('sw-out', 'platform-in');
    await platformRound();
    const received = (await readdir(at('sw-folder'))).find((one) => one.endsWith('-full.csv')) ?? '';
    const path = at(`sw-folder/${received}`);
    if (tamper) await writeFile(path, (await readFile(path, 'utf8')).replace('企业7\n', '企业八\n'));
    const text = await readFile(path);
    const manifest = JSON.parse(await readFile(`${path}.manifest.json`, 'utf8')) as Record<string, unknown>;
    const { receipts } = await governance
      .as('auditor')
      .call(personRoutes.listReceipts, { query: { limit: 1000 } }, signal);
    const { keys } = await governance.as('auditor').call(personRoutes.keyDirectory, {}, signal);
    const evidence = checkReceipts(receipts, keys);
    const applied = receipts.filter(({ body }) => body.stage === 'applied');
    const answer = JSON.parse(await readFile(at('mz-folder/登记.csv.ack'), 'utf8')) as Record<
      string,
      unknown
    >;
    const stored = receipts.find(({ body }) => body.stage === 'stored' && body.id === answer.receipt);
    return [
      check('rows at 税务', ROWS, text.toString().trim().split('\n').length - 1),
      check('values of every row', digest(sourceText()), digest(text.toString())),
      check('manifest names the SHA-256 of the file', sha256(text), String(manifest.sha256)),
      check('manifest names its resource', 'demo_firm', String(manifest.resource)),
      check('marker beside the file', true, existsSync(`${path}.ok`)),
      check('acknowledgement at 民政 names its receipt', ROWS, stored?.body.rows ?? 0),
      check('altered package', 'QZ_PACKAGE_ALTERED', alteredAnswer),
      check('repeated package', 'QZ_PACKAGE_REPEATED', repeatedAnswer),
      check(
        'rows in applied receipts',
        ROWS,
        applied.reduce((sum, { body }) => sum + body.rows, 0),
      ),
      check('receipts that do not hold', 0, evidence.problems.length),
    ];
  } finally {
    await sw.close();
    await governance.close();
  }
}

const codeOf = (error: unknown) => (isQianzhiError(error) ? error.code : String(error));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** Of the rows, whatever their order. */
const digest = (text: string) => sha256(Buffer.from(text.trim().split('\n').sort().join('\n')));
