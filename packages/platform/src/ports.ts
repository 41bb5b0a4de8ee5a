import type {
  CatalogResource,
  Deadline,
  DutyKind,
  DutyOutcome,
  Grant,
  KeyRecord,
  Mode,
  PolicyProfile,
  Receipt,
  Signed,
  StreamState,
  SupplyDuty,
  TimedDuty,
} from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Caller, PersonCaller } from './server/caller.js';

/** What the features of the platform ask of each other; each interface is implemented by the folder of its name. */

export interface CatalogService {
  /** The resource as published at a schema version, newest wording; undefined where there is none. */
  resource(code: string, schemaVersion: number): Promise<CatalogResource | undefined>;
  /** The resource at its current schema version. */
  current(code: string): Promise<CatalogResource | undefined>;
  /** Every schema version ever published, oldest first. */
  versions(code: string): Promise<readonly CatalogResource[]>;
  /** Providing department, or undefined for an unknown resource. */
  provider(code: string): Promise<string | undefined>;
}

export interface CatalogOffers {
  /** The resource at its current schema version, if it may be applied for. Throws QZ_PLATFORM_RESOURCE_UNKNOWN or _RESOURCE_WITHDRAWN. */
  offered(code: string): Promise<CatalogResource>;
}

export interface DutyService {
  /**
   * The duty in force: the agent is enrolled and ordered to supply, the current schema version's secrecy
   * review has passed (R044), and the supply is not waived (R139).
   */
  duty(resource: string, agent: string): Promise<Signed<SupplyDuty> | undefined>;
  /** Every duty ever given to the agent for the resource, newest first: for batches sealed under an earlier one. */
  everyDuty(resource: string, agent: string): Promise<readonly Signed<SupplyDuty>[]>;
  /** Duties in force of one agent. */
  dutiesOf(agent: string): Promise<readonly Signed<SupplyDuty>[]>;
}

/** A duty with a clock: who owes what by when. Implemented by the folder `duty`. */
export interface NewDuty {
  /** What is owed; decides its words. */
  readonly kind: DutyKind;
  /** What it is about, by id: agreement, resource, department. */
  readonly object: string;
  /** The department that owes it; null: the competent department. */
  readonly owner: string | null;
  /** The rule it comes from: `R058`. */
  readonly rule: string;
  /** Id of the policy profile it is judged by: the one in force when the matter began. */
  readonly profile: string;
  /** null: the regulation names no deadline; then it is never due and never overdue. */
  readonly deadline: Deadline | null;
  /** When it began, where that was before now. */
  readonly since?: Date;
}

/** Clocks of duties. Days are those of Asia/Shanghai; the day a duty is opened on is not counted. */
export interface DutyClocks {
  /** Answers the id of the duty. */
  open(trx: Knex.Transaction, duty: NewDuty, actor: Caller | 'platform'): Promise<string>;
  /**
   * The other side must answer first: no day counts at whose end the clock stands. Throws QZ_MODEL_DUTY_STATE for a duty
   * that is not open, QZ_PLATFORM_DUTY_UNKNOWN for none.
   */
  pause(trx: Knex.Transaction, id: string, reason: string, actor: Caller | 'platform'): Promise<void>;
  /** Throws QZ_MODEL_DUTY_STATE for a duty that is not paused. */
  resume(trx: Knex.Transaction, id: string, actor: Caller | 'platform'): Promise<void>;
  /** `waived`: no longer owed, `void`: opened by mistake or overtaken. Throws QZ_MODEL_DUTY_STATE for a closed duty. */
  close(
    trx: Knex.Transaction,
    id: string,
    outcome: DutyOutcome,
    note: string,
    actor: Caller | 'platform',
  ): Promise<void>;
  /** Another department owes it from now on, by the same day. Throws QZ_MODEL_DUTY_STATE for a closed duty. */
  handOver(
    trx: Knex.Transaction,
    id: string,
    owner: string,
    note: string,
    actor: Caller | 'platform',
  ): Promise<void>;
  /** Open and paused duties of an object, oldest first; inside the transaction where one is given. */
  openOf(object: string, kind?: DutyKind, trx?: Knex.Transaction): Promise<readonly TimedDuty[]>;
  /** The same of what a department owes. */
  openOfOwner(owner: string, kind: DutyKind, trx?: Knex.Transaction): Promise<readonly TimedDuty[]>;
  /**
   * Called when a duty has become overdue, after that is committed, by the housekeeping. Once; again only where the listener threw
   * or the platform ended before it was done. Answers a function that ends the listening.
   */
  onOverdue(listener: (duty: TimedDuty) => Promise<void>): () => void;
}

