import { describeConnector, describeWithSshd } from '@qianzhi/testing';
import { sftpHarness } from '../test/sftp-site.js';

describeWithSshd('connector sftp', () => describeConnector(sftpHarness));
