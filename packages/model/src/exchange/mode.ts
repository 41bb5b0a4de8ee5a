import { type Static, Type } from '@sinclair/typebox';

/** The four modes named by regulation (R034): 系统对接, 部门批量下载, 联机查询, 前置机共享. */
export const ModeSchema = Type.Union([
  Type.Literal('docking', { description: '系统对接' }),
  Type.Literal('batch-download', { description: '部门批量下载' }),
  Type.Literal('online-query', { description: '联机查询' }),
  Type.Literal('sftp', { description: '前置机共享' }),
]);
export type Mode = Static<typeof ModeSchema>;
