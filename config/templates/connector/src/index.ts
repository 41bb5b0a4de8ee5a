import { definePlugin } from '@qianzhi/plugin-api';
import { connector } from './connector.js';

export default definePlugin({
  name: '__name__',
  type: '__name__',
  role: connector,
});
