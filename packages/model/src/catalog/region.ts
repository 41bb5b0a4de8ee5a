/** 行政区划代码 (GB/T 2260): province XX0000, city XXXX00, county the rest. */
export const REGION_CODE = '^[1-9]\\d{5}$';

export type RegionLevel = 'province' | 'city' | 'county';

/** The level a catalog of this region is of (R015). */
export function regionLevel(code: string): RegionLevel {
  if (code.endsWith('0000')) return 'province';
  return code.endsWith('00') ? 'city' : 'county';
}

/** Whether a region is this one or lies in it. */
export function regionWithin(code: string, upper: string): boolean {
  const digits = { province: 2, city: 4, county: 6 }[regionLevel(upper)];
  return code.slice(0, digits) === upper.slice(0, digits);
}
