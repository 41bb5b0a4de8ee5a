import { constants } from 'node:fs';
import { access, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { isQianzhiError, systemCode, systemReason } from '@qianzhi/model';
import type { PluginContext } from '@qianzhi/plugin-api';
import { type ConfigFinding, checkConfig } from '../config/check-config.js';
import { readConfigText } from '../config/document.js';
import { type ConfigEntry, insertEntry } from '../config/insert-entry.js';
import type { LoadedConfig } from '../config/load.js';
import { type EntryName, removeEntry } from '../config/remove-entry.js';
import { agentErrors } from '../errors.js';
import type { AgentPlugins } from '../plugins.js';
import { type Owner, writeWhole } from '../whole-file.js';

export type SetupContext = Omit<PluginContext, 'timeZone'>;

/** An agent.yaml that holds one entry more, or less, than the one on the disk, checked and not yet written. */
export interface ConfigChange {
  readonly file: string;
  readonly before: string;
  readonly text: string;
  readonly secrets: ReadonlyMap<string, string>;
  /** The config and its plugins as they will be. */
  readonly loaded: LoadedConfig;
  readonly plugins: AgentPlugins;
  /** Places of the config wrong before, and still; not what was added. */
  readonly otherProblems: number;
}

/**
 * Adds an entry to the text of a config and checks the result as starting would, writing nothing. `secrets`: content of secret
 * files the entry names, by path. Throws what is wrong with the entry, or with the file as a whole.
 */
export async function planChange(
  configFile: string,
  entry: ConfigEntry,
  context: SetupContext,
  secrets: ReadonlyMap<string, string> = new Map(),
): Promise<ConfigChange> {
  const file = resolve(configFile);
  const before = await readConfigText(file);
  const text = insertEntry(before, entry);
  const checked = await checkConfig(file, process.env, context, { text, secrets });
  const { findings, loaded, plugins } = checked;
  const place =
    entry.list === 'connectors'
      ? `/connectors/${entry.name}`
      : `/exchanges/${(loaded?.config.exchanges.length ?? 1) - 1}`;
  const own = findings.find(({ where }) => where === place || where.startsWith(`${place}/`));
  const blocking = own ?? (loaded && plugins ? undefined : findings[0]);
  if (blocking) throw blocking.error;
  return { file, before, text, secrets, loaded: loaded!, plugins: plugins!, otherProblems: findings.length };
}

/**
 * Takes an entry out of the text of a config and checks the result as starting would, writing nothing. Throws
 * QZ_AGENT_ENTRY_UNKNOWN, or what would be wrong without the entry and is not wrong with it.
 */
export async function planRemoval(
  configFile: string,
  entry: EntryName,
  context: SetupContext,
): Promise<ConfigChange> {
  const file = resolve(configFile);
  const before = await readConfigText(file);
  const was = await checkConfig(file, process.env, context, { text: before, secrets: new Map() });
  if (!was.loaded) throw was.findings[0]!.error;
  const { connectors, exchanges } = was.loaded.config;
  const names = entry.list === 'connectors' ? Object.keys(connectors) : exchanges.map(({ name }) => name);
  if (!names.includes(entry.name))
    throw agentErrors.ENTRY_UNKNOWN({ ...entry, known: names.join(', ') || '-' });
  const text = removeEntry(before, entry);
  const { findings, loaded, plugins } = await checkConfig(file, process.env, context, {
    text,
    secrets: new Map(),
  });
  const known = new Set(was.findings.map(nameOf));
  const caused = findings.find((finding) => !known.has(nameOf(finding)));
  if (caused) throw agentErrors.ENTRY_NEEDED({ ...entry, where: caused.where }, caused.error);
  if (!loaded || !plugins) throw findings[0]!.error;
  return { file, before, text, secrets: new Map(), loaded, plugins, otherProblems: findings.length };
}

/** Entries behind one that is taken out move up. */
function nameOf({ where, error }: ConfigFinding): string {
  return `${error.code} ${where.replace(/\/\d+/g, '/*')}`;
}

/**
 * Puts a planned change on the disk: secret files first (0600, never over an existing one), then the config, whole or not at all
 * and with the permissions it had. Throws QZ_AGENT_CONFIG_CHANGED where somebody else wrote it since it was read; the secret
 * files are gone again then.
 */
export async function writeChange(change: ConfigChange): Promise<void> {
  const file = await realpath(change.file);
  const { mode, uid, gid } = await stat(file);
  const owner = await runningUser(change.loaded.stateDir, { uid, gid });
  const written: string[] = [];
  try {
    for (const [path, secret] of change.secrets) {
      await refuseExisting(path);
      await writing(path, () => writeWhole(path, `${secret}\n`, { mode: 0o600, owner }));
      written.push(path);
    }
    await writing(file, () =>
      writeWhole(file, change.text, {
        mode: mode & 0o777,
        owner: ownerToGive({ uid, gid }),
        beforeRename: () => refuseChanged(change),
      }),
    );
  } catch (error) {
    for (const path of written) await rm(path, { force: true });
    throw error;
  }
}

/** Throws QZ_AGENT_SECRET_FILE_EXISTS. */
export async function refuseExisting(path: string): Promise<void> {
  try {
    await access(path, constants.F_OK);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  throw agentErrors.SECRET_FILE_EXISTS({ path });
}

async function refuseChanged({ file, before }: ConfigChange): Promise<void> {
  if ((await readConfigText(file)) !== before) throw agentErrors.CONFIG_CHANGED({ file });
}

/** Whoever the state folder belongs to runs the agent; before there is one, the config's owner. */
async function runningUser(stateDir: string, configOwner: Owner): Promise<Owner | undefined> {
  try {
    const { uid, gid } = await stat(stateDir);
    return ownerToGive({ uid, gid });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return ownerToGive(configOwner);
    throw error;
  }
}

/** Only root can give files away, and has to: what it made itself the agent's user could not read. */
function ownerToGive(owner: Owner): Owner | undefined {
  return process.getuid?.() === 0 && owner.uid !== 0 ? owner : undefined;
}

async function writing(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isQianzhiError(error) || systemCode(error) === undefined) throw error;
    const place = { file: basename(path), folder: dirname(path) };
    throw agentErrors.CONFIG_UNWRITABLE({ ...place, reason: systemReason(error) }, error);
  }
}
