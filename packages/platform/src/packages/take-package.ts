import { AgentNotesSchema, type OpenPackage, type Refusal } from '@qianzhi/carrier';
import {
  checkShape,
  isQianzhiError,
  MANIFEST_HEADER,
  type Receipt,
  type Signed,
  SignedManifestSchema,
  toProblem,
} from '@qianzhi/model';
import type { Exchange } from '../exchange/exchange.js';
import type { AgentCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import type { Answers } from './answers.js';

/**
 * Does what the package says, as if the agent had called over a line: the same checks, the same receipts, and a repeat is harmless.
 * What is refused for good is answered; what only has to wait (disk, database) throws, and the whole package comes again.
 */
export async function takePackage(
  { log }: Pick<PlatformContext, 'log'>,
  exchange: Exchange,
  caller: AgentCaller,
  arrived: OpenPackage,
  before: Answers,
): Promise<Answers> {
  const receipts: Signed<Receipt>[] = [];
  const refusals: Refusal[] = [];
  let { wants } = before;
  for await (const entry of arrived.entries()) {
    if (entry.kind === 'batch') {
      const manifest = checkShape(SignedManifestSchema, entry.document, 'batch');
      const { stream, seq } = manifest.body;
      const { resource, epoch } = stream;
      // behind a refused one there is a gap only
      if (refusals.some((one) => one.resource === resource && one.epoch === epoch)) continue;
      const header = Buffer.from(JSON.stringify(manifest)).toString('base64url');
      try {
        receipts.push(
          await exchange.sendBatch(caller, {
            path: { resource, epoch, seq },
            headers: { [MANIFEST_HEADER]: header },
            bytes: await entry.bytes(),
          }),
        );
      } catch (error) {
        if (!isQianzhiError(error) || error.retry !== 'never') throw error;
        log.warn({ code: error.code, agent: caller.agent, resource, seq }, 'batch of a package refused');
        refusals.push({ resource, epoch, seq, package: arrived.head.number, problem: toProblem(error) });
      }
    }
    if (entry.kind === 'notes') {
      const notes = checkShape(AgentNotesSchema, entry.document, 'notes');
      ({ wants } = notes);
      await acknowledgeAll(log, exchange, caller, notes.receipts);
    }
  }
  const known = new Set(before.receipts.map(({ body }) => body.id));
  return {
    ...before,
    receipts: [...before.receipts, ...receipts.filter(({ body }) => !known.has(body.id))],
    refusals: [...before.refusals, ...refusals],
    wants,
  };
}

const AT_ONCE = 1000;

/** One that is refused for good, of an agreement that ended perhaps, keeps no other back. */
async function acknowledgeAll(
  log: PlatformContext['log'],
  exchange: Exchange,
  caller: AgentCaller,
  receipts: readonly Signed<Receipt>[],
): Promise<void> {
  for (let at = 0; at < receipts.length; at += AT_ONCE) {
    const some = receipts.slice(at, at + AT_ONCE);
    try {
      await exchange.acknowledge(caller, some);
    } catch (error) {
      if (!isQianzhiError(error) || error.retry !== 'never') throw error;
      if (some.length > 1) {
        for (const one of some) await acknowledgeAll(log, exchange, caller, [one]);
      } else
        log.warn(
          { code: error.code, agent: caller.agent, receipt: some[0]!.body.id },
          'receipt of a package refused',
        );
    }
  }
}
