import { definePlugin } from '@qianzhi/plugin-api';
import { postgresConnector } from './connector.js';

export { postgresErrors } from './errors.js';

export default definePlugin({
  name: '@qianzhi/connector-postgres',
  type: 'postgres',
  role: postgresConnector,
});
