import { definePlugin } from '@qianzhi/plugin-api';
import { damengConnector } from './connector.js';

export default definePlugin({ name: '@qianzhi/connector-dameng', type: 'dameng', role: damengConnector });
