import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agreement } from '@qianzhi/model';
import { parse } from 'yaml';
import { type DemoCatalog, type Governance, publish, setUp, subscribe } from './governance.js';
import type { Processes } from './processes.js';
import { enrol, platformUrl } from './stage.js';

export interface SmallStageTexts {
  readonly platform: string;
  readonly catalog: string;
  readonly mz: (url: string) => string;
  readonly sw: (url: string) => string;
}

export interface SmallStage {
  readonly url: string;
  readonly governance: Governance;
  /** Of 税务, on the catalog's first resource. */
  readonly agreement: Agreement;
}

/** A platform and two enrolled agents by the scene's own texts, without the legacy databases of the main job; no agent runs yet. */
export async function openSmallStage(
  folder: string,
  processes: Processes,
  texts: SmallStageTexts,
  signal: AbortSignal,
): Promise<SmallStage> {
  const codeFile = join(folder, 'code');
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  await write('platform.yaml', texts.platform);
  const flags = ['--config', 'platform.yaml', '--code-file', codeFile, '--json'];
  processes.start('platform', ['platform', 'start', ...flags]);
  const url = await processes.until('platform', 'platform start', () => platformUrl(folder), signal);
  const catalog = parse(texts.catalog) as DemoCatalog;
  const governance = await setUp(url, (await readFile(codeFile, 'utf8')).trim(), catalog, signal);
  for (const department of ['mz', 'sw'] as const) {
    await write(`${department}-agent.yaml`, texts[department](url));
    await enrol(folder, department, governance, processes, signal);
  }
  await publish(governance, catalog, signal);
  const { code } = catalog.resources[0]!;
  const agreement = await subscribe(governance.as('swAdmin'), code, '税源管理', signal);
  return { url, governance, agreement };
}
