import { describeConnector } from '../connector/describe-connector.js';
import { referenceHarness } from './harness.js';

describeConnector(referenceHarness());
