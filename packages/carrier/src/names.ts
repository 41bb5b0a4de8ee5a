export const PACKAGE_ENDING = '.qzp';

/** Of what is on its way: sorted by name, packages of one direction are in their order. */
export function packageName({ from, to, number }: PackageAddress): string {
  return `qz-${from}-${to}-${String(number).padStart(8, '0')}${PACKAGE_ENDING}`;
}

export interface PackageAddress {
  readonly from: string;
  readonly to: string;
  readonly number: number;
}

/** Number of a package of this direction by its file name; undefined for any other file. */
export function numberIn(name: string, { from, to }: Omit<PackageAddress, 'number'>): number | undefined {
  const start = `qz-${from}-${to}-`;
  if (!name.startsWith(start)) return undefined;
  const [, digits] = /^(\d{8,15})\.qzp$/.exec(name.slice(start.length)) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
