import { definePlugin } from '@qianzhi/plugin-api';
import { onlineQuery } from './online-query.js';

export { queryModeErrors } from './errors.js';

export default definePlugin({ name: '联机查询 / online query', type: 'online-query', role: onlineQuery });
