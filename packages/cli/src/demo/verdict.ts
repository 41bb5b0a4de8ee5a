import { type Agreement, appliedRows } from '@qianzhi/model';
import { type ComparedTable, compareTables } from './compare.js';
import { filledColumns } from './database/demo-database.js';
import { checkEvidence, type Evidence, type ResourceEvidence } from './evidence.js';

export interface ResourceResult {
  readonly code: string;
  readonly read: number;
  readonly repeated: number;
  readonly rejected: number;
  readonly flagged: number;
  readonly stored: number;
  /** Rows applied under the grant in force, from the consumer's signed receipts. */
  readonly applied: number;
  /** Rows that are equal value by value in source and target. */
  readonly reconciled: number;
}

export interface Finding {
  readonly name: string;
  readonly what: string;
}

export interface Verdict {
  readonly resources: readonly ResourceResult[];
  readonly receiptsVerified: number;
  readonly grantedItemsOnly: boolean;
  readonly changesTravelled: number;
  readonly found: readonly Finding[];
}

export interface VerdictInput {
  readonly evidence: Evidence;
  readonly tables: Readonly<Record<string, ComparedTable>>;
  /** Source rows before the changes, and rows changed by plain SQL, by resource. */
  readonly before: Readonly<Record<string, number>>;
  readonly changed: Readonly<Record<string, number>>;
  /** Newest batch of each resource before the changes. */
  readonly firstRun: Readonly<Record<string, number>>;
}

/** Judges the whole from source, target and signed documents alone; the programs' own counters have no say. */
export async function judge(input: VerdictInput): Promise<Verdict> {
  const { evidence, tables } = input;
  const found: Finding[] = [];
  const resources: ResourceResult[] = [];
  let changesTravelled = 0;
  let grantedItemsOnly = true;
  for (const [code, table] of Object.entries(tables)) {
    const documents = evidence.resources.get(code)!;
    const agreement = evidence.agreements.find((one) => one.resource === code && one.grant !== null);
    if (!agreement?.grant) {
      found.push({ name: 'grant', what: `${code} has no grant` });
      continue;
    }
    const granted = agreement.grant.body.items;
    const filled = await filledColumns(table.target.database, table.target.table);
    const beyond = filled.filter((column) => !granted.includes(column));
    if (beyond.length > 0) {
      grantedItemsOnly = false;
      found.push({ name: 'item', what: `${code}: ${beyond.join(', ')}` });
    }
    const compared = await compareTables(
      table,
      granted.filter((column) => column in table.source.columns),
    );
    const result = {
      code,
      ...sumManifests(documents),
      applied: sumApplied(documents, agreement),
      reconciled: compared.equalRows,
    };
    resources.push(result);
    const { missing, extra, different } = compared;
    if (missing + extra + different > 0) {
      found.push({
        name: 'row',
        what: `${code}: missing ${missing}, extra ${extra}, different ${different}`,
      });
    }
    const travelled = rowsAfter(documents, input.firstRun[code] ?? 0);
    const expectedChanges = input.changed[code] ?? 0;
    changesTravelled += travelled;
    found.push(
      ...expect(code, 'read', result.read, (input.before[code] ?? 0) + expectedChanges),
      ...expect(code, 'changes', travelled, expectedChanges),
      ...expect(code, 'rejected', result.rejected, compared.invalidRows),
      ...expect(code, 'flagged', result.flagged, compared.flaggedRows),
      ...expect(code, 'stored', result.stored, result.read - result.rejected),
      ...expect(code, 'applied', result.applied, result.stored),
    );
  }
  const documents = checkEvidence(evidence);
  return {
    resources,
    receiptsVerified: documents.verified,
    grantedItemsOnly,
    changesTravelled,
    found: [...found, ...documents.found],
  };
}

function expect(code: string, name: string, actual: number, expected: number): Finding[] {
  return actual === expected
    ? []
    : [{ name: 'count', what: `${code} ${name}: ${actual} instead of ${expected}` }];
}

function sumManifests({ manifests }: ResourceEvidence) {
  const sum = { read: 0, repeated: 0, rejected: 0, flagged: 0, stored: 0 };
  for (const { body } of manifests) {
    sum.read += body.read;
    sum.repeated += body.repeated;
    sum.rejected += body.rejected;
    sum.flagged += body.flagged;
    sum.stored += body.rows;
  }
  return sum;
}

function sumApplied({ receipts }: ResourceEvidence, agreement: Agreement): number {
  const version = agreement.grant!.body.grantVersion;
  let sum = 0;
  for (const { body } of receipts) {
    const ours =
      'delivery' in body.subject &&
      body.subject.delivery.agreement === agreement.id &&
      body.subject.delivery.grantVersion === version;
    if (ours && body.stage === 'applied' && body.counts) sum += appliedRows(body.counts);
  }
  return sum;
}

function rowsAfter({ manifests }: ResourceEvidence, seq: number): number {
  return manifests.filter(({ body }) => body.seq > seq).reduce((total, { body }) => total + body.read, 0);
}
