import { definePlugin } from '@qianzhi/plugin-api';
import { connectorOf } from './connector.js';
import { kingbase } from './flavour.js';

export const kingbaseConnector = connectorOf(kingbase);

export default definePlugin({
  name: '@qianzhi/connector-postgres',
  type: 'kingbase',
  role: kingbaseConnector,
});
