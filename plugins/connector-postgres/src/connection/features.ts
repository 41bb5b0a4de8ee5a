/** What a server has of what came after PostgreSQL 9.2. Looked at once, when a session is opened. */
export interface Features {
  /** INSERT … ON CONFLICT, with a name for the table that is inserted into. */
  readonly onConflict: boolean;
  /** CREATE TABLE IF NOT EXISTS … AS. */
  readonly asIfNotExists: boolean;
  /** The setting under which a policy that hides rows is an error. */
  readonly rowSecurity: boolean;
  /** A catalog that tells all that hangs on a table, so that another one can take its place. */
  readonly swap: boolean;
  /** Rows of several arrays in their order, and a subquery for each of them. */
  readonly arrayRows: boolean;
}

/** `version` as `server_version_num`, not later than the server's kernel. */
export function featuresOf(version: number): Features {
  const from95 = version >= 90_500;
  return {
    onConflict: from95,
    asIfNotExists: from95,
    rowSecurity: from95,
    swap: from95,
    arrayRows: version >= 90_400,
  };
}
