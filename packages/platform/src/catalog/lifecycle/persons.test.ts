import type { CatalogStepTaken, Role } from '@qianzhi/model';
import { expect, it } from 'vitest';
import type { PersonCaller } from '../../server/caller.js';
import { requireMayTake } from './persons.js';
import type { Draft } from './store.js';

const draft: Draft = {
  id: 'd1',
  code: 'r',
  department: 'mz',
  change: 'publish',
  state: 'submitted',
  resource: null,
  withdrawal: null,
};
const person = (account: string, ...roles: Role[]): PersonCaller => ({
  kind: 'person',
  account,
  department: 'mz',
  roles,
});
const taken = (step: CatalogStepTaken['step'], by: string): CatalogStepTaken => ({
  step,
  by,
  state: 'draft',
  department: 'mz',
  at: '2026-03-02T02:00:00.000Z',
  note: '',
});

it('R009 whoever wrote what is reviewed does not verify it, also after it was returned and handed in again by another', () => {
  const writer = person('writer', 'department-admin', 'catalog-editor');
  const returned = [taken('draft', 'writer'), taken('submit', 'writer'), taken('return', 'admin')];
  const again = [...returned, taken('submit', 'editor')];
  const verify = (steps: readonly CatalogStepTaken[]) => () =>
    requireMayTake(writer, false, draft, 'verify', steps);
  expect(verify(again)).toThrow(expect.objectContaining({ code: 'QZ_PLATFORM_SAME_PERSON' }));
  expect(verify([...returned, taken('draft', 'editor'), taken('submit', 'editor')])).not.toThrow();
});
