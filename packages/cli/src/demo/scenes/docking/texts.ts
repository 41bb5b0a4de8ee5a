export const texts = {
  platform: `
dataDir: ./platform
database: { kind: sqlite }
port: 0
audience: demo
`,
  catalog: `
departments:
  - { id: mz, name: 民政局 }
  - { id: sw, name: 税务局 }
resources:
  - code: demo_firm
    name: 登记企业
    summary: 登记企业名称与资本
    department: mz
    attribute: department
    subject: other
    sharing: unconditional
    openness: closed
    updateCycle: realtime
    items:
      - { name: 编号, column: code, type: C, length: 12, key: true }
      - { name: 名称, column: name, type: C, length: 20, required: true }
      - { name: 资本, column: capital, type: N, precision: 30, scale: 2 }
`,
  mz: (url: string) => `
platform: { url: '${url}' }
stateDir: ./mz-state
api: { port: 0 }
connectors: { api: { type: push } }
exchanges:
  - name: firm
    supply: demo_firm
    connector: api
    strategy: log
    source: {}
    modeOptions: { continuous: true }
`,
  sw: (url: string) => `
platform: { url: '${url}' }
stateDir: ./sw-state
api: { port: 0 }
connectors: { inbox: { type: inbox } }
exchanges:
  - name: firm
    consume: demo_firm
    connector: inbox
    target: {}
    modeOptions: { continuous: true }
`,
};