/** Policy profiles of the platform. Implemented by the folder `policy`. */
export interface PolicyService {
  /** The one in force: for matters that begin now. Inside a transaction only by the transaction. */
  current(trx?: Knex.Transaction): Promise<PolicyProfile>;
  /**
   * Of a matter that began earlier, in the text it began under: by the digest kept with it, else (of a matter that kept none) the one in
   * force at that instant. Throws QZ_PLATFORM_POLICY_NEVER_USED.
   */
  asOf(id: string, text: string | null, began: string): Promise<PolicyProfile>;
}

export interface GrantChange {
  readonly agreement: string;
  readonly grantVersion: number;
  readonly resource: string;
  readonly consumer: string;
  /** `replaced`: a newer grant version of the same agreement took its place. */
  readonly change: 'granted' | 'replaced' | 'revoked' | 'suspended' | 'expired';
}

export interface AgreementService {
  /** Grants in force now. */
  liveGrants(resource: string): Promise<readonly Signed<Grant>[]>;
  /** Grants in force now that the department consumes. */
  grantsOf(department: string, resource?: string): Promise<readonly Signed<Grant>[]>;
  /** A grant version, in force or not. */
  grant(agreement: string, grantVersion: number): Promise<Signed<Grant> | undefined>;
  /** Whether the grant version is in force at the instant: begun, not expired, not revoked, not replaced. */
  isLive(agreement: string, grantVersion: number, at: Date): Promise<boolean>;
  /**
   * Lets a query or download pass that comes from an address the grant version takes connections from; throws
   * QZ_PLATFORM_ADDRESS_NOT_ALLOWED for any other.
   */
  requireAddress(
    grant: Pick<Grant, 'agreement' | 'grantVersion' | 'resource'>,
    address: string,
  ): Promise<void>;
  /** Called after the change is committed. Answers a function that ends the listening. */
  onGrantChanged(listener: (change: GrantChange) => void): () => void;
}

/**
 * Wakes the agents that hold a request for what they are ordered and granted: told after the commit, of more rather than of less,
 * for who is woken looks for himself. Grants tell of themselves.
 */
export interface OrderNews {
  /** Of an agent of the department: its instance, or whether it is enrolled. */
  ofDepartment(department: string): void;
  /** Of a resource: its content, its review, who supplies it. */
  ofResource(resource: Pick<CatalogResource, 'code' | 'department'>): void;
}

/** Given to the catalog: clocks of supply under agreements of a resource, which rest while its supply is waived (R139). */
export interface SupplyRests {
  /** Rests or goes on with each, as the resource and its agreement stand in the transaction; may be repeated. */
  settle(trx: Knex.Transaction, resource: string, actor: Caller): Promise<void>;
}

/** Given to the catalog: who waits for an entry (R069). */
export interface AwaitedEntries {
  /** An entry was published, or published again; in the transaction that does it. */
  published(trx: Knex.Transaction, entry: CatalogResource, caller: PersonCaller): Promise<void>;
}

/** Given to the catalog: what a withdrawal does to agreements in force. */
export interface EndAgreements {
  /** Ends every grant in force of the resource at once; answers those ended, to be announced after the commit. */
  endAll(
    trx: Knex.Transaction,
    resource: string,
    reason: string,
    actor: Caller,
  ): Promise<readonly GrantChange[]>;
  announce(changes: readonly GrantChange[]): void;
}

