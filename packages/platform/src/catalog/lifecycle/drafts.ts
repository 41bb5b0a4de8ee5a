import { randomUUID } from 'node:crypto';
import {
  type CatalogDraft,
  type CatalogResource,
  type CatalogState,
  type CatalogStep,
  type CatalogStepTaken,
  catalogStates,
  catalogStepWords,
  type Department,
  nextCatalogState,
  type Transfer,
  type Withdrawal,
} from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../../department/departments.js';
import type { EndAgreements, HandOverAgreements } from '../../ports.js';
import { hasRole, type PersonCaller } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import { catalogErrors } from '../errors.js';
import { requireOwn } from '../own.js';
import type { ProjectDuties } from '../project-duties.js';
import { providerOf } from '../store.js';
import { lifecycleErrors } from './errors.js';
import { openChange } from './open-change.js';
import { requireMayTake } from './persons.js';
import {
  type Draft,
  insertDraft,
  insertStep,
  latestDraft,
  listDrafts,
  receiverOf,
  stepsOf,
  updateDraft,
  withdrawalOf,
} from './store.js';
import { type TransferPorts, transfer, transferred } from './transfers.js';
import { withdraw } from './withdrawals.js';

/** At these an entry must be fit to be registered. */
const fitSteps: readonly CatalogStep[] = ['submit', 'register', 'publish'];

/** Changes of the catalog on their way from draft to publication (R009). */
export interface Drafts {
  /** Writes the draft of an entry, a new one or in place of the one there is. Throws QZ_PLATFORM_DRAFT_STATE under review, _DRAFT_BESIDE where the one there is changes something else. */
  draft(caller: PersonCaller, code: string, resource: CatalogResource): Promise<CatalogDraft>;
  /** The same inside a transaction, of an entry that is the caller's to draft. */
  draftIn(
    trx: Knex.Transaction,
    caller: PersonCaller,
    code: string,
    resource: CatalogResource,
  ): Promise<Draft>;
  /**
   * Whether an entry of the department may be drafted. Throws QZ_PLATFORM_CODE_HELD where another department's draft holds the code, and
   * _DRAFT_STATE where one is under review.
   */
  requireFree(from: Knex, code: string, department: string): Promise<void>;
  draftWithdrawal(caller: PersonCaller, code: string, withdrawal: Withdrawal): Promise<CatalogDraft>;
  /** By the provider, or by the competent department. Throws what `transferred` throws. */
  draftTransfer(caller: PersonCaller, code: string, transfer: Transfer): Promise<CatalogDraft>;
  /**
   * Takes a step. Throws QZ_PLATFORM_DRAFT_STATE where it cannot be taken now, _CATALOG_REFUSED for an entry not fit to be
   * registered, _NOT_COMPETENT and _SAME_PERSON for whoever may not.
   */
  take(caller: PersonCaller, code: string, step: CatalogStep, note: string): Promise<CatalogDraft>;
  show(caller: PersonCaller, code: string): Promise<CatalogDraft>;
  list(caller: PersonCaller, state: CatalogState | undefined): Promise<CatalogDraft[]>;
}

export interface DraftPorts extends Omit<TransferPorts, 'agreements'> {
  readonly projects: ProjectDuties;
  readonly agreements: EndAgreements & HandOverAgreements;
}

