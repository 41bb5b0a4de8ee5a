import { describeCapture, describeWithMysql } from '@qianzhi/testing';
import { mysqlHarness } from './test/harness.js';

describeWithMysql('MySQL', (url) => {
  describeCapture(mysqlHarness(url), (log, serial) => `ALTER TABLE ${log} AUTO_INCREMENT = ${serial}`);
});
