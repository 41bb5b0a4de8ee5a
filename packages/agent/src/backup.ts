import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BackupSummary,
  backupState,
  inspectStore,
  restoreState,
  type StoreStructure,
} from '@qianzhi/engine';
import { apiKeyFiles } from './api/keys/api-keys.js';
import { chainFiles } from './audit/chain-files.js';
import { agentChains } from './audit/chains.js';
import { KEPT_HEADS } from './audit/kept-heads.js';

/** What the agent keeps beside the engine's state. */
const ownFiles = ['identity.json', 'assignments.json', KEPT_HEADS] as const;

/**
 * A backup of identity, orders, logs that are chained, keys of business systems, engine state and, behind it, the records that were pushed, into a
 * new folder, also while the agent runs: a new epoch begins with a copy of those. See `backupState`.
 */
export async function backupAgent(
  stateDir: string,
  folder: string,
  signal: AbortSignal,
): Promise<BackupSummary> {
  const present = ownFiles.filter((name) => existsSync(join(stateDir, name)));
  const logs = Object.values(agentChains).flatMap((chain) => chainFiles(chain, stateDir));
  const files = [...present, ...logs, ...(await apiKeyFiles(stateDir))];
  return backupState(stateDir, folder, { files, databases: pushLogs(stateDir) }, signal);
}

/** Of every connector of type push. */
function pushLogs(stateDir: string): string[] {
  const folder = join(stateDir, 'pushed');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name.endsWith('.db')).map((name) => `pushed/${name}`);
}

/** The inverse, into an empty or missing state folder. See `restoreState`. */
export function restoreAgent(folder: string, stateDir: string, signal: AbortSignal): Promise<BackupSummary> {
  return restoreState(folder, stateDir, signal);
}

/** Whether this program can open the state that is there. See `inspectStore`. */
export function inspectAgentState(stateDir: string): StoreStructure {
  return inspectStore(stateDir);
}
