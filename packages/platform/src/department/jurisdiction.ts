import type { Department } from '@qianzhi/model';

/** The competent departments that a department is under, by region (行政区划代码): of its own, else of the next one above. */
export interface Jurisdiction {
  readonly region: string;
  readonly competent: readonly Department[];
}

/** Undefined for a department without a region, and where no competent department has one that holds it. */
export function jurisdictionOf(
  departments: readonly Department[],
  { region }: Pick<Department, 'region'>,
): Jurisdiction | undefined {
  if (region === undefined) return undefined;
  return [region, `${region.slice(0, 4)}00`, `${region.slice(0, 2)}0000`]
    .map((held) => ({
      region: held,
      competent: departments.filter((one) => one.competent && one.region === held),
    }))
    .find(({ competent }) => competent.length > 0);
}

/**
 * Who forwards what `applicant` asks of `provider` (R075): the competent departments over the applicant, where the provider is under
 * others. Undefined where both are under the same, or either is under none. A platform of each level will ask its own here.
 */
export function forwarderOf(
  departments: readonly Department[],
  applicant: Department,
  provider: Department,
): Jurisdiction | undefined {
  const own = jurisdictionOf(departments, applicant);
  const other = jurisdictionOf(departments, provider);
  return own && other && own.region !== other.region ? own : undefined;
}
