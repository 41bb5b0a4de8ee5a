import { type CatalogResource, CatalogResourceSchema, checkShape } from '@qianzhi/model';
import pg from 'pg';
import { searchText } from '../../../packages/platform/src/catalog/search/search-text.js';

export interface Size {
  readonly departments: number;
  readonly resources: number;
  readonly itemsEach: number;
  readonly agreements: number;
}

const subjects =
  '社会团体 基金会 民办非企业 企业 个体工商户 残疾人 退役军人 学生 教师 医师 护士 驾驶员 车辆 船舶 房屋 土地 林地 水库 学校 医院 药店 食品 特种设备 建设项目 招标 纳税人 参保人 公积金 低保 婚姻 收养 殡葬'.split(
    ' ',
  );
const matters =
  '登记 变更 注销 年检 许可 处罚 检查 信用 缴费 补贴 资格 证书 备案 投诉 监测 预警 统计 名录 档案 评价'.split(
    ' ',
  );
const things =
  '名称 代码 日期 状态 类型 地址 电话 姓名 证件号码 证件类型 金额 数量 等级 编号 机关 有效期 原因 结果 备注 区划 经办人 批准文号 面积 用途 联系人'.split(
    ' ',
  );
const AT_ONCE = 500;

const at = <T>(list: readonly T[], number: number): T => list[number % list.length]!;

/** Words of the field in many combinations, a few rare ones among them. */
export function resourceOf(number: number, { departments, itemsEach }: Size): CatalogResource {
  const name = `${at(subjects, number * 7)}${at(matters, Math.floor(number / 3))}信息${number % 10}`;
  const rare = number % 5000 === 17 ? '滩涂养殖' : '';
  return checkShape(
    CatalogResourceSchema,
    {
      code: `r${String(number).padStart(6, '0')}`,
      name: `${rare}${name}`,
      summary: `${at(subjects, number)}的${at(matters, number * 5)}情况`,
      department: `d${number % departments}`,
      attribute: at(['department', 'theme', 'basic'], number),
      sharing: 'unconditional',
      updateCycle: at(['daily', 'weekly', 'monthly'], number),
      items: Array.from({ length: itemsEach }, (_, index) => ({
        name: `${at(subjects, number + index * 3)}${at(things, index)}`,
        column: `c${index}`,
        type: 'C',
        length: 50,
        ...(index === 0 && { key: true }),
      })),
    },
    'CatalogResource',
  );
}

/** Straight into the tables of a platform that runs: publishing 50,000 one by one is not what is measured. */
export async function fill(
  url: string,
  schema: string,
  size: Size,
  say: (line: string) => void,
): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(`SET search_path TO ${schema}`);
    await client.query(
      `INSERT INTO departments (id, name, uscc, police, competent)
       SELECT 'd' || n, '部门' || n, NULL, 0, 0 FROM generate_series(0, $1::int - 1) n`,
      [size.departments],
    );
    say('resources');
    for (let from = 0; from < size.resources; from += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, size.resources - from) }, (_, n) =>
        resourceOf(from + n, size),
      );
      await client.query(
        `INSERT INTO resources (code, department, revision, search, attribute, sharing)
         SELECT code, department, 1, search, attribute, 'unconditional'
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) t (code, department, search, attribute)`,
        [
          some.map(({ code }) => code),
          some.map(({ department }) => department),
          some.map(searchText),
          some.map(({ attribute }) => attribute),
        ],
      );
      await client.query(
        `INSERT INTO resource_revisions (code, revision, schema_version, basis, document, published_by, published_at)
         SELECT code, 1, 1, 1, document, 'bench', '2026-01-01T00:00:00.000Z' FROM unnest($1::text[], $2::text[]) t (code, document)`,
        [some.map(({ code }) => code), some.map((one) => JSON.stringify(one))],
      );
    }
    say('pairs of characters');
    await client.query('ALTER TABLE resource_grams DROP CONSTRAINT resource_grams_pkey');
    await client.query('DROP INDEX resource_grams_code_index');
    await client.query(
      `INSERT INTO resource_grams (gram, code)
       SELECT DISTINCT substr(run, i, 2), code
       FROM (SELECT code, regexp_split_to_table(search, '\\s+') run FROM resources) runs, generate_series(1, length(run) - 1) i`,
    );
    await client.query('ALTER TABLE resource_grams ADD PRIMARY KEY (gram, code)');
    await client.query('CREATE INDEX resource_grams_code_index ON resource_grams (code)');
    say('agreements');
    const content = {
      items: ['c0'],
      masks: {},
      purpose: { usage: 'data-check', matter: '核验', legalBasis: '' },
      modes: ['docking'],
      validTo: '2036-01-01T00:00:00.000Z',
    };
    await client.query(
      `INSERT INTO agreements (id, resource, provider, consumer, state, live_grant)
       SELECT 'bench-' || n, r.code, r.department, 'd' || (n * 7 % $2::int), 'applied', NULL
       FROM generate_series(1, $1::int) n JOIN resources r ON r.code = 'r' || lpad((n * 2 % $3::int)::text, 6, '0')`,
      [size.agreements, size.departments, size.resources],
    );
    await client.query(
      `INSERT INTO applications (agreement, content, applied_by, applied_at)
       SELECT id, $1, 'bench', '2026-01-01T00:00:00.000Z' FROM agreements WHERE id LIKE 'bench-%'`,
      [JSON.stringify(content)],
    );
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}
