import { Type } from '@sinclair/typebox';
import { DownloadOfferSchema, DownloadRequestSchema, DownloadSchema } from '../download/download.js';
import { TraceFindingSchema } from '../download/trace-finding.js';
import { TimeSchema } from './fields.js';
import { type Role, route } from './route.js';

const askers: readonly Role[] = ['consumer', 'operator', 'department-admin'];
const readers: readonly Role[] = [...askers, 'auditor', 'security-officer'];

const Link = Type.Object({
  token: Type.String({
    description: 'of the path /downloads/files/{token}; a secret for as long as it holds',
  }),
  expiresAt: TimeSchema,
});
const Wait = Type.Object({
  waitMs: Type.Integer({
    minimum: 0,
    maximum: 25_000,
    default: 0,
    description: 'held until state or progress changed, or so long',
  }),
});

/** 部门批量下载, for persons. */
export const downloadRoutes = {
  listOffers: route({
    method: 'GET',
    path: '/download-offers',
    access: askers,
    summary: '可下载的资源 / what may be downloaded, by agreement',
    response: Type.Object({ offers: Type.Array(DownloadOfferSchema) }),
  }),
  requestDownload: route({
    method: 'POST',
    path: '/downloads',
    access: askers,
    summary: '申请下载,平台在后台准备文件 / ask for a file; the platform prepares it',
    body: DownloadRequestSchema,
    response: DownloadSchema,
  }),
  listDownloads: route({
    method: 'GET',
    path: '/downloads',
    access: readers,
    summary: '下载记录 / downloads, newest first',
    query: Type.Object({
      resource: Type.Optional(Type.String()),
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
    }),
    response: Type.Object({ downloads: Type.Array(DownloadSchema) }),
  }),
  showDownload: route({
    method: 'GET',
    path: '/downloads/{id}',
    access: readers,
    summary: '一次下载的状态与清单 / one download, with its manifest once it is ready',
    query: Wait,
    response: DownloadSchema,
  }),
  cancelDownload: route({
    method: 'POST',
    path: '/downloads/{id}/cancel',
    access: askers,
    summary: '取消下载并删除文件 / cancel a download and remove its file',
    response: DownloadSchema,
  }),
  linkDownload: route({
    method: 'POST',
    path: '/downloads/{id}/link',
    access: askers,
    summary: '取得限时链接 / a link that expires, and dies at revocation',
    response: Link,
  }),
  downloadFile: route({
    method: 'GET',
    path: '/downloads/files/{token}',
    access: 'public',
    summary:
      '下载文件,支持 Range 续传;链接即凭据 / the file, with Range; whoever has the link has the right until it ends',
    response: 'stream',
  }),
  trace: route({
    method: 'POST',
    path: '/trace',
    access: ['security-officer', 'auditor'],
    summary:
      '溯源:以行的摘要与次序比对下载记录,不上传文件 / compare the digests and order of a found file with the downloads',
    body: 'bytes',
    response: TraceFindingSchema,
  }),
} as const;

/** The same for agents, which download by schedule. */
export const downloadAgentRoutes = {
  requestAgentDownload: route({
    method: 'POST',
    path: '/agent/downloads',
    access: 'agent',
    summary: '前置机申请下载 / ask for a file',
    body: DownloadRequestSchema,
    response: DownloadSchema,
  }),
  showAgentDownload: route({
    method: 'GET',
    path: '/agent/downloads/{id}',
    access: 'agent',
    summary: '一次下载的状态与清单 / one download',
    query: Wait,
    response: DownloadSchema,
  }),
  cancelAgentDownload: route({
    method: 'POST',
    path: '/agent/downloads/{id}/cancel',
    access: 'agent',
    summary: '取消下载 / cancel a download and remove its file',
    response: DownloadSchema,
  }),
  linkAgentDownload: route({
    method: 'POST',
    path: '/agent/downloads/{id}/link',
    access: 'agent',
    summary: '取得限时链接 / a link that expires',
    response: Link,
  }),
} as const;
