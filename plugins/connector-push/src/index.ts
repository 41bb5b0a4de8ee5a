import { definePlugin } from '@qianzhi/plugin-api';
import { pushConnector } from './connector.js';

export default definePlugin({ name: 'push', type: 'push', role: pushConnector });
