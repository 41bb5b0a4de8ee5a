import type { CatalogResource, Grant, Signed } from '@qianzhi/model';
import type { AgreementService, CatalogService, DutyService } from '../ports.js';

/** What questions are judged by, read from the tables at most once a second; grants are forgotten at once when one changes. */
export interface Known {
  resource(code: string): Promise<CatalogResource | undefined>;
  hasDuty(resource: string, agent: string): Promise<boolean>;
  grants(department: string, resource: string): Promise<readonly Signed<Grant>[]>;
}

export interface KnownPorts {
  readonly catalog: Pick<CatalogService, 'current'>;
  readonly duties: Pick<DutyService, 'duty'>;
  readonly agreements: Pick<AgreementService, 'grantsOf' | 'requireAddress' | 'onGrantChanged'>;
}

const FOR_MS = 1_000;
const MOST = 10_000;

export function createKnown({ catalog, duties, agreements }: KnownPorts): Known {
  const resources = remembered((code: string) => catalog.current(code));
  const orders = remembered(async (name: string) => {
    const [resource, agent] = name.split(' ') as [string, string];
    return (await duties.duty(resource, agent)) !== undefined;
  });
  const held = remembered((name: string) => {
    const [department, resource] = name.split(' ') as [string, string];
    return agreements.grantsOf(department, resource);
  });
  agreements.onGrantChanged(held.forget);
  return {
    resource: resources.get,
    hasDuty: (resource, agent) => orders.get(`${resource} ${agent}`),
    grants: (department, resource) => held.get(`${department} ${resource}`),
  };
}

/** A look-up that is under way when all is forgotten is not kept either. */
function remembered<T>(load: (name: string) => Promise<T>) {
  let values = new Map<string, { readonly value: Promise<T>; readonly until: number }>();
  return {
    get(name: string): Promise<T> {
      const at = performance.now();
      const known = values.get(name);
      if (known && known.until > at) return known.value;
      if (values.size >= MOST) values = new Map();
      const value = load(name);
      values.set(name, { value, until: at + FOR_MS });
      const own = values;
      value.catch(() => own.delete(name));
      return value;
    },
    forget() {
      values = new Map();
    },
  };
}
