import type { StreamInfo } from '@qianzhi/agent/control';
import { currentLanguage } from '@qianzhi/model';
import { counted } from './counted.js';
import { haltText, sizeText } from './job-text.js';
import { word } from './words.js';

/** One stream for a person: where it stands, what waits, and how a stopped one goes on. */
export function showStream(stream: StreamInfo): string[] {
  const zh = currentLanguage() === 'zh';
  const { head, receiptedSeq, waitingBatches, waitingBytes, snapshot } = stream;
  const lines = [
    `${stream.name}  ${word(stream.direction)}  ${word(stream.state)}`,
    zh
      ? `  批次 ${head.seq},已签收 ${receiptedSeq},待确认 ${waitingBatches} 批 ${sizeText(waitingBytes)}`
      : `  seq ${head.seq}, receipted ${receiptedSeq}, waiting ${counted(waitingBatches, 'batch', 'batches')} ${sizeText(waitingBytes)}`,
  ];
  if (stream.schemaVersion !== undefined)
    lines.push(zh ? `  目录结构第 ${stream.schemaVersion} 版` : `  schema version ${stream.schemaVersion}`);
  if (snapshot)
    lines.push(zh ? `  全量进行到第 ${snapshot.part} 部分` : `  snapshot at part ${snapshot.part}`);
  if (stream.staleKeys > 0)
    lines.push(zh ? `  失效主键 ${stream.staleKeys} 个` : `  ${counted(stream.staleKeys, 'stale key')}`);
  const halt = haltText(stream);
  if (halt) lines.push(halt);
  return lines;
}
