import { isDeepStrictEqual } from 'node:util';
import type { PolicyInForce, PolicyProfile, PolicySwitch } from '@qianzhi/model';
import { canonicalBytes, intlSuite } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import type { AuditEntry, PolicyService } from '../ports.js';
import { callerName, type PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { policyErrors } from './errors.js';
import { policyFileOfId, policyFilesIn, readPolicy, shippedProfiles } from './policy-files.js';

/** What is in force on a platform that nobody chose a profile for: the national regulation, above all others. */
const DEFAULT_PROFILE = 'national-2025';

export interface PolicySettings {
  /** Fixes the profile in force. */
  readonly profile?: string;
  /** Folder of further profiles; looked in first. */
  readonly folder?: string;
}

/** The profile in force, and those that were. */
export interface Policies extends PolicyService {
  inForce(): Promise<PolicyInForce>;
  /**
   * Takes a profile into force as its file says now, for matters that begin from now on. Throws QZ_PLATFORM_POLICY_UNKNOWN, _WRONG,
   * or _FIXED where the config names another.
   */
  use(caller: PersonCaller, profile: string, reason: string): Promise<PolicyInForce>;
}

/** Tells the texts of one profile apart. */
export function policyDigest(profile: PolicyProfile): string {
  return intlSuite.digest(canonicalBytes(profile));
}

interface SwitchRow {
  readonly profile: string;
  readonly document: string;
  readonly since: string;
  readonly switched_by: string;
  readonly reason: string;
}

/** Takes the config's profile into force, or the default where there was none. Throws what reading a profile throws. */
export async function openPolicies(
  { db, audit, now, log }: PlatformContext,
  settings: PolicySettings = {},
): Promise<Policies> {
  const folders = settings.folder === undefined ? [shippedProfiles] : [settings.folder, shippedProfiles];

  const latest = (from: Knex = db): Promise<SwitchRow | undefined> =>
    from('policy_switches').orderBy('seq', 'desc').first();

  async function takeIntoForce(id: string, actor: AuditEntry['actor'], reason: string): Promise<void> {
    const profile = await readPolicy(id, ...folders);
    const row: SwitchRow = {
      profile: profile.id,
      document: JSON.stringify(profile),
      since: now().toISOString(),
      switched_by: actor === 'platform' ? actor : callerName(actor),
      reason,
    };
    await db.transaction(async (trx) => {
      await trx('policy_switches').insert(row);
      const details = { reason, source: profile.source, status: profile.status };
      await audit.record({ actor, action: 'policy.use', object: profile.id, outcome: 'done', details }, trx);
    });
  }

  async function inForce(): Promise<PolicyInForce> {
    const rows: readonly SwitchRow[] = await db('policy_switches').orderBy('seq', 'desc');
    const current = profileOf(rows[0]!);
    const files = await Promise.all((await policyFilesIn(...folders)).map((file) => readPolicy(file)));
    const own = files.find(({ id }) => id === current.id);
    const byCommand = rows[0]!.switched_by !== 'platform';
    return {
      current,
      chosenBy: settings.profile !== undefined ? 'config' : byCommand ? 'command' : 'default',
      changedFile: own !== undefined && !isDeepStrictEqual(own, current),
      available: files.map(({ id, name, status }) => ({ id, name, status })),
      switches: rows.map(switchOf),
    };
  }

  const last = await latest();
  const wanted = settings.profile ?? last?.profile ?? DEFAULT_PROFILE;
  if (last?.profile !== wanted) {
    await takeIntoForce(wanted, 'platform', settings.profile === undefined ? 'default' : 'config');
    log.info({ profile: wanted }, 'policy profile in force');
  }

  return {
    current: async (trx) => profileOf((await latest(trx))!),
    async asOf(id, text, began) {
      const rows: readonly SwitchRow[] = await db('policy_switches')
        .where({ profile: id })
        .orderBy('seq', 'desc');
      const atThatTime = rows.find(({ since }) => since <= began) ?? rows.at(-1);
      const kept = rows.find((row) => policyDigest(profileOf(row)) === text);
      const row = text === null ? atThatTime : kept;
      if (!row) throw policyErrors.POLICY_NEVER_USED({ profile: id });
      return profileOf(row);
    },
    inForce,
    async use(caller, profile, reason) {
      const fixed = settings.profile;
      if (fixed !== undefined && fixed !== profile) {
        throw policyErrors.POLICY_FIXED({ profile: fixed, wanted: profile });
      }
      // never by a path: a caller would read any file of the platform
      await policyFileOfId(profile, ...folders);
      await takeIntoForce(profile, caller, reason);
      return inForce();
    },
  };
}

const profileOf = ({ document }: SwitchRow): PolicyProfile => JSON.parse(document) as PolicyProfile;

function switchOf({ profile, since, switched_by: by, reason }: SwitchRow): PolicySwitch {
  return { profile, since, by, reason };
}
