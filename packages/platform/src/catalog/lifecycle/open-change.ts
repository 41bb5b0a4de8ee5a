import { catalogStates, catalogStepWords } from '@qianzhi/model';
import type { Knex } from 'knex';
import { providerOf } from '../store.js';
import { lifecycleErrors } from './errors.js';
import { type Draft, isOpen, latestDraft, receiverOf, stepsOf } from './store.js';

/** Days that a draft which is not handed in keeps a code for its department. */
const HELD_DAYS = 30;

export interface OpenChange {
  /** The department's own, which is written anew. */
  readonly own?: Draft;
  /** Another department's, which gives way. */
  readonly other?: Draft;
}

/**
 * What is on its way of a code that is to be drafted. Throws QZ_PLATFORM_CODE_HELD where another department's change holds it, and
 * _DRAFT_STATE for a change that is under review, _DRAFT_BESIDE for the draft of another kind.
 */
export async function openChange(
  from: Knex,
  wanted: Pick<Draft, 'code' | 'department' | 'change' | 'resource'>,
  now: Date,
): Promise<OpenChange> {
  const { code, department } = wanted;
  const before = await latestDraft(from, code);
  if (!before || !isOpen(before)) return {};
  if (before.department !== department) {
    if (await givesWay(from, before, department, now)) return { other: before };
    const state = catalogStates[before.state];
    const held = { resource: code, department: before.department, state, days: HELD_DAYS };
    throw lifecycleErrors.CODE_HELD(held);
  }
  if (before.state === 'draft') {
    const kind = kindOf(before);
    if (kind === kindOf(wanted)) return { own: before };
    throw lifecycleErrors.DRAFT_BESIDE({ resource: code, change: kinds[kind] });
  }
  throw lifecycleErrors.DRAFT_STATE({
    resource: code,
    state: catalogStates[before.state],
    step: catalogStepWords.draft,
  });
}

const kinds = {
  publish: { zh: '条目内容', en: 'of its content' },
  withdraw: { zh: '撤销', en: 'its withdrawal' },
  transfer: { zh: '责任部门', en: 'of who is responsible' },
};

const kindOf = (draft: Pick<Draft, 'department' | 'change' | 'resource'>): keyof typeof kinds =>
  receiverOf(draft) === undefined ? draft.change : 'transfer';

/** To whoever has published the code at once; to others while it is no more than an old draft. */
async function givesWay(from: Knex, open: Draft, department: string, now: Date): Promise<boolean> {
  if ((await providerOf(from, open.code)) === department) return true;
  const last = (await stepsOf(from, open.id)).at(-1);
  const age = now.getTime() - Date.parse(last?.at ?? '');
  return open.state === 'draft' && age > HELD_DAYS * 86_400_000;
}
