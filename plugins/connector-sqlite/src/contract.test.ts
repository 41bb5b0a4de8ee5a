import { describeConnector } from '@qianzhi/testing';
import { sqliteHarness } from './test/harness.js';

describeConnector(sqliteHarness);
