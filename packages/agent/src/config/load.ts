import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { addressShape, isPlatformAddress } from '@qianzhi/client';
import {
  ConsumeExchangeSchema,
  checkShape,
  type Exchange,
  isQianzhiError,
  isSupply,
  type LocalText,
  queryName,
  SupplyExchangeSchema,
} from '@qianzhi/model';
import { Cron } from 'croner';
import { isLoopback } from '../api/schema.js';
import { controlSocket } from '../control/socket.js';
import { agentErrors } from '../errors.js';
import { stampOf } from '../live/watch-file.js';
import { type ConfigDocument, parseDocument, readConfigText, readDocument } from './document.js';
import { type Report, stopAtFirst } from './report.js';
import { type AgentConfig, AgentConfigSchema } from './schema.js';
import { resolveSecrets } from './secrets.js';

export interface LoadedConfig {
  readonly config: AgentConfig;
  readonly file: string;
  /** Folder of the file: relative paths in it start here. */
  readonly folder: string;
  readonly stateDir: string;
  readonly lineOf: (pointer: string) => number;
  /** Of the file when it was read. */
  readonly stamp: string;
}

/** A config as it is going to be, to be looked at before anything of it is written. */
export interface PlannedConfig {
  /** What the file will hold. */
  readonly text?: string;
  /** Content of secret files that are not there yet, by path. */
  readonly secrets?: ReadonlyMap<string, string>;
}

/**
 * Reads, checks and resolves agent.yaml. Connector configs and source and target specs are checked by the plugins
 * afterwards. Throws QZ_AGENT_CONFIG_* and QZ_AGENT_SECRET_* naming file, line and field; with a `report` of its own,
 * a caller hears of all but syntax and shape, which nothing can be read past.
 */
export async function loadConfig(
  path: string,
  env: NodeJS.ProcessEnv = process.env,
  report: Report = stopAtFirst,
  planned: PlannedConfig = {},
): Promise<LoadedConfig> {
  const file = resolve(path);
  const folder = dirname(file);
  const stamp = await stampOf(file);
  const document = planned.text === undefined ? await readDocument(file) : parseDocument(file, planned.text);
  const config = checkDocument(document, resolveSecrets(document, folder, env, report, planned.secrets));
  checkTexts(config, document, report);
  checkExchanges(config, document, report);
  checkQueries(config, document, report);
  checkApi(config, document, report);
  const stateDir = resolve(folder, config.stateDir);
  return { config, file, folder, stateDir, lineOf: document.lineOf, stamp };
}

/** Where an agent lives and whom it talks to. */
export interface AgentPlace {
  readonly stateDir: string;
  readonly url: string | undefined;
}

/** What commands need that talk to the running agent: read without the config's secrets, which they have no use for. */
export async function readPlace(path: string, env: NodeJS.ProcessEnv = process.env): Promise<AgentPlace> {
  const file = resolve(path);
  const document = await readDocument(file);
  const { stateDir = './state', platform } = document.value as { stateDir?: unknown; platform?: unknown };
  const { url } = (platform ?? {}) as { url?: unknown };
  const value = { stateDir: String(stateDir), platform: { url } };
  const own = resolveSecrets({ ...document, value }, dirname(file), env, stopAtFirst) as typeof value;
  return {
    stateDir: resolve(dirname(file), own.stateDir),
    url: typeof own.platform.url === 'string' ? own.platform.url : undefined,
  };
}

/**
 * The same, of an agent that runs on by an earlier content while its file is no YAML: by the line that says it. Throws CONFIG_SYNTAX
 * where nobody listens at that place.
 */
