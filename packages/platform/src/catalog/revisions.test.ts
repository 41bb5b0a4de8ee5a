import { expect, it } from 'vitest';
import { village } from '../exchange/test-exchange.js';
import { nextRevision } from './revisions.js';

const service = {
  name: 'by-code',
  summary: '',
  parameters: [{ name: 'code', item: 'code', required: true }],
  items: ['code'],
  maxRows: 10,
};
const entry = (queries: (typeof service)[] | undefined) => ({ ...village(), ...(queries && { queries }) });

it('a query service that shows more keeps the schema version and needs a new review', () => {
  const same = { schemaVersion: 1, wordsOnly: false };
  expect(nextRevision(entry(undefined), entry([service]))).toEqual(same);
  expect(nextRevision(entry([service]), entry([{ ...service, items: ['code', 'name'] }]))).toEqual(same);
});

it('one that shows less, or is described otherwise, needs none', () => {
  const words = { schemaVersion: 1, wordsOnly: true };
  expect(nextRevision(entry([service]), entry([{ ...service, summary: '按代码', maxRows: 1 }]))).toEqual(
    words,
  );
  expect(nextRevision(entry([service]), entry(undefined))).toEqual(words);
});

it('what only the catalog says of a resource is words, but for the openness of an item', () => {
  const plain = village();
  const told = { ...plain, dataRange: '全市', legalBasis: [{ kind: 'law', title: '某法' }] as const };
  expect(nextRevision(plain, { ...told, legalBasis: [...told.legalBasis] })).toEqual({
    schemaVersion: 1,
    wordsOnly: true,
  });
  const items = plain.items.map((item, index) =>
    index === 0 ? item : { ...item, openness: 'open' as const },
  );
  expect(nextRevision(plain, { ...plain, items })).toEqual({ schemaVersion: 1, wordsOnly: false });
});
