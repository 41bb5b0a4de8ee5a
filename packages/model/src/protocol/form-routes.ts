import { Type } from '@sinclair/typebox';
import { everyone } from './fields.js';
import { route } from './route.js';

const Format = Type.Union(
  [
    Type.Literal('html', { description: '自成一页,由浏览器打印或存为 PDF / a page that a browser prints' }),
    Type.Literal('xlsx'),
  ],
  { default: 'html' },
);

/** The forms that offices print, sign and stamp (R068); their bytes are a file of the format. */
export const formRoutes = {
  agreementForm: route({
    method: 'GET',
    path: '/agreements/{id}/form',
    access: everyone,
    summary:
      '打印《信息服务共享申请表》《信息共享授权确认表》(R068) / the printable forms of an application and of its grant',
    query: Type.Object({
      form: Type.Union(
        [
          Type.Literal('application', { description: '信息服务共享申请表' }),
          Type.Literal('grant', { description: '信息共享授权确认表' }),
        ],
        { default: 'application' },
      ),
      format: Format,
    }),
    response: 'bytes',
  }),
  requestForm: route({
    method: 'GET',
    path: '/requests/{id}/form',
    access: everyone,
    summary: '打印目录外申请的《信息服务共享申请表》(R068) / the printable form of an off-catalog request',
    query: Type.Object({ format: Format }),
    response: 'bytes',
  }),
} as const;
