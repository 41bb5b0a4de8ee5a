import { describeCapture } from '@qianzhi/testing';
import { sqliteHarness } from './test/harness.js';

describeCapture(
  sqliteHarness,
  (log, serial) => `DELETE FROM ${log}; UPDATE sqlite_sequence SET seq = ${serial} - 1`,
);
