import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Assignments,
  AssignmentsSchema,
  checkShape,
  type KeyRecord,
  type Signed,
  SignedSchema,
  systemCode,
  systemReason,
} from '@qianzhi/model';
import { verifyDocument } from '@qianzhi/model/crypto';
import { agentErrors } from '../errors.js';
import { writeWhole } from '../whole-file.js';

const schema = SignedSchema(AssignmentsSchema);
const fileOf = (stateDir: string) => join(stateDir, 'assignments.json');

/** The newest assignments seen, kept so that their version never goes back over a restart. */
export async function readAssignments(
  stateDir: string,
  platformKeys: readonly KeyRecord[],
): Promise<Assignments | undefined> {
  let text: string;
  try {
    text = await readFile(fileOf(stateDir), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const document = checkShape(schema, JSON.parse(text), 'assignments.json');
  verifyDocument(document, platformKeys, document.body.issuedAt);
  return document.body;
}

/** Whole, and there after a loss of power, too. One at a time. Throws QZ_AGENT_STATE_DIR_UNWRITABLE. */
export async function writeAssignments(stateDir: string, document: Signed<Assignments>): Promise<void> {
  try {
    await writeWhole(fileOf(stateDir), JSON.stringify(document), { mode: 0o600 });
  } catch (error) {
    throw agentErrors.STATE_DIR_UNWRITABLE({ stateDir, reason: systemReason(error) }, error);
  }
}
