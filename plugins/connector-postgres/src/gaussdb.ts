import { definePlugin } from '@qianzhi/plugin-api';
import { connectorOf } from './connector.js';
import { gaussdb } from './flavour.js';

export const gaussdbConnector = connectorOf(gaussdb);

export default definePlugin({
  name: '@qianzhi/connector-postgres',
  type: 'gaussdb',
  role: gaussdbConnector,
});
