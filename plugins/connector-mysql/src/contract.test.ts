import { describeConnector, describeWithMysql } from '@qianzhi/testing';
import { mysqlHarness } from './test/harness.js';

describeWithMysql('MySQL', (url) => {
  describeConnector(mysqlHarness(url));
});
