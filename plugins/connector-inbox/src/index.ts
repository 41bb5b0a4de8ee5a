import { definePlugin } from '@qianzhi/plugin-api';
import { inboxConnector } from './connector.js';

export { inboxErrors } from './errors.js';

export default definePlugin({ name: '收件箱 / inbox', type: 'inbox', role: inboxConnector });
