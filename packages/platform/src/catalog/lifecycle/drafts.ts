import { randomUUID } from 'node:crypto';
import {
  type CatalogDraft,
  type CatalogResource,
  type CatalogState,
  type CatalogStep,
  catalogStates,
  catalogStepWords,
  nextCatalogState,
  type Withdrawal,
} from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../../department/departments.js';
import type { EndAgreements, OrderNews } from '../../ports.js';
import { hasRole, type PersonCaller } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import { catalogErrors } from '../errors.js';
import { requireOwn } from '../own.js';
import type { Publication } from '../publication.js';
import { providerOf } from '../store.js';
import type { UpdateDuties } from '../update-duties.js';
import { lifecycleErrors } from './errors.js';
import { requireMayTake } from './persons.js';
import {
  type Draft,
  insertDraft,
  insertStep,
  isOpen,
  latestDraft,
  listDrafts,
  stepsOf,
  updateDraft,
  withdrawalOf,
} from './store.js';
import { withdraw } from './withdrawals.js';

/** Changes of the catalog on their way from draft to publication (R009). */
export interface Drafts {
  /** Writes the draft of an entry, a new one or in place of the one there is. Throws QZ_PLATFORM_DRAFT_STATE under review. */
  draft(caller: PersonCaller, code: string, resource: CatalogResource): Promise<CatalogDraft>;
  draftWithdrawal(caller: PersonCaller, code: string, withdrawal: Withdrawal): Promise<CatalogDraft>;
  /**
   * Takes a step. Throws QZ_PLATFORM_DRAFT_STATE where it cannot be taken now, _CATALOG_REFUSED for an entry not fit to be
   * registered, _NOT_COMPETENT and _SAME_PERSON for whoever may not.
   */
  take(caller: PersonCaller, code: string, step: CatalogStep, note: string): Promise<CatalogDraft>;
  show(caller: PersonCaller, code: string): Promise<CatalogDraft>;
  list(caller: PersonCaller, state: CatalogState | undefined): Promise<CatalogDraft[]>;
}

export function createDrafts(
  context: PlatformContext,
  departments: Departments,
  publication: Publication,
  agreements: EndAgreements,
  updates: UpdateDuties,
  news: OrderNews,
): Drafts {
  const { db, audit, now } = context;

  async function sees(caller: PersonCaller, department: string): Promise<boolean> {
    if (caller.department === department || hasRole(caller, 'security-officer', 'auditor')) return true;
    return isCompetent(caller);
  }

  async function isCompetent({ department }: PersonCaller): Promise<boolean> {
    return department !== null && (await departments.require(department)).competent;
  }

  async function shown(draft: Draft): Promise<CatalogDraft> {
    const findings = draft.resource ? await publication.findings(draft.resource, true) : [];
    return {
      ...draft,
      steps: await stepsOf(db, draft.id),
      findings: findings.map(({ level, code, texts }) => ({ level, code, ...texts })),
    };
  }

  async function recorded(
    trx: Knex.Transaction,
    caller: PersonCaller,
    draft: Draft,
    step: CatalogStep | 'draft',
    note: string,
  ): Promise<void> {
    const { id, code, change, state } = draft;
    const [by, department, at] = [caller.account, caller.department ?? '', now().toISOString()];
    await insertStep(trx, id, { step, state, by, department, at, note });
    const action = step === 'draft' ? 'catalog.draft' : `catalog.draft.${step}`;
    const details = { change, state, note };
    await audit.record({ actor: caller, action, object: code, outcome: 'done', details }, trx);
  }

  /** A draft there is is written anew; one under review is not. */
  async function write(
    caller: PersonCaller,
    made: Omit<Draft, 'id' | 'state' | 'department'>,
  ): Promise<CatalogDraft> {
    const { code } = made;
    const written = await db.transaction(async (trx) => {
      const before = await latestDraft(trx, code);
      const open = before && isOpen(before) ? before : undefined;
      if (open) requireOwn(caller, open.department);
      if (open && (open.state !== 'draft' || open.change !== made.change)) {
        throw lifecycleErrors.DRAFT_STATE({
          resource: code,
          state: catalogStates[open.state],
          step: catalogStepWords.draft,
        });
      }
      const department = caller.department as string;
      const draft: Draft = { ...made, id: open?.id ?? randomUUID(), department, state: 'draft' };
      if (open) await updateDraft(trx, draft);
      else await insertDraft(trx, draft);
      await recorded(trx, caller, draft, 'draft', '');
      return draft;
    });
    return shown(written);
  }

  async function required(caller: PersonCaller, code: string): Promise<Draft> {
    const draft = await latestDraft(db, code);
    if (!draft || !(await sees(caller, draft.department))) {
      throw lifecycleErrors.DRAFT_UNKNOWN({ resource: code });
    }
    return draft;
  }

  return {
    async draft(caller, code, resource) {
      if (resource.code !== code) {
        throw catalogErrors.RESOURCE_CODE_DIFFERS({ path: code, body: resource.code });
      }
      requireOwn(caller, resource.department);
      requireOwn(caller, (await providerOf(db, code)) ?? resource.department);
      return write(caller, { code, change: 'publish', resource, withdrawal: null });
    },

    async draftWithdrawal(caller, code, withdrawal) {
      const provider = await providerOf(db, code);
      if (provider === undefined) throw catalogErrors.RESOURCE_UNKNOWN({ resource: code });
      requireOwn(caller, provider);
      const before = await withdrawalOf(db, code);
      if (before) throw catalogErrors.RESOURCE_WITHDRAWN({ resource: code, reason: before.reason });
      return write(caller, { code, change: 'withdraw', resource: null, withdrawal });
    },

    async take(caller, code, step, note) {
      const seen = await required(caller, code);
      const competent = await isCompetent(caller);
      const fit = step === 'submit' || step === 'register' || step === 'publish';
      if (seen.resource && fit) await publication.requireCorrect(seen.resource, true);
      const { draft, announce } = await db.transaction(async (trx) => {
        const current = await latestDraft(trx, code);
        if (!current) throw lifecycleErrors.DRAFT_UNKNOWN({ resource: code });
        const next = nextCatalogState(current.state, step);
        requireMayTake(caller, competent, current, step, await stepsOf(trx, current.id));
        if (next === undefined || current.id !== seen.id) {
          throw lifecycleErrors.DRAFT_STATE({
            resource: code,
            state: catalogStates[current.state],
            step: catalogStepWords[step],
          });
        }
        const ends = next === 'published';
        const state = ends && current.change === 'withdraw' ? 'withdrawn' : next;
        const moved = { ...current, state } satisfies Draft;
        await updateDraft(trx, moved);
        await recorded(trx, caller, moved, step, note);
        if (ends && current.resource) await publication.put(trx, caller, current.resource);
        const done =
          ends &&
          current.withdrawal &&
          (await withdraw(trx, { audit, now, agreements, updates }, caller, code, current.withdrawal));
        return { draft: moved, announce: done ? done.announce : () => undefined };
      });
      announce();
      if (draft.state === 'published' && draft.resource) news.ofResource(draft.resource);
      return shown(draft);
    },

    show: async (caller, code) => shown(await required(caller, code)),

    async list(caller, state) {
      const visible: CatalogDraft[] = [];
      for (const draft of await listDrafts(db, state)) {
        if (await sees(caller, draft.department)) visible.push(await shown(draft));
      }
      return visible;
    },
  };
}
