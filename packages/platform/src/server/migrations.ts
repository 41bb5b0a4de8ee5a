import { offCatalogMigrations } from '../agreement/off-catalog/schema.js';
import { agreementMigrations } from '../agreement/schema.js';
import { assignmentMigrations } from '../assignment/schema.js';
import { auditMigrations } from '../audit/schema.js';
import { duplicateMigrations } from '../catalog/duplicates/schema.js';
import { catalogLifecycleMigrations } from '../catalog/lifecycle/schema.js';
import { listMigrations } from '../catalog/lists/schema.js';
import { catalogMigrations } from '../catalog/schema.js';
import { waiverMigrations } from '../catalog/waivers/schema.js';
import type { Migration } from '../database/migrate.js';
import { departmentMigrations } from '../department/schema.js';
import { downloadMigrations } from '../download/schema.js';
import { dutyMigrations } from '../duty/schema.js';
import { exchangeMigrations } from '../exchange/schema.js';
import { identityMigrations } from '../identity/schema.js';
import { policyMigrations } from '../policy/schema.js';
import { reconciliationMigrations } from '../reconciliation/schema.js';
import { stateMigrations } from '../state/schema.js';
import { usageMigrations } from '../usage/schema.js';

/** Every step of every feature, each after those whose tables it refers to. */
export const platformMigrations: readonly Migration[] = [
  ...auditMigrations,
  ...departmentMigrations,
  ...identityMigrations,
  ...catalogMigrations,
  ...duplicateMigrations,
  ...listMigrations,
  ...catalogLifecycleMigrations,
  ...waiverMigrations,
  ...agreementMigrations,
  ...offCatalogMigrations,
  ...assignmentMigrations,
  ...exchangeMigrations,
  ...reconciliationMigrations,
  ...usageMigrations,
  ...stateMigrations,
  ...downloadMigrations,
  ...policyMigrations,
  ...dutyMigrations,
];
