import { expect, it } from 'vitest';
import type { ChildRequest } from '../protocol.js';
import { failureOf } from './failure-of.js';

const request: ChildRequest = {
  job: 'diff',
  layout: { resource: 'r', fields: 2, keyFields: [0], maxRowBytes: 1000 },
  sets: {
    baseline: [],
    candidate: [
      { path: '/a', rows: 1 },
      { path: '/b', rows: 1 },
    ],
  },
  memoryLimitMb: 64,
  threads: 1,
};

it.each([
  ['IO Error: Could not write file "spill/x": No space left on device', 'DISK_FULL', {}],
  [
    'Out of Memory Error: failed to offload data block (1 KiB/1 KiB used). max_temp_directory_size',
    'DISK_FULL',
    {},
  ],
  ['Out of Memory Error: could not allocate block', 'MEMORY', { memoryLimitMb: 64 }],
  [
    'Invalid Input Error: qz-wrong-shape:candidate',
    'ROWS_BROKEN',
    { fields: 2, set: 'candidate', file: '*' },
  ],
  [
    'Invalid Input Error: CSV Error on Line: 1\nOriginal Line: S\tsecret\n\n  file = in/candidate/000001.zst\n',
    'ROWS_BROKEN',
    { fields: 2, set: 'candidate', file: '/b' },
  ],
  ['IO Error: Unknown frame descriptor', 'ROWS_BROKEN', { fields: 2, set: 'baseline, candidate', file: '*' }],
  ['Binder Error: something with secret', 'FAILED', { reason: 'Binder' }],
  ['secret', 'FAILED', { reason: 'Error' }],
])('%s', (message, name, details) => {
  expect(failureOf(new Error(message), request)).toEqual({ name, details });
});

it('names a system error by its code', () => {
  const error = Object.assign(new Error('EACCES: permission denied, secret'), { code: 'EACCES' });
  expect(failureOf(error, request)).toEqual({ name: 'FAILED', details: { reason: 'EACCES' } });
});
