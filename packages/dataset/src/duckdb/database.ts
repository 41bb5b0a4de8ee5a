import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';

export interface Database {
  run(sql: string): Promise<void>;
  /** Rows come out in the order in which a query gives them; off unless told, for it needs more memory. */
  keepOrder(): Promise<void>;
  /** The first row of a query that answers numbers. */
  numbers(sql: string): Promise<number[]>;
}

export interface DatabaseLimits {
  readonly memoryLimitMb: number;
  readonly threads: number;
}

/** What the process holds besides DuckDB's own accounts: Node.js 45 MB, the library 75, rows on their way through a sort. */
const OUTSIDE_MB = 192;

/**
 * An in-memory database that spills into `spill` of the current folder. Nothing outside can be loaded. `memoryLimitMb` is the whole
 * process's, as far as it is large enough for that.
 */
export async function openDatabase({ memoryLimitMb, threads }: DatabaseLimits): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${Math.max(memoryLimitMb - OUTSIDE_MB, Math.ceil(memoryLimitMb / 2))}MB`,
    threads: String(threads),
    temp_directory: 'spill',
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    default_collation: '',
  });
  const connection: DuckDBConnection = await instance.connect();
  return {
    async run(sql) {
      await connection.run(sql);
    },
    async keepOrder() {
      await connection.run('SET preserve_insertion_order = true');
    },
    async numbers(sql) {
      const [row = []] = (await connection.runAndReadAll(sql)).getRows();
      return row.map((value: DuckDBValue) => Number(value));
    },
  };
}
