import { definePlugin } from '@qianzhi/plugin-api';
import { oracleConnector } from './connector.js';

export default definePlugin({ name: '@qianzhi/connector-oracle', type: 'oracle', role: oracleConnector });
