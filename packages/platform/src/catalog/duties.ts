import { randomUUID } from 'node:crypto';
import type { Signed, SupplyDuty } from '@qianzhi/model';
import { signDocument } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import { remember } from '../database/remember.js';
import type { DutyService } from '../ports.js';
import type { PlatformContext } from '../server/context.js';
import { currentRevision, reviewOf } from './store.js';
import { standingWaiver } from './waivers/store.js';

interface DutyRow {
  readonly resource: string;
  readonly agent: string;
  readonly review: string;
  readonly document: string;
  readonly ended_at: string | null;
}

export interface Duties extends DutyService {
  /** Agents ordered to supply, in force or waiting for a review. */
  suppliers(resource: string, from?: Knex): Promise<readonly string[]>;
  /** Orders the agent to supply under the review, in place of an earlier order. */
  order(trx: Knex.Transaction, order: Order): Promise<void>;
  /** Nobody supplies any more: what agents still hold of the resource is refused. */
  endAll(trx: Knex.Transaction, resource: string): Promise<void>;
  /** A new review has passed: every supplier's order names it from now on. */
  renew(trx: Knex.Transaction, resource: string, department: string, review: string): Promise<void>;
}

export interface Order {
  readonly resource: string;
  readonly department: string;
  readonly agent: string;
  /** Id of the secrecy review that passed. */
  readonly review: string;
}

export function createDuties(
  { db, now, signingKey }: PlatformContext,
  enrolledDepartment: (agent: string) => Promise<string | undefined>,
): Duties {
  const rowsOf = (resource: string, agent: string): Promise<readonly DutyRow[]> =>
    remember(db, ['supply_duties'], ['duties', resource, agent], async () =>
      db('supply_duties').where({ resource, agent }).orderBy('seq', 'desc'),
    );

  async function suppliers(resource: string, from: Knex = db): Promise<readonly string[]> {
    const rows: readonly { agent: string }[] = await from('supply_duties')
      .where({ resource, ended_at: null })
      .orderBy('agent')
      .select('agent');
    return rows.map((row) => row.agent);
  }

  async function duty(resource: string, agent: string): Promise<Signed<SupplyDuty> | undefined> {
    const row = (await rowsOf(resource, agent)).find((candidate) => candidate.ended_at === null);
    if (row && (await standingWaiver(db, resource))) return undefined;
    const revision = row && (await currentRevision(db, resource));
    const review = revision && (await reviewOf(db, revision));
    if (!row || !revision || review?.result !== 'passed' || review.id !== row.review) return undefined;
    const document = documentOf(row);
    const { department } = document.body;
    const theirs = revision.resource.department === department;
    return theirs && (await enrolledDepartment(agent)) === department ? document : undefined;
  }

  async function order(trx: Knex.Transaction, { resource, department, agent, review }: Order): Promise<void> {
    const at = now().toISOString();
    const body: SupplyDuty = {
      type: 'supply-duty',
      id: randomUUID(),
      resource,
      department,
      agent,
      secrecyReview: review,
      validFrom: at,
      issuedAt: at,
    };
    await trx('supply_duties').where({ resource, agent, ended_at: null }).update({ ended_at: at });
    const document = JSON.stringify(signDocument(body, signingKey));
    await trx('supply_duties').insert({ id: body.id, resource, agent, review, document });
  }

  return {
    duty,
    suppliers,
    order,
    everyDuty: async (resource, agent) => (await rowsOf(resource, agent)).map(documentOf),
    async dutiesOf(agent) {
      const rows: readonly { resource: string }[] = await db('supply_duties')
        .where({ agent, ended_at: null })
        .orderBy('resource')
        .select('resource');
      const found = await Promise.all(rows.map(({ resource }) => duty(resource, agent)));
      return found.filter((document) => document !== undefined);
    },
    async endAll(trx, resource) {
      const ended = { ended_at: now().toISOString() };
      await trx('supply_duties').where({ resource, ended_at: null }).update(ended);
    },
    async renew(trx, resource, department, review) {
      for (const agent of await suppliers(resource, trx)) {
        await order(trx, { resource, department, agent, review });
      }
    },
  };
}

function documentOf(row: DutyRow): Signed<SupplyDuty> {
  return JSON.parse(row.document) as Signed<SupplyDuty>;
}