/** Given to the catalog: what a change of the responsible department does to agreements. */
export interface HandOverAgreements {
  /**
   * Puts the department in the provider's place. What is granted goes on as a new grant version, begun with a whole copy of what that
   * department supplies; what is undecided is its to decide, by the same day; what it holds itself ends. To be announced after the commit.
   */
  handOver(
    trx: Knex.Transaction,
    resource: string,
    provider: string,
    reason: string,
    actor: Caller,
  ): Promise<readonly GrantChange[]>;
  announce(changes: readonly GrantChange[]): void;
}

/** Rows, and bytes as they travel. */
export interface Amount {
  readonly rows: number;
  readonly bytes: number;
}

/** One operation of a mode without deliveries in sequence. */
export interface OperationDone extends Amount {
  readonly grant: Grant;
  readonly mode: Exclude<Mode, 'docking'>;
  readonly actor: Caller;
  /** The business matter it was done for; the grant's own where the caller names none. */
  readonly matter: string;
  /** Digest of what was handed out. */
  readonly digest: string;
  /** What began at once may together be more than was left for each: this is none the less not to pass the quota. */
  readonly bounded?: boolean;
  /** Recorded with it, in one transaction. */
  readonly audit?: AuditEntry;
}

/** What is used of an agreement's quota, over all modes together; every operation with its receipt. */
export interface UsageService {
  /**
   * What may still be handed out now; Infinity without a bound. An operation may begin while each is above 0. Throws
   * QZ_PLATFORM_QUOTA_USED (unavailable, with when it goes on) where one is used up.
   */
  requireLeft(grant: Grant): Promise<Amount>;
  /** Counts one request begun, against the bounds on requests. Throws QZ_PLATFORM_QUOTA_USED and counts nothing where it may not begin. */
  begin(grant: Grant): Promise<Amount>;
  hasLeft(grant: Grant): Promise<boolean>;
  /**
   * Records an operation with a receipt of stage `delivered`, chained to the one before of the same use. Throws
   * QZ_PLATFORM_QUOTA_USED and records nothing where `bounded` and others took meanwhile what was left.
   */
  record(done: OperationDone): Promise<Signed<Receipt>>;
  /** Counts a delivery that is recorded in its own table. */
  delivered(grant: Grant, amount: Amount): void;
}

/** Append-only: a key is never changed or removed; its end is a record of its own. */
export interface KeyDirectory {
  all(): Promise<readonly KeyRecord[]>;
  /** Keys of one owner: an agent id or `platform`. */
  ofAgent(agent: string): Promise<readonly KeyRecord[]>;
  find(keyId: string): Promise<KeyRecord | undefined>;
  append(record: KeyRecord, trx?: Knex.Transaction): Promise<void>;
  /** Ends a key; ending it again keeps the earlier end. */
  end(keyId: string, validTo: string, reason: string, trx?: Knex.Transaction): Promise<void>;
}

export interface AuditEntry {
  readonly actor: Caller | 'platform';
  /** Verb and thing, e.g. `agreement.approve`. */
  readonly action: string;
  /** What it was done on, by id. */
  readonly object: string;
  readonly outcome: 'done' | 'denied' | 'failed';
  /** Names, counts, codes; never a secret or a row value. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface AuditLog {
  /** Chains the entry to the one before; inside the caller's transaction where one is given. */
  record(entry: AuditEntry, trx?: Knex.Transaction): Promise<void>;
}

/** Given by the exchange to the rest. */
export interface StreamService {
  /** Those that a grant is supplied from, newest epoch first. */
  streamsOf(grant: Pick<Grant, 'resource' | 'provider'>): Promise<readonly StreamState[]>;
}

/** Given to the exchange by the rest. */
export interface ExchangePorts {
  readonly catalog: CatalogService;
  readonly duties: DutyService;
  readonly agreements: AgreementService;
  readonly usage: Pick<UsageService, 'requireLeft' | 'hasLeft' | 'delivered'>;
}
