import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createClient, type PlatformClient } from '@qianzhi/client';
import {
  type Agreement,
  type CatalogResource,
  type Department,
  personRoutes,
  type Role,
} from '@qianzhi/model';
import { parse } from 'yaml';

/** The persons of the demo: who may do what is the platform's rule, so each act needs the right one. */
const persons = {
  mzEditor: { department: 'mz', name: '民政编目员', roles: ['catalog-editor', 'operator'] },
  mzAdmin: { department: 'mz', name: '民政管理员', roles: ['department-admin'] },
  mzApprover: { department: 'mz', name: '民政审批员', roles: ['approver'] },
  swEditor: { department: 'sw', name: '税务编目员', roles: ['catalog-editor', 'operator'] },
  swAdmin: { department: 'sw', name: '税务管理员', roles: ['department-admin'] },
  swApprover: { department: 'sw', name: '税务审批员', roles: ['approver'] },
  auditor: { department: null, name: '审计员', roles: ['auditor'] },
} as const satisfies Record<string, { department: string | null; name: string; roles: readonly Role[] }>;

export type Person = keyof typeof persons | 'officer';

export interface DemoCatalog {
  readonly departments: readonly Department[];
  readonly resources: readonly CatalogResource[];
}

/** Everyone signed in, each with a client of their own. */
export interface Governance {
  readonly as: (person: Person) => PlatformClient;
  /** Account and password of each person, for `--keep`. */
  readonly signIns: readonly { readonly account: string; readonly password: string; readonly name: string }[];
  /** As somebody else, until the governance is closed. */
  signIn(account: string, password: string, signal: AbortSignal): Promise<PlatformClient>;
  close(): Promise<void>;
}

/** One more person, signed in; ends with the governance. */
export async function addPerson(
  governance: Governance,
  account: string,
  department: string,
  roles: readonly Role[],
  signal: AbortSignal,
): Promise<PlatformClient> {
  const password = newPassword();
  const body = { account, name: account, department, roles: [...roles], password };
  await governance.as('officer').call(personRoutes.createAccount, { body }, signal);
  return governance.signIn(account, password, signal);
}

export async function readCatalog(file: string): Promise<DemoCatalog> {
  return parse(await readFile(file, 'utf8')) as DemoCatalog;
}

const newPassword = () => randomBytes(12).toString('base64url');
const accountOf = (person: string) => person.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** First start: the printed code makes the officer, who registers departments and accounts. */
export async function setUp(
  url: string,
  code: string,
  catalog: DemoCatalog,
  signal: AbortSignal,
): Promise<Governance> {
  const anonymous = createClient({ url, identity: { kind: 'anonymous' } });
  const clients = new Map<Person, PlatformClient>();
  const signIns: { account: string; password: string; name: string }[] = [];

  const others: PlatformClient[] = [];

  async function open(account: string, password: string, inner: AbortSignal): Promise<PlatformClient> {
    const { token } = await anonymous.call(personRoutes.signIn, { body: { account, password } }, inner);
    return createClient({ url, identity: { kind: 'person', token } });
  }

  async function signIn(person: Person, name: string, password: string): Promise<PlatformClient> {
    const account = accountOf(person);
    const client = await open(account, password, signal);
    clients.set(person, client);
    signIns.push({ account, password, name });
    return client;
  }

  const officerPassword = newPassword();
  const officerBody = { code, account: 'officer', name: '安全保密员', password: officerPassword };
  await anonymous.call(personRoutes.setup, { body: officerBody }, signal);
  const officer = await signIn('officer', '安全保密员', officerPassword);
  for (const department of catalog.departments) {
    const body = {
      ...department,
      police: department.police ?? false,
      competent: department.competent ?? false,
    };
    await officer.call(personRoutes.putDepartment, { params: { id: department.id }, body }, signal);
  }
  for (const [person, { department, name, roles }] of Object.entries(persons)) {
    const password = newPassword();
    const body = { account: accountOf(person), name, department, roles: [...roles], password };
    await officer.call(personRoutes.createAccount, { body }, signal);
    await signIn(person as Person, name, password);
  }
  return {
    as: (person) => clients.get(person)!,
    signIns,
    async signIn(account, password, inner) {
      const client = await open(account, password, inner);
      others.push(client);
      return client;
    },
    async close() {
      await Promise.all([anonymous, ...clients.values(), ...others].map((client) => client.close()));
    },
  };
}

/** Publishes the catalog, records the secrecy reviews (R044) and orders each department's agent to supply. */
export async function publish(
  governance: Governance,
  catalog: DemoCatalog,
  signal: AbortSignal,
): Promise<void> {
  for (const resource of catalog.resources) {
    const civil = resource.department === 'mz';
    const editor = governance.as(civil ? 'mzEditor' : 'swEditor');
    const admin = governance.as(civil ? 'mzAdmin' : 'swAdmin');
    const params = { code: resource.code };
    await editor.call(personRoutes.publishCatalog, { params, body: resource }, signal);
    const review = { result: 'passed' as const, note: '不含涉密信息' };
    await admin.call(personRoutes.reviewSecrecy, { params, body: review }, signal);
    await editor.call(
      personRoutes.assignSupply,
      { params, body: { agent: `${resource.department}-agent` } },
      signal,
    );
  }
}

export function subscribe(
  client: PlatformClient,
  resource: string,
  matter: string,
  signal: AbortSignal,
): Promise<Agreement> {
  const purpose = { usage: 'work-reference' as const, matter, legalBasis: '' };
  return client.call(
    personRoutes.apply,
    { body: { resource, items: [], purpose, modes: ['docking'] } },
    signal,
  );
}

export function applyFor(
  client: PlatformClient,
  resource: string,
  items: string[],
  signal: AbortSignal,
): Promise<Agreement> {
  const purpose = {
    usage: 'administrative-basis' as const,
    matter: '社会团体法定代表人实名办税',
    legalBasis: '《中华人民共和国税收征收管理法》第六条',
  };
  return client.call(personRoutes.apply, { body: { resource, items, purpose, modes: ['docking'] } }, signal);
}
