import type { Agent, KeyRecord } from '@qianzhi/model';
import type { OrderNews } from '../ports.js';
import type { AgentCaller, PersonCaller } from '../server/caller.js';
import { hasRole } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import {
  type AgentRow,
  type ExchangeReport,
  findAgent,
  listAgents,
  raiseFence,
  setAgentState,
  setReport,
} from './agent-store.js';
import { identityErrors } from './errors.js';
import { type NewKey, newKeyRecord, provesKey } from './new-key.js';

export interface Agents {
  /** Department of an enrolled agent; undefined for one invited, revoked or unknown. */
  enrolledDepartment(agent: string): Promise<string | undefined>;
  list(caller: PersonCaller): Promise<Agent[]>;
  claimInstance(caller: AgentCaller, instance: string, version: string): Promise<number>;
  report(caller: AgentCaller, reports: readonly ExchangeReport[]): Promise<void>;
  /** The old key ends now and stays good for checking what it signed. Throws QZ_PLATFORM_PROOF_WRONG or _KEY_TAKEN. */
  rotateKey(caller: AgentCaller, key: NewKey): Promise<KeyRecord>;
  /** Ends all keys: the next request is refused. Open enrolment tokens for the name are void too. */
  revoke(caller: PersonCaller, agent: string, reason: string): Promise<Agent>;
}

export function createAgents({ db, audit, now, keys }: PlatformContext, news: OrderNews): Agents {
  const shown = async (row: AgentRow): Promise<Agent> => ({
    agent: row.agent,
    department: row.department,
    state: row.state,
    keys: [...(await keys.ofAgent(row.agent))],
    lastSeenAt: row.last_seen_at,
    exchanges: JSON.parse(row.exchanges) as ExchangeReport[],
  });

  return {
    async enrolledDepartment(agent) {
      const row = await findAgent(db, agent);
      return row?.state === 'enrolled' ? row.department : undefined;
    },

    async list(caller) {
      const everywhere = hasRole(caller, 'security-officer', 'auditor');
      const rows = await listAgents(db, everywhere ? undefined : caller.department);
      return Promise.all(rows.map(shown));
    },

    async claimInstance(caller, instance, version) {
      const fence = await db.transaction(async (trx) => {
        const raised = await raiseFence(trx, caller.agent, instance);
        const details = { instance: instance.slice(0, 100), version: version.slice(0, 50), fence: raised };
        await audit.record(
          { actor: caller, action: 'agent.claim', object: caller.agent, outcome: 'done', details },
          trx,
        );
        return raised;
      });
      news.ofDepartment(caller.department);
      return fence;
    },

    report: (caller, reports) => setReport(db, caller.agent, reports),

    async rotateKey(caller, key) {
      const { agent, department } = caller;
      const statement = { agent, publicKey: key.publicKey, replaces: caller.key.keyId };
      if (!provesKey(key, statement)) throw identityErrors.PROOF_WRONG({ agent });
      const record = newKeyRecord(key, agent, department, now());
      if (await keys.find(record.keyId)) throw identityErrors.KEY_TAKEN({ keyId: record.keyId });
      await db.transaction(async (trx) => {
        await keys.append(record, trx);
        await keys.end(caller.key.keyId, now().toISOString(), 'rotated', trx);
        const details = { key: record.keyId, replaces: caller.key.keyId };
        await audit.record(
          { actor: caller, action: 'key.rotate', object: agent, outcome: 'done', details },
          trx,
        );
      });
      return record;
    },

    async revoke(caller, agent, reason) {
      const known = await keys.ofAgent(agent);
      const at = now().toISOString();
      const row = await db.transaction(async (trx) => {
        if (!(await findAgent(trx, agent))) throw identityErrors.AGENT_UNKNOWN({ agent });
        await setAgentState(trx, agent, 'revoked');
        await trx('enrolments').where({ agent, spent_at: null }).update({ expires_at: at });
        for (const key of known) await keys.end(key.keyId, at, 'revoked', trx);
        const details = { reason };
        await audit.record(
          { actor: caller, action: 'agent.revoke', object: agent, outcome: 'done', details },
          trx,
        );
        return (await findAgent(trx, agent)) as AgentRow;
      });
      news.ofDepartment(row.department);
      return shown(row);
    },
  };
}
