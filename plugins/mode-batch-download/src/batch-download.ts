import { DownloadTargetSchema, isSupply } from '@qianzhi/model';
import { Type } from '@qianzhi/model/schema';
import type { ExchangeMode, ModePorts, RunningJob } from '@qianzhi/plugin-api';
import { nextSlot, planSlot } from '@qianzhi/plugin-api/slots';
import { batchDownloadErrors } from './errors.js';

/** 部门批量下载 (R034): files fetched into a folder, by a schedule or by hand. */
export const batchDownload: ExchangeMode = {
  kind: 'mode',
  configSchema: Type.Object({}, { additionalProperties: false }),
  targetSchema: DownloadTargetSchema,
  plan: (exchange, state, now) => planSlot(exchange, state, now, batchDownloadErrors.CRON_WRONG),
  nextDue: (exchange, _state, now) => nextSlot(exchange, now, batchDownloadErrors.CRON_WRONG),
  run,
};

async function run(_job: RunningJob, { exchange, download }: ModePorts, signal: AbortSignal) {
  if (isSupply(exchange)) throw batchDownloadErrors.SUPPLIES({ exchange: exchange.name });
  return download(exchange, signal);
}
