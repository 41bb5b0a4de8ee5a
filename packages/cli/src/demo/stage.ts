import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { personRoutes } from '@qianzhi/model';
import { parseDocument } from 'yaml';
import { type DatabaseChoice, type DemoDatabases, openDatabases } from './database/departments.js';
import { type DemoCatalog, type Governance, publish, readCatalog, setUp } from './governance.js';
import { makeLegacy } from './legacy.js';
import { createProcesses, type Processes } from './processes.js';

const demoFolder = fileURLToPath(new URL('../../../../config/demo', import.meta.url));

export interface StageOptions {
  readonly databases: DatabaseChoice;
  /** 85,589 rows instead of all. */
  readonly quick?: boolean;
  readonly tell: (zh: string, en: string) => void;
}

/** A stage for a scene, taken away when it was played; `adjust` changes the configs of its folder before anything starts. */
export async function withStage<T>(
  options: StageOptions,
  adjust: (folder: string) => Promise<void>,
  play: (stage: Stage) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-demo-'));
  const processes = createProcesses(folder, { QZ_HOME: join(folder, 'home') });
  let over = false;
  try {
    const databases = await openDatabases(folder, options.databases);
    try {
      const result = await play(
        await openStage(folder, databases, processes, { ...options, adjust }, signal),
      );
      over = true;
      return result;
    } finally {
      await processes.stopAll();
      await databases.remove();
    }
  } finally {
    // an error names the logs in there
    if (over) await rm(folder, { recursive: true, force: true });
  }
}

export interface Stage {
  readonly folder: string;
  readonly url: string;
  readonly databases: DemoDatabases;
  readonly catalog: DemoCatalog;
  readonly governance: Governance;
  readonly processes: Processes;
}

/** Legacy databases, a running platform with its persons, two enrolled agents; nothing has moved yet. */
export async function openStage(
  folder: string,
  databases: DemoDatabases,
  processes: Processes,
  {
    tell,
    quick = false,
    adjust,
  }: Omit<StageOptions, 'databases'> & { readonly adjust?: (folder: string) => Promise<void> },
  signal: AbortSignal,
): Promise<Stage> {
  const rows = quick
    ? { zh: '其中村级只取三个省份,共 85,589 行', en: 'villages of three provinces only, 85,589 rows' }
    : { zh: '665,276 行', en: '665,276 rows' };
  tell(
    `准备两个部门的业务库:真实五级行政区划,${rows.zh}`,
    `two legacy databases: real administrative divisions, ${rows.en}`,
  );
  await cp(demoFolder, folder, { recursive: true });
  await adjust?.(folder);
  await makeLegacy(databases, quick);
  const catalog = await readCatalog(join(folder, 'catalog.yaml'));
  tell('启动中心平台', 'the platform starts');
  const codeFile = join(folder, 'first-start-code');
  const args = [
    'platform',
    'start',
    '--data-dir',
    'platform',
    '--port',
    '0',
    '--audience',
    'demo',
    '--code-file',
    codeFile,
    '--json',
  ];
  processes.start('platform', args);
  const url = await processes.until('platform', 'platform start', () => platformUrl(folder), signal);
  for (const department of ['mz', 'sw'] as const) {
    await adapt(join(folder, `${department}-agent.yaml`), url, databases[department]);
  }
  const governance = await setUp(url, (await readFile(codeFile, 'utf8')).trim(), catalog, signal);
  tell(
    '登记两台前置机,发布目录,保密审查,指定供数',
    'two agents enrol; catalog, secrecy reviews and supply duties',
  );
  for (const department of ['mz', 'sw']) await enrol(folder, department, governance, processes, signal);
  await publish(governance, catalog, signal);
  return { folder, url, databases, catalog, governance, processes };
}

/** The demo's platform takes any free port and its departments any database; all else is as config/demo says. */
async function adapt(configFile: string, url: string, databases: DemoDatabases['mz' | 'sw']): Promise<void> {
  const config = parseDocument(await readFile(configFile, 'utf8'));
  config.setIn(['platform', 'url'], url);
  for (const [name, { connector }] of Object.entries(databases)) {
    config.setIn(['connectors', name], config.createNode(connector, { flow: true }));
  }
  await writeFile(configFile, config.toString());
}

/** From the command's own answer, not from a log line before it: by then the first-start code is in its file. */
export async function platformUrl(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, 'platform.log'), 'utf8').catch(() => '');
  return /^\{"url":"([^"]+)"\}$/m.exec(text)?.[1];
}

export async function enrol(
  folder: string,
  department: string,
  governance: Governance,
  processes: Processes,
  signal: AbortSignal,
) {
  const body = { agent: `${department}-agent`, department, minutes: 10 };
  const { token } = await governance.as('officer').call(personRoutes.invite, { body }, signal);
  const file = join(folder, `${department}.token`);
  await writeFile(file, token, { mode: 0o600 });
  await processes.run(`${department}-enroll`, [
    'enroll',
    '--config',
    `${department}-agent.yaml`,
    '--token-file',
    file,
  ]);
  await rm(file);
}
