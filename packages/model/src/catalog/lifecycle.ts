import { type Static, Type } from '@sinclair/typebox';
import type { LocalText } from '../errors/language.js';

/** Where an entry, or a change of one, stands (R009). */
export const catalogStates = {
  draft: { zh: '草稿', en: 'draft' },
  submitted: { zh: '待审核', en: 'awaiting verification' },
  verified: { zh: '待审核(部门已核实)', en: 'awaiting registration' },
  registered: { zh: '已注册', en: 'registered' },
  awaiting: { zh: '待发布', en: 'awaiting publication' },
  published: { zh: '已发布', en: 'published' },
  withdrawn: { zh: '撤销', en: 'withdrawn' },
  discarded: { zh: '已放弃', en: 'discarded' },
} as const satisfies Readonly<Record<string, LocalText>>;
export type CatalogState = keyof typeof catalogStates;
export const CatalogStateSchema = Type.Union(
  Object.entries(catalogStates).map(([state, { zh, en }]) =>
    Type.Literal(state as CatalogState, { description: `${zh} / ${en}` }),
  ),
);

export const catalogSteps = ['submit', 'verify', 'register', 'publish', 'return', 'discard'] as const;
export type CatalogStep = (typeof catalogSteps)[number];

/** What people call the steps; a draft is written before the first. */
export const catalogStepWords: Readonly<Record<CatalogStep | 'draft', LocalText>> = {
  draft: { zh: '起草', en: 'draft' },
  submit: { zh: '提交', en: 'submit' },
  verify: { zh: '核实', en: 'verify' },
  register: { zh: '注册', en: 'register' },
  publish: { zh: '发布', en: 'publish' },
  return: { zh: '退回', en: 'return' },
  discard: { zh: '放弃', en: 'discard' },
};

/**
 * The way of a draft: the editor submits, the own department verifies, the competent department registers, the editor submits
 * what is registered for publication, the competent department publishes. Each review may send it back to be a draft.
 */
const moves: Readonly<Record<CatalogStep, Partial<Record<CatalogState, CatalogState>>>> = {
  submit: { draft: 'submitted', registered: 'awaiting' },
  verify: { submitted: 'verified' },
  register: { verified: 'registered' },
  publish: { awaiting: 'published' },
  return: { submitted: 'draft', verified: 'draft', awaiting: 'draft' },
  discard: { draft: 'discarded' },
};

/** Where a step leads from a state; undefined where it cannot be taken. */
export function nextCatalogState(state: CatalogState, step: CatalogStep): CatalogState | undefined {
  return moves[step][state];
}

/** What becomes of agreements in force when a resource is withdrawn; nobody applies for it any more either way. */
export const LiveAgreementsSchema = Type.Union([
  Type.Literal('run-out', { description: '到期为止,不再续展 / go on until they expire' }),
  Type.Literal('end', { description: '立即终止 / end at once' }),
]);
export type LiveAgreements = Static<typeof LiveAgreementsSchema>;
