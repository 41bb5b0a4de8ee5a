import { describeConnector } from '@qianzhi/testing';
import { filesHarness } from './test/harness.js';

describeConnector(filesHarness);
