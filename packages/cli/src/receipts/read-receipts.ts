import { type AgentControl, controlRoutes } from '@qianzhi/agent/control';
import type { PlatformClient } from '@qianzhi/client';
import {
  type ChainBegin,
  ChainBeginSchema,
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
  /** Chains whose beginning is in archives. */
  readonly begins: readonly ChainBegin[];
}

const PAGE = 1000;
/** Over the local socket. */
const LOCAL_PAGE = 10_000;

async function agentEvidence(
  agent: AgentControl,
  name: string | undefined,
  signal: AbortSignal,
): Promise<Evidence> {
  const receipts: Signed<Receipt>[] = [];
  const begins: ChainBegin[] = [];
  // a chain can only be checked whole
  for (let before: string | undefined; ; before = receipts.at(-1)!.body.id) {
    const query = { name, before, limit: LOCAL_PAGE };
    const page = await agent.call(controlRoutes.receipts, { query }, signal);
    receipts.push(...page.receipts.map(({ document }) => document));
    begins.push(...page.begins);
    if (page.receipts.length < LOCAL_PAGE) break;
  }
  const { keys } = await agent.call(controlRoutes.keys, {}, signal);
  return { receipts, keys, begins };
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
  const begins: ChainBegin[] = [];
  for (let after: string | undefined; ; after = receipts.at(-1)!.body.id) {
    const query = { ...filter, after, limit: PAGE };
    const page = await client.call(personRoutes.listReceipts, { query }, signal);
    receipts.push(...page.receipts);
    begins.push(...(page.begins ?? []));
    if (page.receipts.length < PAGE) break;
  }
  const { keys } = await client.call(personRoutes.keyDirectory, {}, signal);
  return { receipts, keys, begins };
}

/**
 * From the files `receipt list --out --keys-out` writes, and archives of platform or agent. Throws QZ_CLI_FILE_UNREADABLE or
 * _FILE_WRONG.
 */
export async function fileEvidence(files: readonly string[], keyFile: string): Promise<Evidence> {
  const receipts: Signed<Receipt>[] = [];
  const begins: ChainBegin[] = [];
  const receiptOf = (entry: unknown, what: string) => checkShape(SignedReceiptSchema, entry, what);
  for (const file of files) {
    const text = await readInput(file);
    if (isEvidenceArchive(text)) {
      receipts.push(...archivedReceipts(file, text, receiptOf));
      continue;
    }
    receipts.push(...listIn(file, text, 'receipts', receiptOf));
    const beginOf = (entry: unknown, what: string) => checkShape(ChainBeginSchema, entry, what);
    if (/"begins":/.test(text)) begins.push(...listIn(file, text, 'begins', beginOf));
  }
  return { receipts, keys: await readKeyFile(keyFile), begins };
}

function wrongFile(file: string, line: number, problem: LocalText, cause?: unknown) {
  return cliErrors.FILE_WRONG({ file, line, problem }, cause);
}

function isEvidenceArchive(text: string): boolean {
  return text.startsWith('{"type":"evidence-archive"');
}

function* archivedReceipts<T>(
  file: string,
  text: string,
  check: (entry: unknown, what: string) => T,
): Generator<T> {
  for (const [at, line] of text.split('\n').entries()) {
    if (!/^\{"(operation":\{")?receipt":/.test(line)) continue;
    try {
      const found = JSON.parse(line) as { receipt?: unknown; operation?: { receipt: unknown } };
      yield check(found.receipt ?? found.operation?.receipt, 'receipt');
    } catch (error) {
      const texts = isQianzhiError(error) ? error.texts : undefined;
      const problem = { zh: texts?.zh.message ?? '不是 JSON', en: texts?.en.message ?? 'is not JSON' };
      throw wrongFile(file, at + 1, problem, error);
    }
  }
}

function listIn<T>(
  file: string,
  text: string,
  name: string,
  check: (entry: unknown, what: string) => T,
): readonly T[] {
  const wrong = (problem: LocalText, cause?: unknown) => wrongFile(file, 1, problem, cause);
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
export async function readKeyFile(file: string): Promise<readonly KeyRecord[]> {
  return listIn(file, await readInput(file), 'keys', (entry, what) =>
    checkShape(KeyRecordSchema, entry, what),
  );
}
