/** A table of the platform's state as a backup holds it. */
export interface StateTable {
  readonly name: string;
  /** Its primary key: the order of its rows. */
  readonly key: readonly string[];
  /** The key is a number that the database gives. */
  readonly serial?: true;
  /** Columns that are 0 and 1 in SQLite, false and true in PostgreSQL. */
  readonly flags?: readonly string[];
  /** The step that made it: a backup taken before that has none, and is restored without. */
  readonly since?: string;
}

const stream = ['resource', 'agent', 'epoch'];
const delivery = ['agreement', 'grant_version', ...stream];

/** Every table that is kept, each after the ones it refers to. */
export const stateTables: readonly StateTable[] = [
  { name: 'audit', key: ['seq'] },
  { name: 'audit_head', key: ['id'] },
  { name: 'audit_heads', key: ['position'], serial: true, since: 'audit-2' },
  { name: 'audit_archives', key: ['seq'], since: 'audit-2' },
  { name: 'departments', key: ['id'] },
  { name: 'contacts', key: ['department', 'role'], since: 'department-2' },
  { name: 'access_steps', key: ['department', 'step'], since: 'department-2' },
  { name: 'keys', key: ['seq'], serial: true },
  { name: 'key_ends', key: ['seq'], serial: true },
  { name: 'accounts', key: ['account'] },
  { name: 'totp', key: ['account'], since: 'identity-2' },
  { name: 'recovery_codes', key: ['account', 'digest'], since: 'identity-2' },
  { name: 'sign_in_failures', key: ['account'] },
  { name: 'agents', key: ['agent'] },
  { name: 'enrolments', key: ['id'] },
  { name: 'nonces', key: ['expires_at', 'key_id', 'nonce'] },
  { name: 'resources', key: ['code'] },
  { name: 'resource_revisions', key: ['code', 'revision'] },
  { name: 'department_lists', key: ['list', 'department'], since: 'catalog-lists-1' },
  { name: 'duplicate_supplies', key: ['first', 'second'], since: 'catalog-duplicates-1' },
  { name: 'catalog_drafts', key: ['seq'], serial: true, since: 'catalog-lifecycle-1' },
  { name: 'catalog_steps', key: ['seq'], serial: true, since: 'catalog-lifecycle-1' },
  { name: 'catalog_withdrawals', key: ['seq'], serial: true, since: 'catalog-lifecycle-1' },
  { name: 'supply_waivers', key: ['seq'], serial: true, since: 'catalog-waivers-1' },
  { name: 'secrecy_reviews', key: ['seq'], serial: true },
  { name: 'supply_duties', key: ['seq'], serial: true },
  { name: 'agreements', key: ['seq'], serial: true },
  { name: 'applications', key: ['seq'], serial: true },
  { name: 'grants', key: ['agreement', 'grant_version'] },
  { name: 'scenarios', key: ['id'], since: 'agreement-4' },
  { name: 'matters', key: ['seq'], serial: true, since: 'agreement-2' },
  { name: 'matter_events', key: ['seq'], serial: true, since: 'agreement-2' },
  { name: 'off_catalog_requests', key: ['seq'], serial: true, since: 'off-catalog-1' },
  { name: 'off_catalog_matters', key: ['seq'], serial: true, since: 'off-catalog-1' },
  { name: 'off_catalog_events', key: ['seq'], serial: true, since: 'off-catalog-1' },
  { name: 'assignments', key: ['agent'] },
  { name: 'stored_bytes', key: ['id'] },
  { name: 'streams', key: stream },
  { name: 'batches', key: [...stream, 'seq'], flags: ['void'] },
  { name: 'recoveries', key: stream },
  { name: 'delivery_streams', key: delivery },
  { name: 'deliveries', key: [...delivery, 'seq'], flags: ['projected', 'void', 'final'] },
  { name: 'held_sets', key: ['id'], serial: true },
  { name: 'held_keys', key: ['held', 'key'] },
  { name: 'receipts', key: ['position'], serial: true, flags: ['again'] },
  { name: 'evidence_archives', key: ['file'], since: 'exchange-5' },
  { name: 'evidence_sums', key: [...stream, 'agreement', 'grant_version'], since: 'exchange-5' },
  { name: 'archived_usage', key: ['day', 'mode', ...delivery], since: 'exchange-5' },
  { name: 'evidence_begins', key: ['subject', 'issuer'], since: 'exchange-5' },
  { name: 'evidence_places', key: ['subject', 'issuer', 'file', 'offset'], since: 'exchange-6' },
  { name: 'operations', key: ['position'], serial: true },
  { name: 'pseudonym_keys', key: ['agreement'] },
  { name: 'downloads', key: ['position'], serial: true, flags: ['keyed'] },
  { name: 'policy_switches', key: ['seq'], serial: true, since: 'policy-1' },
  { name: 'duties', key: ['seq'], serial: true, since: 'duty-1' },
  { name: 'duty_events', key: ['seq'], serial: true, since: 'duty-1' },
  { name: 'calendar_years', key: ['year'], since: 'duty-1' },
  { name: 'calendar_overrides', key: ['day'], since: 'duty-1' },
  { name: 'reconcile_sessions', key: ['id'], flags: ['repair'] },
];

/** The tables of a state that has gone through these steps. */
export function tablesAfter(steps: readonly string[]): readonly StateTable[] {
  return stateTables.filter(({ since }) => since === undefined || steps.includes(since));
}

/** Not kept: a restored platform signs nobody in by an old session, makes its own first-start code, goes on with no talk, folds states and indexes the catalog anew. */
export const transientTables: readonly string[] = [
  'sessions',
  'first_start',
  'migrations',
  'reconcile_messages',
  'states',
  'resource_grams',
  'resource_items',
];
