import type { SupplyWaiver } from '@qianzhi/model';
import type { Knex } from 'knex';
import { remember } from '../../database/remember.js';

interface WaiverRow {
  readonly resource: string;
  readonly department: string;
  readonly upper: string;
  readonly platform: string;
  readonly system: string;
  readonly basis: string | null;
  readonly waived_by: string;
  readonly waived_at: string;
  readonly ended_by: string | null;
  readonly ended_at: string | null;
  readonly end_reason: string | null;
}

export interface WaiverFilter {
  readonly department?: string | undefined;
  readonly resources?: readonly string[];
  /** Those that ended as well. */
  readonly ended?: boolean;
}

/** Newest first. */
export async function listWaivers(
  db: Knex,
  { department, resources, ended = false }: WaiverFilter,
): Promise<SupplyWaiver[]> {
  const rows = db('supply_waivers')
    .join('resources', 'resources.code', 'supply_waivers.resource')
    .orderBy('seq', 'desc')
    .select('supply_waivers.*', 'resources.department');
  if (department !== undefined) rows.where('resources.department', department);
  if (resources) rows.whereIn('resource', resources);
  if (!ended) rows.whereNull('ended_at');
  return ((await rows) as WaiverRow[]).map(waiverOfRow);
}

/** The waiver of the resource that stands. */
export async function standingWaiver(db: Knex, resource: string): Promise<SupplyWaiver | undefined> {
  const [waiver] = await remember(db, ['supply_waivers'], ['waiver', resource], () =>
    listWaivers(db, { resources: [resource] }),
  );
  return waiver;
}

export async function insertWaiver(
  trx: Knex.Transaction,
  { resource, upper, platform, system, basis, waivedBy, waivedAt }: SupplyWaiver,
): Promise<void> {
  const row = { resource, upper, platform, system, basis: basis ?? null };
  await trx('supply_waivers').insert({ ...row, waived_by: waivedBy, waived_at: waivedAt });
}

export async function endWaiver(
  trx: Knex.Transaction,
  resource: string,
  end: { readonly by: string; readonly at: string; readonly reason: string },
): Promise<void> {
  await trx('supply_waivers')
    .where({ resource, ended_at: null })
    .update({ ended_by: end.by, ended_at: end.at, end_reason: end.reason });
}

function waiverOfRow(row: WaiverRow): SupplyWaiver {
  const { resource, department, upper, platform, system, basis } = row;
  return {
    resource,
    department,
    upper,
    platform,
    system,
    ...(basis !== null && { basis }),
    waivedBy: row.waived_by,
    waivedAt: row.waived_at,
    endedBy: row.ended_by,
    endedAt: row.ended_at,
    endReason: row.end_reason,
  };
}
