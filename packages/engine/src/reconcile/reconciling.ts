import {
  isSupply,
  type Problem,
  type ReconcileReport,
  type ReconcileSession,
  type Signed,
} from '@qianzhi/model';
import { signDocument, verifyDocument } from '@qianzhi/model/crypto';
import { type DifferingKey, type Mailbox, type ReconcileStep, reconcile } from '@qianzhi/reconcile';
import { grantState } from '../consumer/grants.js';
import { engineErrors } from '../errors.js';
import { codedError, problemOf, problemText } from '../failure.js';
import type { ReconciliationRow } from '../store/reconciliation-table.js';
import { type OwnSide, ownSide, type SidesParts, takesPart } from './sides.js';

/** What a reconciliation came to, as its two agents know it: with the keys. */
export interface ReconcileResult {
  readonly exchange: string;
  readonly resource: string;
  readonly agreement: string;
  readonly session: string;
  readonly role: 'provider' | 'consumer';
  readonly at: string;
  readonly report?: ReconcileReport;
  /** Why it came to nothing. */
  readonly problem?: Problem;
  /** Keys that differ, as row text of the key items, joined by TAB. */
  readonly keys: readonly DifferingKey[];
  /** Keys of this side's own rows that are rejected, or not readable: the first 10,000. */
  readonly unfit: readonly string[];
  /** Of the keys, those whose row the target refused: it lies in quarantine here, and sending it again does not help. */
  readonly refused: readonly string[];
}

export interface Reconciling {
  /** This side's part of a session; answers the signed report, once it and the keys are stored here. */
  run(
    session: ReconcileSession,
    mailbox: Mailbox,
    onStep: (step: ReconcileStep) => void,
    signal: AbortSignal,
  ): Promise<Signed<ReconcileReport>>;
  /** The newest of each exchange that there is and agreement, newest first; keys, which may be many, only where they are asked for. */
  results(filter: {
    readonly resource?: string | undefined;
    readonly keys: boolean;
  }): readonly ReconcileResult[];
}

interface Kept {
  readonly keys: readonly DifferingKey[];
  readonly unfit: readonly string[];
  readonly refused: readonly string[];
}

const nothingKept: Kept = { keys: [], unfit: [], refused: [] };

export function createReconciling(parts: SidesParts): Reconciling {
  const { core, tables } = parts.provider;
  const { suite, keys } = core;
  const { agent, department, signingKey } = core.options.identity;

  /** The grant says what may be compared, so it has to be the platform's, in force, and ours. */
  function requireGrant({ id, resource, grant, provider }: ReconcileSession): void {
    const { body } = grant;
    const wrong = (cause?: unknown) => engineErrors.RECONCILE_GRANT_WRONG({ session: id, resource }, cause);
    const directory = core.options.assignments()?.keys;
    if (!directory) throw engineErrors.ASSIGNMENTS_MISSING({ what: { zh: '任务', en: 'assignments' } });
    const signer = verifyDocument(grant, directory, body.issuedAt);
    const own = provider === agent ? body.provider : body.consumer;
    const now = core.now();
    const inTime = body.validFrom <= now && now < body.validTo;
    const leased = provider === agent || grantState(core, body.agreement, body.grantVersion).state === 'live';
    if (signer.owner !== 'platform' || body.resource !== resource || own !== department) throw wrong();
    if (!inTime || !leased) throw wrong();
  }

  /** A row that this target refused is missing, or an older one is there, and no repair changes that. */
  function refusedOf({ role, exchange }: OwnSide, differing: readonly DifferingKey[]): string[] {
    if (role === 'provider') return [];
    return differing.flatMap(({ key }) =>
      tables.quarantine.holds(exchange, parts.provider.quarantine.keyDigest(key)) ? [key] : [],
    );
  }

  function store(row: Omit<ReconciliationRow, 'keys' | 'at'>, kept: Kept): void {
    const plain = Buffer.from(JSON.stringify(kept));
    const sealed = suite.seal(keys.quarantine, plain, associated(row));
    core.store.write(() => tables.reconciliations.put({ ...row, at: core.now(), keys: sealed }));
  }

  function keptOf(row: ReconciliationRow): Kept {
    if (row.keys === null) return nothingKept;
    const plain = suite.unseal(keys.quarantine, row.keys, associated(row));
    return JSON.parse(Buffer.from(plain).toString()) as Kept;
  }

  return {
    async run(session, mailbox, onStep, signal) {
      const { agreement, grantVersion } = session.grant.body;
      const about = { agreement, resource: session.resource, session: session.id };
      let exchange = '';
      try {
        requireGrant(session);
        const own = await ownSide(parts, session, signal);
        exchange = own.exchange;
        const { provider, consumer } = session;
        const { keys, unfit, ...counted } = await reconcile(
          {
            ...own,
            session: session.id,
            agent,
            peer: provider === agent ? consumer : provider,
            signingKey,
            keys: core.options.assignments()!.keys,
            mailbox,
            now: () => core.clock.now(),
            repairs: session.repair,
            onStep,
          },
          signal,
        );
        const report = signDocument<ReconcileReport>(
          {
            type: 'reconcile-report',
            version: 1,
            ...about,
            grantVersion,
            schemaVersion: own.resource.schemaVersion,
            provider,
            consumer,
            ...counted,
          },
          signingKey,
        );
        store(
          { ...about, exchange, report: JSON.stringify(report), problem: null },
          { keys, unfit, refused: refusedOf(own, keys) },
        );
        return report;
      } catch (cause) {
        const error = codedError(cause, `reconcile ${session.resource}`);
        if (exchange !== '')
          store({ ...about, exchange, report: null, problem: problemText(error) }, nothingKept);
        throw error;
      }
    },
    results({ resource, keys: wanted }) {
      const exchanges = core.options.exchanges();
      return tables.reconciliations.list().flatMap((row): ReconcileResult[] => {
        if (resource !== undefined && row.resource !== resource) return [];
        const { agreement, session, at } = row;
        // of an exchange that is no more, or carries something else now, there is nothing to tell or to repair
        const exchange = exchanges.find(({ name }) => name === row.exchange);
        if (!exchange || !takesPart(exchange, row.resource, agreement)) return [];
        const signed = row.report === null ? undefined : (JSON.parse(row.report) as Signed<ReconcileReport>);
        return [
          {
            exchange: row.exchange,
            resource: row.resource,
            agreement,
            session,
            role: isSupply(exchange) ? 'provider' : 'consumer',
            at,
            ...(signed && { report: signed.body }),
            ...(row.problem !== null && { problem: problemOf(row.problem)! }),
            ...(wanted ? keptOf(row) : nothingKept),
          },
        ];
      });
    },
  };
}

/** Binds the sealed keys to their place. */
function associated({ exchange, agreement }: Pick<ReconciliationRow, 'exchange' | 'agreement'>): Uint8Array {
  return Buffer.from(`reconciliation\n${exchange}\n${agreement}`);
}
