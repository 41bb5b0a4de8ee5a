import { randomUUID } from 'node:crypto';
import {
  type NewOffCatalogRequest,
  type OffCatalogRequest,
  type Payload,
  type PolicyProfile,
  type personRoutes,
  requestId,
  type TimedDuty,
} from '@qianzhi/model';
import type { Departments } from '../../department/departments.js';
import { jurisdictionOf } from '../../department/jurisdiction.js';
import { platformErrors } from '../../errors.js';
import type { DutyClocks, PolicyService } from '../../ports.js';
import type { PersonCaller } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import { createAgreementAccess } from '../access.js';
import type { OwedThen } from '../matters/clocks.js';
import { findForwarder } from '../matters/forwarder.js';
import { freshMatter } from '../matters/matters.js';
import { createMatterSteps } from '../matters/steps.js';
import { latestMatters } from '../matters/store.js';
import { type Assignment, createRequestActs, type RequestActs } from './acts.js';
import { checkRequest } from './check.js';
import { createRequestEntries, type RequestEntries } from './entries.js';
import { offCatalogErrors } from './errors.js';
import {
  findRequest,
  insertRequest,
  matterOf,
  offCatalogMatters,
  pageRequests,
  type RequestRow,
} from './store.js';
import { listed } from './view.js';

type Query = Payload<(typeof personRoutes.listRequests)['query']>;

/** 目录外申请 (R069): what is in no catalog yet goes the way of an application, and ends in a catalog entry that can be applied for. */
export interface OffCatalogRequests extends RequestActs, RequestEntries {
  make(caller: PersonCaller, request: NewOffCatalogRequest): Promise<OffCatalogRequest>;
  list(caller: PersonCaller, query: Query): Promise<{ requests: OffCatalogRequest[]; next: string | null }>;
  /** As of applications (R070). */
  overdue(duty: TimedDuty): Promise<void>;
}

/** Instead of data, the provider owes a catalog entry. */
const entryOwed: OwedThen = ({ provider }, { catalogUpdateDays }) => ({
  supplyDuty: { kind: 'catalog.update', owner: provider, rule: 'R069', deadline: catalogUpdateDays },
});

export function createOffCatalogRequests(
  context: PlatformContext,
  departments: Departments,
  duties: DutyClocks,
  policies: PolicyService,
): OffCatalogRequests {
  const { db, audit, now } = context;
  const { sightOf } = createAgreementAccess(db, departments);
  const steps = createMatterSteps(context, duties, policies, departments, {
    tables: offCatalogMatters,
    owedThen: entryOwed,
  });

  /** Throws QZ_PLATFORM_REQUEST_UNKNOWN alike for one that is not there and one that is not the caller's to see. */
  async function visible(caller: PersonCaller, id: string) {
    const row = await findRequest(db, id);
    const sight = await sightOf(caller);
    const { party } = sight ?? {};
    const matter = row && (await matterOf(db, id));
    const parties = [row?.consumer, matter?.provider];
    if (!row || !matter || !sight || (party !== undefined && !parties.includes(party)))
      throw offCatalogErrors.REQUEST_UNKNOWN({ request: id });
    return { row, standing: await steps.standingOf(matter) };
  }

  const entries = createRequestEntries(context, departments, steps, visible);
  const acts = createRequestActs(context, departments, steps, visible, entries.show, assignmentOf);

  async function assignmentOf(consumer: string, { replyDays }: PolicyProfile): Promise<Assignment> {
    const own = jurisdictionOf(await departments.all(), await departments.require(consumer));
    return { owner: own?.competent[0]?.id ?? null, rule: 'R069', deadline: replyDays.offCatalog };
  }

  /** Who owes what first: the forwarding (R075), the finding of a department, or the reply. */
  async function firstStage(
    consumer: string,
    provider: string | null,
    profile: PolicyProfile,
  ): Promise<Assignment | undefined> {
    if (provider === null) return assignmentOf(consumer, profile);
    const owner = await findForwarder(departments, consumer, provider);
    return owner === undefined ? undefined : { owner, rule: 'R075', deadline: profile.forwardDays };
  }

  return {
    ...acts,
    ...entries,

    async make(caller, request) {
      const { department: consumer } = caller;
      if (consumer === null) {
        const { account } = caller;
        throw platformErrors.OTHER_DEPARTMENT({ account, department: '-', what: 'request' });
      }
      const profile = await policies.current();
      const consent = checkRequest(profile, consumer, request, now());
      const { department: provider = null } = request;
      if (provider !== null) await departments.require(provider);
      const forwarding = await firstStage(consumer, provider, profile);
      const at = now();
      const row: RequestRow = {
        id: requestId(randomUUID()),
        consumer,
        content: request,
        applied_by: caller.account,
        applied_at: at.toISOString(),
        resource: null,
        columns: {},
        linked_at: null,
        agreement: null,
      };
      const fresh = freshMatter({ id: row.id, provider, consumer }, profile, 'offCatalog', at);
      const matter = { ...fresh, consent, ...(forwarding && { stage: 'forwarding' as const }) };
      const competentBeside = await steps.competentBeside(consumer);
      await db.transaction(async (trx) => {
        await insertRequest(trx, row);
        const details = { items: request.items.length, provider };
        await audit.record(
          { actor: caller, action: 'request.make', object: row.id, outcome: 'done', details },
          trx,
        );
        await steps.insert(trx, caller, matter, 'apply', request.name);
        const { clocks } = steps;
        const owed = forwarding
          ? { duty: await clocks.forward(trx, caller, matter, forwarding) }
          : await clocks.reply(trx, caller, { matter, profile, competentBeside });
        await steps.change(trx, matter, owed);
      });
      return entries.show(caller, row.id);
    },

    async list(caller, { stage, after, limit }) {
      const sight = await sightOf(caller);
      if (!sight) return { requests: [], next: null };
      if (after !== undefined) await visible(caller, after);
      const found = await pageRequests(db, { stage, after, limit: limit + 1, ...sight });
      const page = found.slice(0, limit);
      const ids = page.map(({ id }) => id);
      const matters = await latestMatters(db, ids, offCatalogMatters);
      const next = page.length < found.length ? (ids.at(-1) ?? null) : null;
      return { requests: page.map((row) => listed(row, matters.get(row.id)!)), next };
    },

    async overdue({ id, kind, object }) {
      if (kind !== 'agreement.reply' || !(await findRequest(db, object))) return;
      await steps.overdue(await steps.standingOf(await matterOf(db, object)), id);
    },
  };
}
