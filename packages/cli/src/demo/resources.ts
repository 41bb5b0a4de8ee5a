import { isCitizenId, isRegNo, isUscc } from '@qianzhi/model';
import type { ComparedTable } from './compare.js';
import type { DemoDatabases } from './database/departments.js';

export const divisions = ['province', 'city', 'area', 'street', 'village'] as const;

/** Conditional items that 税务 applies for; the telephone number stays ungranted throughout. */
export const appliedItems = ['legal_rep_name', 'legal_rep_id_no'];
export const withheldItem = 'contact_phone';

const parents: Record<(typeof divisions)[number], readonly string[]> = {
  province: [],
  city: ['province'],
  area: ['city', 'province'],
  street: ['area', 'province', 'city'],
  village: ['street', 'province', 'city', 'area'],
};

/** Where each resource of the demo lies at its provider and at its consumer. */
export function comparedTables({ mz, sw }: DemoDatabases): Record<string, ComparedTable> {
  const tables: Record<string, ComparedTable> = {};
  for (const level of divisions) {
    const columns = Object.fromEntries(parents[level].map((parent) => [`${parent}_code`, `${parent}Code`]));
    tables[`xzqh_${level}`] = {
      source: {
        database: mz.xzqh,
        table: level,
        columns: { code: 'code', name: 'name', ...columns },
      },
      target: { database: sw.received, table: `xzqh_${level}` },
      key: 'code',
      valid: () => true,
    };
  }
  tables.social_group = {
    source: { database: mz.shzz, table: 'sh_shtt', columns: socialGroupColumns },
    target: { database: sw.received, table: 'social_group' },
    key: 'social_group_cert_no',
    valid: (row) => row.legal_rep_id_no == null || isCitizenId(row.legal_rep_id_no),
  };
  tables.national_tax = {
    source: { database: sw.business, table: 'gs_djxx', columns: nationalTaxColumns },
    target: { database: mz.received, table: 'national_tax' },
    key: 'taxpayer_id_national',
    valid: ({ taxpayer_id_national: id }) => id != null && (isUscc(id) || isRegNo(id)),
  };
  return tables;
}

const socialGroupColumns = {
  social_group_cert_no: 'DJZH',
  org_name: 'DWMC',
  org_address: 'DWDZ',
  contact_phone: 'LXDH',
  region_code: 'XZQHDM',
  region_name: 'XZQH',
  legal_rep_name: 'FDDBR',
  legal_rep_id_no: 'FDDBRZJHM',
  competent_unit: 'YWZGDW',
  social_group_type_code: 'STLX',
  reg_date: 'DJRQ',
  reg_authority: 'DJJG',
};

const nationalTaxColumns = {
  taxpayer_id_national: 'NSRSBH',
  reg_address_national: 'ZCDZ',
  reg_date_national: 'DJRQ',
  reg_authority_national: 'DJJG',
};
