import { definePlugin } from '@qianzhi/plugin-api';
import { docking } from './docking.js';

export { DockingOptionsSchema } from './docking.js';
export { dockingErrors } from './errors.js';

export default definePlugin({ name: '系统对接 / docking', type: 'docking', role: docking });
