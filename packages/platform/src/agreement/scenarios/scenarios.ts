import {
  type Application,
  type CatalogResource,
  type NewScenario,
  personRoutes,
  type Scenario,
} from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../../department/departments.js';
import type { CatalogOffers } from '../../ports.js';
import type { PersonCaller } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import type { Api } from '../../server/serve.js';
import { checkContent, type GrantContent, usedColumns } from '../content.js';
import { scenarioErrors } from './errors.js';

interface Row {
  readonly id: string;
  readonly resource: string;
  readonly content: string;
  readonly valid_to: string;
  readonly published_by: string;
  readonly published_at: string;
  readonly ended_by: string | null;
  readonly ended_at: string | null;
  readonly end_reason: string | null;
}

/** 应用场景 (R078). What was published is not changed; it ends by time or by the competent department. */
export interface Scenarios {
  list(query: { readonly resource?: string | undefined; readonly ended: boolean }): Promise<Scenario[]>;
  /** Throws QZ_PLATFORM_SCENARIO_COMPETENT_ONLY, _SCENARIO_TAKEN, _SCENARIO_PAST, or the rule of a grant that it breaks. */
  publish(caller: PersonCaller, scenario: NewScenario): Promise<Scenario>;
  /** What was granted by it stays. */
  end(caller: PersonCaller, id: string, reason: string): Promise<Scenario>;
}

export function createScenarios(
  { db, audit, now }: PlatformContext,
  departments: Departments,
  catalog: CatalogOffers,
): Scenarios {
  async function requireCompetent({ department, account }: PersonCaller): Promise<void> {
    if (department === null || !(await departments.require(department)).competent)
      throw scenarioErrors.SCENARIO_COMPETENT_ONLY({ account });
  }

  return {
    async list({ resource, ended }) {
      const rows = db('scenarios').orderBy([{ column: 'published_at', order: 'desc' }, 'id']);
      if (resource !== undefined) rows.where({ resource });
      if (!ended) rows.whereNull('ended_at').where('valid_to', '>', now().toISOString());
      return ((await rows) as Row[]).map(shown);
    },

    async publish(caller, { id, resource: code, ...content }) {
      await requireCompetent(caller);
      const resource = await catalog.offered(code);
      const validTo = new Date(content.validTo).toISOString();
      const at = now().toISOString();
      if (validTo <= at) throw scenarioErrors.SCENARIO_PAST({ scenario: id, validTo });
      checkContent(resource, { ...content, masks: {}, validTo });
      const row: Row = {
        id,
        resource: code,
        content: JSON.stringify({ ...content, validTo }),
        valid_to: validTo,
        published_by: caller.account,
        published_at: at,
        ended_by: null,
        ended_at: null,
        end_reason: null,
      };
      await db.transaction(async (trx) => {
        if (await trx('scenarios').where({ id }).first())
          throw scenarioErrors.SCENARIO_TAKEN({ scenario: id });
        await trx('scenarios').insert(row);
        const details = { resource: code, items: content.items.length, validTo };
        await audit.record(
          { actor: caller, action: 'scenario.publish', object: id, outcome: 'done', details },
          trx,
        );
      });
      return shown(row);
    },

    async end(caller, id, reason) {
      await requireCompetent(caller);
      const end = { ended_by: caller.account, ended_at: now().toISOString(), end_reason: reason };
      await db.transaction(async (trx) => {
        const row = await requireScenario(trx, id);
        if ((await trx('scenarios').where({ id, ended_at: null }).update(end)) === 0)
          throw scenarioErrors.SCENARIO_OVER({ scenario: id, resource: row.resource });
        const details = { reason };
        await audit.record(
          { actor: caller, action: 'scenario.end', object: id, outcome: 'done', details },
          trx,
        );
      });
      return requireScenario(db, id);
    },
  };
}

async function requireScenario(db: Knex, id: string): Promise<Scenario> {
  const row: Row | undefined = await db('scenarios').where({ id }).first();
  if (!row) throw scenarioErrors.SCENARIO_UNKNOWN({ scenario: id });
  return shown(row);
}

/** A scenario of the resource that grants now. Throws QZ_PLATFORM_SCENARIO_UNKNOWN, _SCENARIO_OVER. */
export async function liveScenario(db: Knex, id: string, resource: string, now: Date): Promise<Scenario> {
  const scenario = await requireScenario(db, id);
  if (scenario.resource !== resource) throw scenarioErrors.SCENARIO_UNKNOWN({ scenario: id });
  if (scenario.ended || scenario.validTo <= now.toISOString())
    throw scenarioErrors.SCENARIO_OVER({ scenario: id, resource });
  return scenario;
}

/** Whoever names no items asks for those of the scenario; its legal basis is that of each (R067). */
export function byScenario({ items, purpose }: Scenario, application: Application): Application {
  const basis = purpose.legalBasis.trim();
  const bases = basis === '' ? [] : items.map((column) => [column, basis] as const);
  return {
    ...application,
    items: application.items.length > 0 ? application.items : items,
    itemBasis: { ...Object.fromEntries(bases), ...application.itemBasis },
  };
}

/** Throws QZ_PLATFORM_SCENARIO_EXCEEDED naming everything that the scenario does not have. */
export function requireWithin(
  scenario: Scenario,
  resource: CatalogResource,
  content: GrantContent,
  loosened: boolean,
): void {
  const { items, modes, purpose, validTo, id } = scenario;
  const same = content.purpose.usage === purpose.usage && content.purpose.matter === purpose.matter;
  const beyond = [
    ...usedColumns(resource, content).filter((column) => !items.includes(column)),
    ...content.modes.filter((mode) => !modes.includes(mode)),
    ...(same ? [] : [`${content.purpose.usage} ${content.purpose.matter}`]),
    ...(content.validTo > validTo ? [content.validTo] : []),
    // a decision set these bounds, and a decision alone lifts them
    ...(loosened ? ['quota / rows / addresses'] : []),
  ];
  if (beyond.length > 0)
    throw scenarioErrors.SCENARIO_EXCEEDED({
      scenario: id,
      resource: resource.code,
      beyond: [...new Set(beyond)].join(', '),
    });
}

function shown(row: Row): Scenario {
  const { ended_by: by, ended_at: at, end_reason: reason } = row;
  return {
    id: row.id,
    resource: row.resource,
    ...(JSON.parse(row.content) as Omit<NewScenario, 'id' | 'resource'>),
    publishedBy: row.published_by,
    publishedAt: row.published_at,
    ended: by === null || at === null ? null : { by, at, reason: reason ?? '' },
  };
}

export function bindScenarios(api: Api, scenarios: Scenarios): void {
  api.servePerson(personRoutes.listScenarios, async ({ query }) => ({
    scenarios: await scenarios.list(query),
  }));
  api.servePerson(personRoutes.publishScenario, ({ caller, body }) => scenarios.publish(caller, body));
  api.servePerson(personRoutes.endScenario, ({ caller, param, body }) =>
    scenarios.end(caller, param('id'), body.reason),
  );
}
