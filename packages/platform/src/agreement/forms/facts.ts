import type {
  Agreement,
  CatalogResource,
  Department,
  Grant,
  Matter,
  OffCatalogRequest,
  RosterEntry,
} from '@qianzhi/model';
import type { GrantContent } from '../content.js';
import type { MatterEvent } from '../matters/store.js';

export type AccountNames = ReadonlyMap<string, string>;

export interface Party {
  readonly department: Department;
  readonly roster: RosterEntry;
}

/** What a form tells, gathered. */
export interface FormFacts {
  readonly applicant: Party;
  /** Undefined for a request that nobody was given yet. */
  readonly provider: Party | undefined;
  /** Undefined where a rule granted at once and nobody had to decide. */
  readonly matter: Matter | undefined;
  /** Of all its applications, oldest first. */
  readonly story: readonly MatterEvent[];
  /** Name of the policy profile. */
  readonly policy: string;
  readonly names: AccountNames;
}

export interface AgreementFacts extends FormFacts {
  readonly agreement: Agreement;
  /** What was asked for, whatever was granted of it. */
  readonly asked: GrantContent;
  readonly resource: CatalogResource;
  /** The newest one, in force or not. */
  readonly grant: Grant | undefined;
}

export interface RequestFacts extends FormFacts {
  readonly request: OffCatalogRequest;
}
