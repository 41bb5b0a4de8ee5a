import type { Preview } from '@qianzhi/agent';
import type { Column } from './table.js';

/** The columns of a preview as a table for a person. */
export function previewColumns({ columns }: Preview): Column<readonly (string | null)[]>[] {
  return columns.map(({ column }, index) => ({ name: column, value: (row) => row[index] }));
}
