import { definePlugin } from '@qianzhi/plugin-api';
import { sharing } from './sharing.js';

export default definePlugin({ name: '前置机共享 / sftp', type: 'sftp', role: sharing });
