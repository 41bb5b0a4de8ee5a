import { definePlugin } from '@qianzhi/plugin-api';
import { sftpConnector } from './remote/connector.js';

export default definePlugin({ name: 'sftp', type: 'sftp', role: sftpConnector });
