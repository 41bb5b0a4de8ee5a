import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AuditHead,
  AuditHeadSchema,
  checkShape,
  type Signed,
  SignedSchema,
  systemCode,
} from '@qianzhi/model';
import { writeWhole } from '../whole-file.js';

/** In the state folder: heads of the platform's audit chain, JSON lines in the order they came. */
export const KEPT_HEADS = 'audit-heads.jsonl';
const schema = SignedSchema(AuditHeadSchema);

/** Heads of the platform's audit chain that this agent keeps, oldest first: what the platform says later must fit them. */
export async function readKeptHeads(stateDir: string): Promise<Signed<AuditHead>[]> {
  let text: string;
  try {
    text = await readFile(join(stateDir, KEPT_HEADS), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => checkShape(schema, JSON.parse(line), KEPT_HEADS));
}

/** Whole, and there after a loss of power, too: an hourly head makes some megabytes a year. */
export async function writeKeptHeads(stateDir: string, heads: readonly Signed<AuditHead>[]): Promise<void> {
  const text = heads.map((head) => `${JSON.stringify(head)}\n`).join('');
  await writeWhole(join(stateDir, KEPT_HEADS), text, { mode: 0o600 });
}
