import { definePlugin } from '@qianzhi/plugin-api';
import { mssqlConnector } from './connector.js';

export default definePlugin({ name: '@qianzhi/connector-mssql', type: 'mssql', role: mssqlConnector });
