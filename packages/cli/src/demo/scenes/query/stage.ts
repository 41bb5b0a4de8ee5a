import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

/** Query services of the scene, by resource. */
const services = {
  xzqh_village: [
    {
      name: 'by-code',
      summary: '按区划代码查村级区划',
      parameters: [{ name: 'code', item: 'code' }],
      items: ['code', 'name', 'street_code'],
      maxRows: 1,
    },
    {
      name: 'by-street',
      summary: '某乡级区划下的村级区划',
      parameters: [{ name: 'street', item: 'street_code' }],
      items: ['code', 'name'],
      maxRows: 5,
    },
    {
      name: 'slow',
      summary: '没有索引的查询',
      parameters: [{ name: 'code', item: 'code' }],
      items: ['code', 'name'],
      maxRows: 1,
    },
  ],
  xzqh_city: [
    {
      name: 'held',
      summary: '按区划代码查地级区划,由平台答复',
      parameters: [{ name: 'code', item: 'code' }],
      items: ['code', 'name'],
      maxRows: 1,
      answeredBy: 'platform',
    },
  ],
  social_group: [
    {
      name: 'by-cert-no',
      summary: '按登记证号核验社会团体',
      parameters: [{ name: 'cert_no', item: 'social_group_cert_no' }],
      items: ['social_group_cert_no', 'org_name', 'legal_rep_name', 'legal_rep_id_no', 'reg_date'],
      maxRows: 1,
    },
  ],
};

const village = { connector: 'xzqh', resource: 'xzqh_village' };

/** How the provider answers them: known to its own config alone. */
const local = [
  { ...village, service: 'by-code', lookup: { table: 'village', columns: { street_code: 'streetCode' } } },
  {
    ...village,
    service: 'by-street',
    statement: 'SELECT code, name FROM village WHERE "streetCode" = :street',
  },
  {
    ...village,
    service: 'slow',
    statement:
      'SELECT a.code, max(b.name) AS name FROM village a, village b, village c WHERE a.code = :code AND b.name || c.name <> a.name GROUP BY a.code',
    timeoutMs: 60_000,
  },
  {
    connector: 'shzz',
    resource: 'social_group',
    service: 'by-cert-no',
    lookup: {
      table: 'sh_shtt',
      columns: {
        social_group_cert_no: 'DJZH',
        org_name: 'DWMC',
        legal_rep_name: 'FDDBR',
        legal_rep_id_no: 'FDDBRZJHM',
        reg_date: 'DJRQ',
      },
    },
  },
];

/** Adds them to the catalog and the provider's config in the demo's folder. */
export async function addQueryServices(folder: string): Promise<void> {
  await edit(join(folder, 'catalog.yaml'), (document) => {
    const { resources } = document.toJS() as { resources: { code: string }[] };
    for (const [at, { code }] of resources.entries()) {
      const own = services[code as keyof typeof services];
      if (own) document.setIn(['resources', at, 'queries'], document.createNode(own));
    }
  });
  await edit(join(folder, 'mz-agent.yaml'), (document) => {
    document.set('queries', document.createNode(local));
  });
}

async function edit(
  file: string,
  change: (document: ReturnType<typeof parseDocument>) => void,
): Promise<void> {
  const document = parseDocument(await readFile(file, 'utf8'));
  change(document);
  await writeFile(file, document.toString());
}
