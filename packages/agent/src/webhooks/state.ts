import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkShape, ProblemSchema, systemCode, systemReason } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import { agentErrors } from '../errors.js';
import { writeWhole } from '../whole-file.js';

const Time = Type.String({ format: 'date-time' });

/** A batch by where it stands in the feed; what it holds is read anew for each attempt. */
const LetterSchema = Type.Object({
  /** `webhook-id`: the same for each attempt with the same content. */
  id: Type.String(),
  after: Type.String(),
  last: Type.String(),
  records: Type.Integer(),
  bytes: Type.Integer(),
  /** Of the body. */
  digest: Type.String(),
  /** It begins with a `reset`: changes before it were no longer kept. */
  reset: Type.Boolean(),
  attempts: Type.Integer(),
});
export type Letter = Static<typeof LetterSchema>;

const DeadSchema = Type.Composite([
  LetterSchema,
  Type.Object({ at: Time, problem: ProblemSchema, retrying: Type.Boolean() }),
]);
export type DeadLetter = Static<typeof DeadSchema>;

const StateSchema = Type.Object({
  version: Type.Literal(1),
  /** Where the feed was read to; before the first batch undefined. */
  cursor: Type.Optional(Type.String()),
  reset: Type.Boolean(),
  pending: Type.Optional(LetterSchema),
  dead: Type.Array(DeadSchema),
  sentBatches: Type.Integer(),
  sentRecords: Type.Integer(),
  lastSentAt: Type.Optional(Time),
});
export type WebhookState = Static<typeof StateSchema>;

export interface StateFile {
  readonly state: WebhookState;
  /** Durable when it resolves. Throws QZ_AGENT_STATE_DIR_UNWRITABLE. */
  save(): Promise<void>;
}

/** Throws QZ_MODEL_SHAPE_WRONG or a syntax error for a file that somebody changed. */
export async function openState(stateDir: string, name: string): Promise<StateFile> {
  const folder = join(stateDir, 'webhooks');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${name}.json`);
  const state = await readState(file);
  return {
    state,
    async save() {
      try {
        await writeWhole(file, JSON.stringify(state), { mode: 0o600 });
      } catch (error) {
        throw agentErrors.STATE_DIR_UNWRITABLE({ stateDir, reason: systemReason(error) }, error);
      }
    },
  };
}

async function readState(file: string): Promise<WebhookState> {
  try {
    return checkShape(StateSchema, JSON.parse(await readFile(file, 'utf8')), file);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return { version: 1, reset: false, dead: [], sentBatches: 0, sentRecords: 0 };
  }
}

export function digestOf(body: string): string {
  return `sha-256:${createHash('sha256').update(body).digest('base64url')}`;
}
