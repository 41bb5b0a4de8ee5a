import { describeCapture } from '@qianzhi/testing';
import { sqliteHarness } from './test/harness.js';

describeCapture(sqliteHarness);
