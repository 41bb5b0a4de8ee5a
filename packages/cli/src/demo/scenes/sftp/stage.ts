export const ROWS = 1000;

/** What 民政's own program puts into the folder. */
export function sourceText(): string {
  const rows = Array.from({ length: ROWS }, (_, n) => `c${String(n).padStart(5, '0')},企业${n}`);
  return ['code,name', ...rows, ''].join('\n');
}

export const folders = ['mz-folder', 'sw-folder', 'sw-in', 'sw-out', 'platform-in', 'platform-out'];

export const catalogText = `
departments:
  - { id: mz, name: 民政局 }
  - { id: sw, name: 税务局 }
resources:
  - code: demo_firm
    name: 登记企业
    summary: 登记企业名称
    department: mz
    attribute: department
    subject: other
    sharing: unconditional
    openness: closed
    updateCycle: daily
    items:
      - { name: 编号, column: code, type: C, length: 6, key: true }
      - { name: 名称, column: name, type: C, length: 60, required: true }
`;

export const configs = {
  platform: `
dataDir: ./platform
database: { kind: sqlite }
port: 0
audience: demo
packages: { in: ./platform-in, out: ./platform-out, agents: [sw-agent], everySeconds: 3600 }
`,
  mz: (url: string) => `
platform: { url: '${url}' }
stateDir: ./mz-state
connectors:
  folder: { type: files, path: ./mz-folder }
exchanges:
  - name: supply
    supply: demo_firm
    mode: sftp
    connector: folder
    schedule: {}
    strategy: snapshot
    source: { pattern: '*.csv', complete: { quietSeconds: 0 }, acknowledge: .ack }
`,
  sw: (url: string) => `
platform: { url: '${url}' }
stateDir: ./sw-state
packages: { in: ./sw-in, out: ./sw-out, everySeconds: 3600 }
connectors:
  folder: { type: files, path: ./sw-folder }
exchanges:
  - name: consume
    consume: demo_firm
    mode: sftp
    connector: folder
    schedule: {}
    target: { name: firm, manifest: true, marker: .ok }
`,
};
