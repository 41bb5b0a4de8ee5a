import { definePlugin } from '@qianzhi/plugin-api';
import { mysqlConnector } from './connector.js';

export { mysqlConnector };
export default definePlugin({ name: '@qianzhi/connector-mysql', type: 'mysql', role: mysqlConnector });
