import { describeConnector, hasSshd } from '@qianzhi/testing';
import { describe } from 'vitest';
import { sftpHarness } from '../test/sftp-site.js';

if (hasSshd() || process.env.QZ_REQUIRE_SERVICES) describeConnector(sftpHarness);
else describe.skip('connector sftp (no OpenSSH server on this machine)', () => {});
