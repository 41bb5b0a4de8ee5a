/** Whether a row was refused because another has the same value in this column, which is unique. */
export function isDuplicate(error: unknown, table: string, column: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code, constraint } = error as Error & { readonly code?: string; readonly constraint?: string };
  if (code === 'SQLITE_CONSTRAINT_UNIQUE') return error.message.endsWith(`: ${table}.${column}`);
  return code === '23505' && constraint === `${table}_${column}_unique`;
}
