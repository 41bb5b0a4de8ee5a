import { isDeepStrictEqual } from 'node:util';
import { queryName } from '@qianzhi/model';
import type { AgentConfig } from '../config/schema.js';
import type { ConfigChanges } from './config-state.js';

/** What a reload puts in force; everything else is built into the process when it starts. */
const live: ReadonlySet<string> = new Set(['plugins', 'connectors', 'exchanges', 'queries', 'webhooks']);

/** Parts of `next` that only a restart would bring about. */
export function partsForRestart(started: AgentConfig, next: AgentConfig): readonly string[] {
  const parts = new Set([...Object.keys(started), ...Object.keys(next)] as (keyof AgentConfig)[]);
  return [...parts].filter((part) => !live.has(part) && !isDeepStrictEqual(started[part], next[part])).sort();
}

export function connectorChanges(before: AgentConfig, after: AgentConfig): ConfigChanges {
  return changes(before.connectors, after.connectors);
}

export function exchangeChanges(before: AgentConfig, after: AgentConfig): ConfigChanges {
  const byName = ({ exchanges }: AgentConfig) => Object.fromEntries(exchanges.map((one) => [one.name, one]));
  return changes(byName(before), byName(after));
}

export function queryChanges(before: AgentConfig, after: AgentConfig): ConfigChanges {
  const byName = ({ queries }: AgentConfig) =>
    Object.fromEntries(queries.map((one) => [queryName(one), one]));
  return changes(byName(before), byName(after));
}

export function webhookChanges(before: AgentConfig, after: AgentConfig): ConfigChanges {
  return changes(before.webhooks.targets, after.webhooks.targets);
}

function changes(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): ConfigChanges {
  const kept = Object.keys(after).filter((name) => Object.hasOwn(before, name));
  return {
    added: Object.keys(after).filter((name) => !Object.hasOwn(before, name)),
    changed: kept.filter((name) => !isDeepStrictEqual(before[name], after[name])),
    removed: Object.keys(before).filter((name) => !Object.hasOwn(after, name)),
  };
}
