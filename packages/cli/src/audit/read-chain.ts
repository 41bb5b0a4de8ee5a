import {
  type AuditExportHeader,
  AuditExportHeaderSchema,
  type AuditHead,
  AuditHeadsFileSchema,
  AuditRecordSchema,
  ChainEntrySchema,
  checkShape,
  isQianzhiError,
  type LocalText,
  type Signed,
} from '@qianzhi/model';
import type { ChainEntry } from '@qianzhi/model/crypto';
import { cliErrors } from '../errors.js';
import { readInput } from '../input.js';

const entrySchemas = { audit: AuditRecordSchema, queries: ChainEntrySchema, webhooks: ChainEntrySchema };

export interface ExportedChain {
  readonly of: AuditExportHeader;
  readonly entries: readonly ChainEntry[];
}

/** Files of one chain, oldest first: archives, then an export. Throws QZ_CLI_FILE_MISSING, _FILE_UNREADABLE or _FILE_WRONG with the line. */
export async function readChain(files: readonly string[]): Promise<ExportedChain> {
  let of: AuditExportHeader | undefined;
  const entries: ChainEntry[] = [];
  for (const file of files) {
    const [first = '', ...lines] = (await readInput(file)).trimEnd().split('\n');
    const header = checked(file, 1, () => checkShape(AuditExportHeaderSchema, JSON.parse(first), 'line 1'));
    of ??= header;
    if (header.owner !== of.owner || header.log !== of.log) throw wrong(file, 1, otherChain);
    const schema = entrySchemas[of.log];
    lines.forEach((line, at) => {
      entries.push(checked(file, at + 2, () => checkShape(schema, JSON.parse(line), `line ${at + 2}`)));
    });
  }
  return { of: of!, entries };
}

/** As `audit export --heads-out` writes them, of either side. */
export async function readHeads(files: readonly string[]): Promise<Signed<AuditHead>[]> {
  const all: Signed<AuditHead>[] = [];
  for (const file of files) {
    const text = await readInput(file);
    all.push(...checked(file, 1, () => checkShape(AuditHeadsFileSchema, JSON.parse(text), file)).heads);
  }
  return all;
}

function checked<T>(file: string, line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isQianzhiError(error)) {
      throw wrong(file, line, { zh: error.texts.zh.message, en: error.texts.en.message }, error);
    }
    if (error instanceof SyntaxError) throw wrong(file, line, { zh: '不是 JSON', en: 'is not JSON' }, error);
    throw error;
  }
}

const otherChain: LocalText = { zh: '属于另一条链', en: 'it is of another chain' };

function wrong(file: string, line: number, problem: LocalText, cause?: unknown): Error {
  return cliErrors.FILE_WRONG({ file, line, problem }, cause);
}
