import type { PlatformClient } from '@qianzhi/client';
import {
  type AuditExportHeader,
  type AuditHead,
  type AuditLogName,
  type KeyRecord,
  personRoutes,
  type Signed,
} from '@qianzhi/model';

const PAGE = 1000;

/** A chain as lines, with what checks it. The heads were signed before the first line was read: the lines go at least as far. */
export interface ChainExport {
  readonly heads: readonly Signed<AuditHead>[];
  readonly keys: readonly KeyRecord[];
  /** Header and entries, each with its line end. */
  readonly lines: AsyncIterable<string>;
}

const headerLine = (header: AuditExportHeader) => `${JSON.stringify(header)}\n`;

/** The platform's audit, as the signed-in auditor. */
export async function platformChain(client: PlatformClient, signal: AbortSignal): Promise<ChainExport> {
  const { current, archived, agents } = await client.call(personRoutes.auditHeads, {}, signal);
  const { keys } = await client.call(personRoutes.keyDirectory, {}, signal);
  async function* lines() {
    yield headerLine({ type: 'audit-export', version: 1, owner: 'platform', log: 'audit' });
    for (let after = 0; ; ) {
      const { entries } = await client.call(
        personRoutes.exportAudit,
        { query: { after, limit: PAGE } },
        signal,
      );
      yield entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
      if (entries.length < PAGE) return;
      after = entries.at(-1)!.seq;
    }
  }
  return { heads: [...archived, current, ...agents], keys, lines: lines() };
}

/** A chain of an agent, with the platform's heads that it keeps and the platform's keys as it met them when it enrolled. */
export async function agentChain(config: string, log: Exclude<AuditLogName, 'audit'>): Promise<ChainExport> {
  const { agentChains, agentErrors, readChainLines, readIdentity, readKeptHeads, readPlace } = await import(
    '@qianzhi/agent'
  );
  const { stateDir } = await readPlace(config);
  const identity = await readIdentity(stateDir);
  if (!identity) throw agentErrors.NOT_ENROLLED({ stateDir });
  async function* lines() {
    yield headerLine({ type: 'audit-export', version: 1, owner: identity!.agent, log });
    for await (const line of readChainLines(agentChains[log], stateDir)) yield `${line}\n`;
  }
  return { heads: await readKeptHeads(stateDir), keys: identity.platformKeys, lines: lines() };
}
