import { definePlugin } from '@qianzhi/plugin-api';
import { sqliteConnector } from './connector.js';

export { sqliteErrors } from './errors.js';

export default definePlugin({ name: '@qianzhi/connector-sqlite', type: 'sqlite', role: sqliteConnector });