export function createDrafts(
  context: PlatformContext,
  departments: Departments,
  ports: DraftPorts,
  reviewsRequired: boolean,
): Drafts {
  const { db, audit, now } = context;
  const { publication, news } = ports;

  async function sees(caller: PersonCaller, draft: Draft): Promise<boolean> {
    const { department } = caller;
    const party = department !== null && [draft.department, receiverOf(draft)].includes(department);
    if (party || hasRole(caller, 'security-officer', 'auditor')) return true;
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
    trx: Knex.Transaction,
    caller: PersonCaller,
    made: Omit<Draft, 'id' | 'state'>,
    note = '',
  ): Promise<Draft> {
    const { own, other } = await openChange(trx, made, now());
    if (other) {
      const dropped = { ...other, state: 'discarded' } satisfies Draft;
      await updateDraft(trx, dropped);
      await recorded(trx, caller, dropped, 'discard', made.department);
    }
    const draft: Draft = { ...made, id: own?.id ?? randomUUID(), state: 'draft' };
    if (own) await updateDraft(trx, draft);
    else await insertDraft(trx, draft);
    await recorded(trx, caller, draft, 'draft', note);
    return draft;
  }

  const written = async (caller: PersonCaller, made: Omit<Draft, 'id' | 'state'>, note = '') =>
    shown(await db.transaction((trx) => write(trx, caller, made, note)));

  async function required(caller: PersonCaller, code: string): Promise<Draft> {
    const draft = await latestDraft(db, code);
    if (!draft || !(await sees(caller, draft))) {
      throw lifecycleErrors.DRAFT_UNKNOWN({ resource: code });
    }
    return draft;
  }

  async function carryOut(
    trx: Knex.Transaction,
    caller: PersonCaller,
    { code, resource, withdrawal }: Draft,
    receiver: Department | undefined,
    steps: readonly CatalogStepTaken[],
  ): Promise<{ announce(): void } | undefined> {
    if (withdrawal) return withdraw(trx, ports, caller, code, withdrawal);
    if (receiver) {
      const reason = steps.findLast(({ step }) => step === 'draft')?.note ?? '';
      return transfer(trx, ports, caller, code, receiver, reason);
    }
    if (resource) await publication.put(trx, caller, resource);
    return undefined;
  }

  return {
    async draft(caller, code, resource) {
      if (resource.code !== code) {
        throw catalogErrors.RESOURCE_CODE_DIFFERS({ path: code, body: resource.code });
      }
      requireOwn(caller, resource.department);
      requireOwn(caller, (await providerOf(db, code)) ?? resource.department);
      return written(caller, entryDraft(code, resource));
    },

    draftIn: (trx, caller, code, resource) => write(trx, caller, entryDraft(code, resource)),

    async requireFree(from, code, department) {
      await openChange(from, { code, department, change: 'publish', resource: null }, now());
    },

    async draftWithdrawal(caller, code, withdrawal) {
      const provider = await providerOf(db, code);
      if (provider === undefined) throw catalogErrors.RESOURCE_UNKNOWN({ resource: code });
      requireOwn(caller, provider);
      const before = await withdrawalOf(db, code);
      if (before) throw catalogErrors.RESOURCE_WITHDRAWN({ resource: code, reason: before.reason });
      return written(caller, {
        code,
        department: provider,
        change: 'withdraw',
        resource: null,
        withdrawal,
      });
    },

    async draftTransfer(caller, code, { to, reason }) {
      const resource = await transferred(db, code, await departments.require(to));
      const department = (await providerOf(db, code))!;
      if (!(await isCompetent(caller))) requireOwn(caller, department);
      return written(caller, { code, department, change: 'publish', resource, withdrawal: null }, reason);
    },

    async take(caller, code, step, note) {
      const seen = await required(caller, code);
      const competent = await isCompetent(caller);
      const to = receiverOf(seen);
      const receiver = to === undefined ? undefined : await departments.require(to);
      if (seen.resource && fitSteps.includes(step)) {
        const resource = receiver ? await transferred(db, code, receiver) : seen.resource;
        await publication.requireCorrect(resource, !receiver || reviewsRequired);
      }
      const { draft, announce } = await db.transaction(async (trx) => {
        const current = await latestDraft(trx, code);
        if (!current) throw lifecycleErrors.DRAFT_UNKNOWN({ resource: code });
        const next = nextCatalogState(current.state, step);
        const steps = await stepsOf(trx, current.id);
        requireMayTake(caller, competent, current, step, steps);
        if (step === 'discard' && current.department !== caller.department && note.trim() === '')
          throw lifecycleErrors.DISCARD_WITHOUT_REASON({ resource: code, department: current.department });
        if (next === undefined || current.id !== seen.id || receiverOf(current) !== to) {
          throw lifecycleErrors.DRAFT_STATE({
            resource: code,
            state: catalogStates[current.state],
            step: catalogStepWords[step],
          });
        }
        // both departments agree, and nobody else is asked
        const ends = next === 'published' || (next === 'verified' && receiver && !reviewsRequired);
        const ended = current.change === 'withdraw' ? 'withdrawn' : 'published';
        const moved = { ...current, state: ends ? ended : next } satisfies Draft;
        await updateDraft(trx, moved);
        await recorded(trx, caller, moved, step, note);
        const done = ends ? await carryOut(trx, caller, current, receiver, steps) : undefined;
        return { draft: moved, announce: () => done?.announce() };
      });
      announce();
      if (draft.state === 'published' && draft.resource && !receiver) news.ofResource(draft.resource);
      return shown(draft);
    },

    show: async (caller, code) => shown(await required(caller, code)),

    async list(caller, state) {
      const visible: CatalogDraft[] = [];
      for (const draft of await listDrafts(db, state)) {
        if (await sees(caller, draft)) visible.push(await shown(draft));
      }
      return visible;
    },
  };
}

function entryDraft(code: string, resource: CatalogResource): Omit<Draft, 'id' | 'state'> {
  return { code, department: resource.department, change: 'publish', resource, withdrawal: null };
}
