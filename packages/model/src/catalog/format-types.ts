import type { FormatClass } from './entry.js';
import { entryFindings } from './entry-findings.js';
import type { Finding } from './finding.js';
import type { CatalogResource } from './resource.js';

/** Types the national guideline names for each class, and what they are called in the field; it ends each list with 等. */
const types: Readonly<Record<FormatClass, { readonly zh: string; readonly types: readonly string[] }>> = {
  document: {
    zh: '电子文件',
    types: ['ofd', 'wps', 'xml', 'txt', 'doc', 'docx', 'html', 'htm', 'pdf', 'ppt', 'pptx', 'rtf'],
  },
  spreadsheet: { zh: '电子表格', types: ['et', 'xls', 'xlsx', 'csv', 'ods'] },
  database: {
    zh: '数据库',
    types: [
      ...['dm', 'kingbasees', 'access', 'dbf', 'dbase', 'sybase', 'oracle', 'sqlserver', 'db2'],
      ...['mysql', 'postgresql', 'sqlite', 'opengauss', 'oceanbase', 'gbase', 'mariadb', 'mongodb'],
    ],
  },
  image: { zh: '图形图像', types: ['jpg', 'jpeg', 'gif', 'bmp', 'png', 'tif', 'tiff', 'shp', 'dwg'] },
  'streaming-media': {
    zh: '流媒体',
    types: ['swf', 'rm', 'rmvb', 'mpg', 'mpeg', 'mp3', 'mp4', 'avi', 'wav', 'flv'],
  },
  'self-describing': { zh: '自描述格式', types: [] },
  service: { zh: '服务接口', types: ['webservice', 'rest', 'restful', 'soap', 'api', 'http', 'wms', 'wfs'] },
};

/** A type known to be of another class. Types nobody knows, and formats that describe themselves, fit everywhere. */
export function formatFinding(format: CatalogResource['format']): Finding[] {
  if (format?.type === undefined || format.class === 'self-describing') return [];
  const type = format.type.toLowerCase().replace(/[\s._-]/g, '');
  const belongs = (Object.keys(types) as FormatClass[]).find((one) => types[one].types.includes(type));
  if (belongs === undefined || belongs === format.class) return [];
  const words = { belongs, belongsZh: types[belongs].zh, classZh: types[format.class].zh };
  return [entryFindings.FORMAT_MISFIT(undefined, { type: format.type, class: format.class, ...words })];
}
