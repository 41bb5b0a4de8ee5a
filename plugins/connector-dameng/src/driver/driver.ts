import { damengErrors } from '../errors.js';

/** What is used of the driver, as its own declarations have it: it is not here when this is compiled. */
export interface DamengDriver {
  readonly NUMBER: number;
  readonly DATE: number;
  readonly CLOB: number;
  readonly BLOB: number;
  readonly OUT_FORMAT_ARRAY: number;
  readonly BIND_IN: number;
  fetchAsString: number[];
  fetchAsBuffer: number[];
  parseJson: boolean;
  getConnection(attributes: Readonly<Record<string, unknown>>): Promise<DamengConnection>;
}

export interface DamengResult {
  readonly rows?: readonly (readonly unknown[])[];
  readonly rowsAffected?: number;
  readonly resultSet?: DamengResultSet;
}

export interface DamengResultSet {
  getRows(most: number): Promise<readonly (readonly unknown[])[]>;
  close(): Promise<void>;
}

export interface DamengConnection {
  execute(sql: string, binds: object, options: object): Promise<DamengResult>;
  /** Refused rows come as texts: `row[3]:-6602, …`. */
  executeMany(
    sql: string,
    rows: readonly (readonly unknown[])[],
    options: object,
  ): Promise<{ readonly batchErrors?: readonly string[] }>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  close(): Promise<void>;
  /** The line itself: the driver has no other way to interrupt a call. */
  readonly socket?: { destroy(error: Error): unknown };
}

export type LoadDriver = () => Promise<DamengDriver>;

/** Loads the driver that the user installed. Throws DRIVER_MISSING where it, or a module it needs, is not there. */
export const loadDriver: LoadDriver = async () => {
  const name = 'dmdb';
  try {
    const loaded = (await import(name)) as DamengDriver & { readonly default?: DamengDriver };
    return prepared(loaded.default ?? loaded);
  } catch (error) {
    const module = missingModule(error);
    if (module === undefined) throw error;
    throw damengErrors.DRIVER_MISSING({ module }, error);
  }
};

/** Numbers, times and texts as texts, whatever their size; bytes whole. These settings are the driver's, not a connection's. */
export function prepared(driver: DamengDriver): DamengDriver {
  driver.fetchAsString = [driver.NUMBER, driver.DATE, driver.CLOB];
  driver.fetchAsBuffer = [driver.BLOB];
  driver.parseJson = false;
  return driver;
}

/** Name of the module that could not be found; undefined for any other error. */
export function missingModule(error: unknown): string | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return undefined;
  return /(?:package|module) '([^']+)'/.exec(String(message))?.[1] ?? 'dmdb';
}
