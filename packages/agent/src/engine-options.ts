import { join } from 'node:path';
import { createDataset, type openEngine } from '@qianzhi/engine';
import { agentRoutes } from '@qianzhi/model';
import type { PluginLog } from '@qianzhi/plugin-api';
import type { LoadedConfig } from './config/load.js';
import { type Identity, signingKeyOf } from './identity/identity-file.js';
import type { Joined } from './link/join-platform.js';
import type { loadPlugins } from './plugins.js';
import { withSchedules } from './setup/propose-schedule.js';

/** A package without an answer is asked after again behind so many rounds. */
const RESEND_ROUNDS = 10;

/** What the engine of this config and identity is opened with. */
export async function engineOptions(
  { config, stateDir }: LoadedConfig,
  identity: Identity,
  { link, channel }: Pick<Joined, 'link' | 'channel'>,
  plugins: Awaited<ReturnType<typeof loadPlugins>>,
  tempDir: string,
  log: PluginLog,
): Promise<Parameters<typeof openEngine>[0]> {
  const { limits } = config;
  return {
    stateDir,
    tempDir,
    identity: { agent: identity.agent, department: identity.department, signingKey: signingKeyOf(identity) },
    secretKey: Buffer.from(identity.localSecret, 'base64url'),
    channel,
    log,
    timeZone: config.timeZone,
    exchanges: () => withSchedules(config.exchanges, link.assignments()),
    assignments: link.assignments,
    lease: link.lease,
    openConnection: ({ connector }, signal, log) => plugins.open(connector, signal, log),
    mode: plugins.mode,
    capabilities: (name) => plugins.connector(name).capabilities,
    openEpoch: async (recovery, signal) =>
      (await link.client.call(agentRoutes.recover, { body: recovery }, signal)).stream,
    dataset: await createDataset({
      workDir: join(stateDir, 'dataset'),
      memoryLimitMb: limits.duckdbMemoryMiB,
      threads: 2,
    }),
    limits: {
      ...(config.packages && { receiptTimeoutMs: config.packages.everySeconds * RESEND_ROUNDS * 1000 }),
      outboxBytes: limits.outboxBytes,
      keepAfterReceiptMs: limits.keepAfterReceiptDays * 86_400_000,
      keepEvidenceMs: limits.evidenceKeepDays * 86_400_000,
      quarantineRows: limits.quarantineRows,
      quarantineBytes: limits.quarantineBytes,
      quarantineDays: limits.quarantineDays,
      concurrentJobs: limits.concurrentJobs,
    },
  };
}
