import type { Grant, Signed } from '@qianzhi/model';
import type { AgreementService, GrantChange } from '../ports.js';
import { type Admission, admissionOf } from '../server/admission.js';
import type { PlatformContext } from '../server/context.js';
import { agreementErrors } from './errors.js';
import { findGrants, type GrantRow } from './store.js';

/** Grant versions whose addresses are remembered; what is written once of one never changes. */
const MOST_ADMISSIONS = 10_000;

export interface EndedGrant {
  readonly agreement: string;
  readonly grantVersion: number;
  readonly reason: string;
}

export interface Grants extends AgreementService {
  /** Tells the listeners, after the commit. A listener that fails is logged and holds up nobody. */
  announce(changes: readonly GrantChange[]): void;
  /** Grant versions of the consuming department that are no longer in force, and why. */
  endedOf(department: string): Promise<readonly EndedGrant[]>;
}

export function createGrants({ db, now, log }: PlatformContext): Grants {
  const listeners = new Set<(change: GrantChange) => void>();
  const admissions = new Map<string, Admission | null>();

  async function live(where: Readonly<Record<string, string>>): Promise<readonly Signed<Grant>[]> {
    const rows = await findGrants(db, { ...where, ended_at: null });
    return rows.filter((row) => inForce(row, now())).map((row) => row.document);
  }

  return {
    liveGrants: (resource) => live({ resource }),
    grantsOf: (consumer, resource) => live(resource === undefined ? { consumer } : { consumer, resource }),
    grant: async (agreement, grantVersion) =>
      (await findGrants(db, { agreement, grant_version: grantVersion }))[0]?.document,
    isLive: async (agreement, grantVersion, at) => {
      const [row] = await findGrants(db, { agreement, grant_version: grantVersion });
      return row !== undefined && inForce(row, at);
    },
    async requireAddress({ agreement, grantVersion, resource }, address) {
      const name = `${agreement}/${grantVersion}`;
      if (!admissions.has(name)) {
        const [row] = await findGrants(db, { agreement, grant_version: grantVersion });
        if (!row) throw agreementErrors.AGREEMENT_UNKNOWN({ agreement });
        if (admissions.size >= MOST_ADMISSIONS) admissions.clear();
        admissions.set(name, row.addresses && admissionOf(row.addresses));
      }
      const admits = admissions.get(name);
      if (admits && !admits(address))
        throw agreementErrors.ADDRESS_NOT_ALLOWED({ agreement, resource, address });
    },
    async endedOf(consumer) {
      const rows = await findGrants(db, { consumer });
      return rows
        .filter((row) => !inForce(row, now()))
        .map((row) => ({
          agreement: row.agreement,
          grantVersion: row.grant_version,
          reason: row.end_change ?? 'expired',
        }));
    },
    onGrantChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce(changes) {
      for (const change of changes) {
        for (const listener of listeners) {
          try {
            listener(change);
          } catch (error) {
            log.error({ err: error, agreement: change.agreement }, 'a listener to grant changes failed');
          }
        }
      }
    },
  };
}

/** Times are ISO 8601 in UTC with milliseconds, so their order is that of their text. */
function inForce(row: GrantRow, at: Date): boolean {
  const time = at.toISOString();
  return row.valid_from <= time && time < row.valid_to && (row.ended_at === null || time < row.ended_at);
}
