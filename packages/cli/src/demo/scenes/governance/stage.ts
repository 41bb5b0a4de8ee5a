const items = (guarded: string) => `
    items:
      - { name: 编号, column: code, type: C, length: 6, key: true, basic: true }
      - { name: 名称, column: name, type: C, length: 60, basic: true }
      - { name: 法定代表人, column: legal_person, type: C, length: 50, sharing: conditional }
      - { name: 联系电话, column: phone, type: C, length: 20, sharing: ${guarded} }`;

const resource = (code: string, name: string, guarded: string) => `
  - code: ${code}
    name: ${name}
    summary: ${name}
    department: mz
    attribute: department
    subject: other
    sharing: unconditional
    sharingCondition: 用于行政审批核验
    openness: closed
    updateCycle: daily${items(guarded)}`;

export const HUIZHOU = 'demo_firm_huizhou';
export const GUANGDONG = 'demo_firm_guangdong';
export const SECRET = 'demo_firm_restricted';

export const ROWS = 200;

/** What 民政's own program puts into its folder. */
export function sourceText(): string {
  const rows = Array.from({ length: ROWS }, (_, n) => {
    const number = String(n).padStart(5, '0');
    return `c${number},企业${n},负责人${n},1380000${number.slice(-4)}`;
  });
  return ['code,name,legal_person,phone', ...rows, ''].join('\n');
}

export const catalogText = `
departments:
  - { id: mz, name: 民政局 }
  - { id: sw, name: 税务局 }
  - { id: zs, name: 政务数据局, competent: true }
resources:${resource('demo_firm_open', '企业名录', 'conditional')}${resource(HUIZHOU, '登记企业', 'conditional')}${resource(GUANGDONG, '企业年报', 'conditional')}${resource(SECRET, '企业备忘', 'none')}
`;

const online = (state: string, folder: string) => (url: string) =>
  `
platform: { url: '${url}' }
stateDir: ./${state}
connectors:
  folder: { type: files, path: ./${folder} }
exchanges:`;

export const configs = {
  platform: `
dataDir: ./platform
database: { kind: sqlite }
port: 0
audience: demo
`,
  mz: (url: string) => `${online('mz-state', 'mz-folder')(url)}
  - name: supply
    supply: ${HUIZHOU}
    mode: sftp
    connector: folder
    schedule: {}
    strategy: snapshot
    source: { pattern: '*.csv', complete: { quietSeconds: 0 } }
`,
  sw: (url: string) => `${online('sw-state', 'sw-folder')(url)}
  - name: consume
    consume: ${HUIZHOU}
    mode: sftp
    connector: folder
    schedule: {}
    target: { name: firm }
`,
};
