import { definePlugin } from '@qianzhi/plugin-api';
import { filesConnector } from './connector.js';

export default definePlugin({ name: 'files', type: 'files', role: filesConnector });