export async function readRunningPlace(path: string): Promise<AgentPlace> {
  try {
    return await readPlace(path);
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_AGENT_CONFIG_SYNTAX')) throw error;
    const file = resolve(path);
    const told = /^stateDir:[ \t]*(['"]?)([^'"#\r\n]+?)\1[ \t]*(#.*)?$/m.exec(await readConfigText(file));
    const stateDir = resolve(dirname(file), told?.[2] ?? './state');
    if (!existsSync(controlSocket(stateDir))) throw error;
    return { stateDir, url: undefined };
  }
}

function checkDocument(document: ConfigDocument, value: unknown): AgentConfig {
  checkEachExchange(document, value);
  return checked(document, '', () => checkShape(AgentConfigSchema, value, 'agent.yaml'));
}

const notAnAddress: LocalText = { zh: `应为${addressShape.zh}`, en: `must be ${addressShape.en}` };

const notCron: LocalText = {
  zh: '不是 5 段或 6 段的 cron 表达式,如 "0 2 * * *"',
  en: 'is no cron expression of 5 or 6 fields such as "0 2 * * *"',
};

const notAnUrl: LocalText = {
  zh: '应为 http:// 或 https:// 地址',
  en: 'must be an http:// or https:// address',
};
const halfASignIn: LocalText = {
  zh: 'user 与 password 须同时给出,或都不给',
  en: 'user and password belong together: give both or neither',
};

/** Keys and records of business systems leave the machine over TLS alone. */
function checkApi({ api }: AgentConfig, { file, lineOf }: ConfigDocument, report: Report): void {
  if (!api || api.tls || isLoopback(api.host)) return;
  const where = '/api/host';
  report(agentErrors.API_UNPROTECTED({ host: api.host, file, line: lineOf(where), where }), where);
}

/** An exchange is one of two shapes; which one is meant decides its defaults and what is wrong with it. */
function checkEachExchange(document: ConfigDocument, value: unknown): void {
  const { exchanges } = (value ?? {}) as { exchanges?: unknown };
  if (!Array.isArray(exchanges)) return;
  for (const [index, exchange] of exchanges.entries()) {
    const supplies = exchange !== null && typeof exchange === 'object' && 'supply' in exchange;
    const schema = supplies ? SupplyExchangeSchema : ConsumeExchangeSchema;
    checked(document, `/exchanges/${index}`, () => checkShape(schema, exchange, 'exchange'));
  }
}

/** Runs a check of the part at `pointer`; what it finds is told with file, line and field. */
function checked<T>(document: ConfigDocument, pointer: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_MODEL_SHAPE_WRONG')) throw error;
    const inner = error.details.where === '/' ? '' : String(error.details.where);
    const where = `${pointer}${inner}` || '/';
    // the schema's pattern says less than an example
    const problem = where === '/platform/url' ? notAnAddress : error.details.problem;
    throw agentErrors.CONFIG_WRONG(
      { file: document.file, line: document.lineOf(where), where, problem },
      error,
    );
  }
}

/** The list has no aliases such as `PRC`; a formatter knows them, and costs a process 8 MB that it then keeps. */
function isTimeZone(name: string): boolean {
  if (Intl.supportedValuesOf('timeZone').includes(name)) return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/** What a schema cannot say of a text: an address, a time zone, a cron expression. */
function checkTexts(config: AgentConfig, document: ConfigDocument, report: Report): void {
  const wrong = (where: string, problem: LocalText, cause: unknown) =>
    report(
      agentErrors.CONFIG_WRONG({ file: document.file, line: document.lineOf(where), where, problem }, cause),
      where,
    );
  if (!isPlatformAddress(config.platform.url)) wrong('/platform/url', notAnAddress, undefined);
  if (!isTimeZone(config.timeZone)) {
    const problem = {
      zh: '不是 IANA 时区名,如 Asia/Shanghai',
      en: 'is no IANA time zone such as Asia/Shanghai',
    };
    wrong('/timeZone', problem, undefined);
  }
  for (const [name, { url }] of Object.entries(config.alerts.webhooks)) {
    if (!URL.canParse(url)) wrong(`/alerts/webhooks/${name}/url`, notAnUrl, undefined);
  }
  for (const [name, { user, password }] of Object.entries(config.alerts.mails)) {
    if ((user === undefined) !== (password === undefined))
      wrong(`/alerts/mails/${name}`, halfASignIn, undefined);
  }
  for (const [index, exchange] of config.exchanges.entries()) {
    for (const field of ['schedule', 'reconcile'] as const) {
      const cron = exchange[field]?.cron;
      if (cron === undefined) continue;
      try {
        new Cron(cron, { paused: true, mode: '5-or-6-parts' });
      } catch (cause) {
        wrong(`/exchanges/${index}/${field}/cron`, notCron, cause);
      }
    }
  }
}

function checkExchanges(config: AgentConfig, document: ConfigDocument, report: Report): void {
  const names = new Set<string>();
  const supplied = new Map<string, string>();
  for (const [index, exchange] of config.exchanges.entries()) {
    checkReferences(exchange, index, names, config, document, report);
    names.add(exchange.name);
    if (!isSupply(exchange)) continue;
    const other = supplied.get(exchange.supply);
    if (other !== undefined) reportSuppliedTwice(document, index, exchange.supply, other, report);
    supplied.set(exchange.supply, exchange.name);
  }
}

/** Both would go on from the checkpoint of one stream, each behind rows of the other's table. */
function reportSuppliedTwice(
  document: ConfigDocument,
  index: number,
  resource: string,
  other: string,
  report: Report,
): void {
  const where = `/exchanges/${index}/supply`;
  const { zh, en } = agentErrors.SUPPLIED_ALREADY({ resource, exchange: other }).texts;
  const problem = { zh: zh.message, en: en.message };
  report(
    agentErrors.CONFIG_WRONG({ file: document.file, line: document.lineOf(where), where, problem }),
    where,
  );
}

function checkQueries(config: AgentConfig, document: ConfigDocument, report: Report): void {
  const names = new Set<string>();
  for (const [index, local] of config.queries.entries()) {
    const name = queryName(local);
    const at = (field: string) => {
      const where = `/queries/${index}/${field}`;
      return { file: document.file, line: document.lineOf(where), where };
    };
    if (names.has(name)) report(agentErrors.CONFIG_REPEATED({ ...at('service'), name }), at('service').where);
    names.add(name);
    if (config.connectors[local.connector]) continue;
    const known = Object.keys(config.connectors).join(', ') || '—';
    const place = at('connector');
    report(
      agentErrors.CONFIG_REFERENCE({ ...place, kind: 'connector', name: local.connector, known }),
      place.where,
    );
  }
}

function checkReferences(
  exchange: Exchange,
  index: number,
  names: ReadonlySet<string>,
  config: AgentConfig,
  document: ConfigDocument,
  report: Report,
): void {
  const at = (field: string) => {
    const where = `/exchanges/${index}/${field}`;
    return { file: document.file, line: document.lineOf(where), where };
  };
  if (names.has(exchange.name)) {
    const place = at('name');
    report(agentErrors.CONFIG_REPEATED({ ...place, name: exchange.name }), place.where);
  }
  if (!config.connectors[exchange.connector]) {
    const place = at('connector');
    const known = Object.keys(config.connectors).join(', ') || '—';
    report(
      agentErrors.CONFIG_REFERENCE({ ...place, kind: 'connector', name: exchange.connector, known }),
      place.where,
    );
  }
}
