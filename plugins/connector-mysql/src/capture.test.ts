import { describeCapture, describeWithMysql } from '@qianzhi/testing';
import { mysqlHarness } from './test/harness.js';

describeWithMysql('MySQL', (url) => {
  describeCapture(mysqlHarness(url));
});
