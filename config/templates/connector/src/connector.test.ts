import { describeConnector } from '@qianzhi/testing';
import { harness } from './harness.js';

describeConnector(harness);
