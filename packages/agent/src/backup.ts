import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BackupSummary,
  backupState,
  inspectStore,
  restoreState,
  type StoreStructure,
} from '@qianzhi/engine';
import { apiKeyFiles } from './api/keys/api-keys.js';
import { queryLogFiles } from './queries/query-log.js';

/** What the agent keeps beside the engine's state. */
const ownFiles = ['identity.json', 'assignments.json'] as const;

/**
 * A backup of identity, orders, query log, keys of business systems and engine state into a new folder, also while the agent runs.
 * Logs of pushed records are in none: a log of another moment than the engine's state would tell deletes of what it does not know.
 * See `backupState`.
 */
export async function backupAgent(
  stateDir: string,
  folder: string,
  signal: AbortSignal,
): Promise<BackupSummary> {
  const present = ownFiles.filter((name) => existsSync(join(stateDir, name)));
  const also = [...present, ...queryLogFiles(stateDir), ...(await apiKeyFiles(stateDir))];
  return backupState(stateDir, folder, also, signal);
}

/** The inverse, into an empty or missing state folder. See `restoreState`. */
export function restoreAgent(folder: string, stateDir: string, signal: AbortSignal): Promise<BackupSummary> {
  return restoreState(folder, stateDir, signal);
}

/** Whether this program can open the state that is there. See `inspectStore`. */
export function inspectAgentState(stateDir: string): StoreStructure {
  return inspectStore(stateDir);
}
