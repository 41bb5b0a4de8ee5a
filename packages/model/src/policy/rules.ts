import type { PolicyProfile } from './profile.js';

/** One rule of a profile by its path in the file: `replyDays.conditional`. */
export interface PolicyRule {
  readonly path: string;
  readonly value: unknown;
}

export interface PolicyDifference {
  readonly path: string;
  readonly left: unknown;
  readonly right: unknown;
}

/** Fields that only group rules; the others are a rule each. */
const groups = ['replyDays', 'objection', 'subjectObjection', 'application', 'modes'] as const;

/** The rules in the order of the schema, without what names the profile (id, name, source). */
export function policyRules(profile: PolicyProfile): PolicyRule[] {
  const { id: _id, name: _name, source: _source, ...rest } = profile;
  return Object.entries(rest).flatMap(([path, value]): PolicyRule[] =>
    (groups as readonly string[]).includes(path)
      ? Object.entries(value as object).map(([name, inner]) => ({ path: `${path}.${name}`, value: inner }))
      : [{ path, value }],
  );
}

/** The rules in which two profiles differ, in the order of the left one. The order of a list is no difference. */
export function policyDifferences(left: PolicyProfile, right: PolicyProfile): PolicyDifference[] {
  const other = new Map(policyRules(right).map(({ path, value }) => [path, value]));
  return policyRules(left)
    .map(({ path, value }) => ({ path, left: value, right: other.get(path) }))
    .filter((rule) => canonical(rule.left) !== canonical(rule.right));
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify(value.map(canonical).sort());
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return JSON.stringify(
    Object.entries(value)
      .map(([name, inner]) => [name, canonical(inner)])
      .sort(),
  );
}
