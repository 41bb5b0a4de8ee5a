import { definePlugin } from '@qianzhi/plugin-api';
import { batchDownload } from './batch-download.js';

export { batchDownloadErrors } from './errors.js';

export default definePlugin({
  name: '部门批量下载 / batch download',
  type: 'batch-download',
  role: batchDownload,
});
