import { definePlugin } from '@qianzhi/plugin-api';
import { connectorOf } from './connector.js';
import { opengauss } from './flavour.js';

export const opengaussConnector = connectorOf(opengauss);

export default definePlugin({
  name: '@qianzhi/connector-postgres',
  type: 'opengauss',
  role: opengaussConnector,
});
