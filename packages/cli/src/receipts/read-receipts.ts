import { type AgentControl, controlRoutes } from '@qianzhi/agent/control';
import type { PlatformClient } from '@qianzhi/client';
import {
  checkShape,
  isQianzhiError,
  type KeyRecord,
  KeyRecordSchema,
  type LocalText,
  personRoutes,
  type Receipt,
  type Signed,
  SignedReceiptSchema,
} from '@qianzhi/model';
import { askAgent } from '../agent-command.js';
import { cliErrors } from '../errors.js';
import { readInput } from '../input.js';
import { asPerson } from '../platform-command.js';
import type { EvidenceFlags } from './evidence-flags.js';

/** Receipts and the keys they are checked with. */
export interface Evidence {
  readonly receipts: readonly Signed<Receipt>[];
  readonly keys: readonly KeyRecord[];
}

/** Enough for every receipt of an agent: a chain can only be checked whole. */
const ALL = 100_000;
const PAGE = 1000;

async function agentEvidence(
  agent: AgentControl,
  name: string | undefined,
  signal: AbortSignal,
): Promise<Evidence> {
  const { receipts } = await agent.call(controlRoutes.receipts, { query: { name, limit: ALL } }, signal);
  const { keys } = await agent.call(controlRoutes.keys, {}, signal);
  return { receipts: receipts.map(({ document }) => document), keys };
}

/** Of the running agent, or with --platform of the platform as the signed-in person. */
export function readEvidence(flags: EvidenceFlags, signal: AbortSignal): Promise<Evidence> {
  if (!flags.platform) return askAgent(flags.config, (agent) => agentEvidence(agent, flags.name, signal));
  const filter = { resource: flags.resource, agreement: flags.agreement };
  return asPerson(flags.profile, (client) => platformEvidence(client, filter, signal));
}

/** Every receipt the signed-in person may see, page by page, and the platform's key directory. */
async function platformEvidence(
  client: PlatformClient,
  filter: { readonly resource: string | undefined; readonly agreement: string | undefined },
  signal: AbortSignal,
): Promise<Evidence> {
  const receipts: Signed<Receipt>[] = [];
  for (let after: string | undefined; ; after = receipts.at(-1)!.body.id) {
    const query = { ...filter, after, limit: PAGE };
    const page = await client.call(personRoutes.listReceipts, { query }, signal);
    receipts.push(...page.receipts);
    if (page.receipts.length < PAGE) break;
  }
  const { keys } = await client.call(personRoutes.keyDirectory, {}, signal);
  return { receipts, keys };
}

/** From the files `receipt list --out --keys-out` writes. Throws QZ_CLI_FILE_UNREADABLE or _FILE_WRONG. */
export async function fileEvidence(receiptFile: string, keyFile: string): Promise<Evidence> {
  const receipts = await readList(receiptFile, 'receipts', (entry, what) =>
    checkShape(SignedReceiptSchema, entry, what),
  );
  const keys = await readKeyFile(keyFile);
  return { receipts, keys };
}

async function readList<T>(
  file: string,
  name: string,
  check: (entry: unknown, what: string) => T,
): Promise<readonly T[]> {
  const text = await readInput(file);
  const wrong = (problem: LocalText, cause?: unknown) =>
    cliErrors.FILE_WRONG({ file, line: 1, problem }, cause);
  let list: unknown;
  try {
    list = (JSON.parse(text) as Record<string, unknown>)[name];
  } catch (cause) {
    throw wrong({ zh: '不是 JSON', en: 'is not JSON' }, cause);
  }
  if (!Array.isArray(list)) throw wrong({ zh: `没有列表“${name}”`, en: `has no list "${name}"` });
  return list.map((entry, index) => {
    try {
      return check(entry, `${name}[${index}]`);
    } catch (error) {
      if (!isQianzhiError(error)) throw error;
      throw wrong({ zh: error.texts.zh.message, en: error.texts.en.message }, error);
    }
  });
}

/** The key directory as `receipt list --keys-out` writes it. Throws QZ_CLI_FILE_UNREADABLE or _FILE_WRONG. */
export function readKeyFile(file: string): Promise<readonly KeyRecord[]> {
  return readList(file, 'keys', (entry, what) => checkShape(KeyRecordSchema, entry, what));
}
