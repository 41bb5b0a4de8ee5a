import type { DemoDatabase, DemoSide, SideRole } from './demo-database.js';
import { type PostgresAddress, postgresAddress, serverName } from './postgres-address.js';
import { postgresSide } from './postgres-side.js';
import { sqliteSide } from './sqlite-side.js';

export interface DatabaseChoice {
  /** `postgres://…`; SQLite files in the demo's folder where there is none. */
  readonly source: string | undefined;
  readonly target: string | undefined;
  readonly replace: boolean;
}

/** The departments' databases, by department and by connector as in config/demo. */
export interface DemoDatabases {
  readonly mz: { readonly xzqh: DemoDatabase; readonly shzz: DemoDatabase; readonly received: DemoDatabase };
  readonly sw: { readonly business: DemoDatabase; readonly received: DemoDatabase };
  /** Schemas made in servers that stay: `host:port/database schema`. */
  readonly schemas: readonly string[];
  /** Takes away what was made outside the demo's folder; call it when no agent runs any more. */
  remove(): Promise<void>;
}

const SOURCE_SCHEMA = 'qianzhi_demo_source';
const TARGET_SCHEMA = 'qianzhi_demo_target';

/** Opens both sides; nothing stays of one when the other cannot be had. */
export async function openDatabases(folder: string, choice: DatabaseChoice): Promise<DemoDatabases> {
  const { replace } = choice;
  // both are read before anything is made
  const from = choice.source === undefined ? undefined : postgresAddress('--source', choice.source);
  const to = choice.target === undefined ? undefined : postgresAddress('--target', choice.target);
  const open = (address: PostgresAddress | undefined, schema: string, role: SideRole) =>
    address ? postgresSide({ address, schema, replace, folder, role }) : sqliteSide(folder, role);
  const source = await open(from, SOURCE_SCHEMA, 'source');
  let target: DemoSide;
  try {
    target = await open(to, TARGET_SCHEMA, 'target');
  } catch (error) {
    await source.remove();
    throw error;
  }
  return {
    mz: {
      xzqh: source.database('mz-xzqh'),
      shzz: source.database('mz-shzz'),
      received: target.database('mz-received'),
    },
    sw: { business: source.database('sw-business'), received: target.database('sw-received') },
    schemas: [
      ...(from ? [`${serverName(from)} ${SOURCE_SCHEMA}`] : []),
      ...(to ? [`${serverName(to)} ${TARGET_SCHEMA}`] : []),
    ],
    async remove() {
      await source.remove();
      await target.remove();
    },
  };
}
