import type { Grant, Signed } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { AgreementService, DutyService } from '../ports.js';
import type { AgentCaller } from '../server/caller.js';
import { applierOf } from './store.js';

/** Who compares with whom under which grant. */
export interface Partners {
  readonly grant: Signed<Grant>;
  readonly provider: string;
  readonly consumer: string;
}

export interface Suppliers {
  suppliers(resource: string): Promise<readonly string[]>;
}

/**
 * Of a provider: the agents that have applied under each grant in force; of a consumer: the agent that supplies. An
 * agent that is neither has none.
 */
export async function partnersOf(
  db: Knex,
  agreements: AgreementService,
  duties: DutyService & Suppliers,
  { agent, department }: AgentCaller,
  resource: string,
  agreement: string | undefined,
): Promise<readonly Partners[]> {
  const supplies = (await duties.duty(resource, agent)) !== undefined;
  const live = supplies
    ? await agreements.liveGrants(resource)
    : await agreements.grantsOf(department, resource);
  const wanted = live.filter(({ body }) => agreement === undefined || body.agreement === agreement);
  const partners: Partners[] = [];
  for (const grant of wanted) {
    const consumer = supplies ? await applierOf(db, grant.body.agreement) : agent;
    const provider = supplies ? agent : await supplierOf(duties, resource);
    if (provider !== undefined && consumer !== undefined) partners.push({ grant, provider, consumer });
  }
  return partners;
}

async function supplierOf(duties: DutyService & Suppliers, resource: string): Promise<string | undefined> {
  for (const agent of await duties.suppliers(resource)) {
    if (await duties.duty(resource, agent)) return agent;
  }
  return undefined;
}
