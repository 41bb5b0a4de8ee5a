import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { checkShape, isQianzhiError, ProblemSchema, systemCode } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import type { PluginLog } from '@qianzhi/plugin-api';
import { agentErrors } from '../errors.js';
import { writeWhole } from '../whole-file.js';
import { alertRules } from './message.js';

const Time = Type.String({ format: 'date-time' });

const NoticeSchema = Type.Object({
  id: Type.String(),
  event: Type.Union([Type.Literal('opened'), Type.Literal('resolved')]),
  channel: Type.String(),
  at: Time,
  attempts: Type.Integer(),
  sentAt: Type.Optional(Time),
  /** Why the last attempt failed. */
  problem: Type.Optional(ProblemSchema),
});
/** One message of an alert to one channel. */
export type Notice = Static<typeof NoticeSchema>;

const AlertSchema = Type.Object({
  id: Type.String(),
  rule: Type.Union(alertRules.map((rule) => Type.Literal(rule))),
  subject: Type.String(),
  openedAt: Time,
  /** When its condition was first seen gone; it counts as resolved a while later. */
  goneSince: Type.Optional(Time),
  resolvedAt: Type.Optional(Time),
  problem: ProblemSchema,
  restart: Type.Optional(Type.String()),
  notices: Type.Array(NoticeSchema),
});
/** An alert, open or resolved, as it lies in the state folder and as `alert list` shows it. */
export type Alert = Static<typeof AlertSchema>;

const FileSchema = Type.Object({ version: Type.Literal(1), alerts: Type.Array(AlertSchema) });

export const alertsFile = (stateDir: string) => join(stateDir, 'alerts.json');

/**
 * Oldest first; none where there is no file. One that is broken is set aside and told to the log: it is no evidence, and no
 * reason to exchange nothing.
 */
export async function readAlerts(stateDir: string, log: PluginLog): Promise<Alert[]> {
  const file = alertsFile(stateDir);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
  try {
    return checkShape(FileSchema, JSON.parse(text), 'alerts.json').alerts;
  } catch (error) {
    if (!isQianzhiError(error) && !(error instanceof SyntaxError)) throw error;
    const reason = isQianzhiError(error) ? error.code : 'JSON';
    const broken = agentErrors.ALERTS_BROKEN({ file, reason }, error);
    log.error({ code: broken.code, file, reason }, broken.message);
    await rename(file, `${file}.broken`);
    return [];
  }
}

export async function writeAlerts(stateDir: string, alerts: readonly Alert[]): Promise<void> {
  await writeWhole(alertsFile(stateDir), JSON.stringify({ version: 1, alerts }), { mode: 0o600 });
}
