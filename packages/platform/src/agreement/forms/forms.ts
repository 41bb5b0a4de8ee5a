import {
  isQianzhiError,
  type Matter,
  type OffCatalogRequest,
  type Payload,
  type personRoutes,
} from '@qianzhi/model';
import { type FormSheet, writeFormWorkbook } from '@qianzhi/workbook';
import type { Knex } from 'knex';
import { catalogErrors } from '../../catalog/errors.js';
import type { Contacts } from '../../department/contacts.js';
import type { Departments } from '../../department/departments.js';
import type { CatalogService, PolicyService } from '../../ports.js';
import type { PersonCaller } from '../../server/caller.js';
import type { Agreements } from '../agreements.js';
import { agreementMatters, latestMatter, wholeStory } from '../matters/store.js';
import type { OffCatalogRequests } from '../off-catalog/requests.js';
import { offCatalogMatters } from '../off-catalog/store.js';
import { askedFor, findGrants } from '../store.js';
import { applicationForm, requestForm } from './application-form.js';
import { formErrors } from './errors.js';
import type { AccountNames, FormFacts, Party } from './facts.js';
import { formHtml } from './form-html.js';
import { grantForm } from './grant-form.js';
import { accountOf } from './texts.js';

type AgreementFormQuery = Payload<(typeof personRoutes.agreementForm)['query']>;
type Format = AgreementFormQuery['format'];

/** 《信息服务共享申请表》 and 《信息共享授权确认表》 (R068), as a page to print or a workbook; for whoever may see what they are of. */
export interface Forms {
  /** Throws QZ_PLATFORM_FORM_NOT_GRANTED for the form of a grant where none was ever given. */
  ofAgreement(caller: PersonCaller, id: string, query: AgreementFormQuery): Promise<Uint8Array>;
  ofRequest(caller: PersonCaller, id: string, format: Format): Promise<Uint8Array>;
}

export interface FormParts {
  readonly departments: Departments;
  readonly contacts: Pick<Contacts, 'of'>;
  readonly catalog: Pick<CatalogService, 'current'>;
  readonly policies: PolicyService;
  readonly agreements: Pick<Agreements, 'show' | 'proceedings'>;
  readonly requests: Pick<OffCatalogRequests, 'show'>;
}

export function createForms(db: Knex, parts: FormParts): Forms {
  const { departments, contacts, catalog, policies, agreements, requests } = parts;

  const partyOf = async (id: string): Promise<Party> => ({
    department: await departments.require(id),
    roster: await contacts.of(id),
  });

  async function factsOf(
    { id, consumer, provider }: Pick<OffCatalogRequest, 'id' | 'consumer' | 'provider'>,
    matter: Matter | undefined,
    named: readonly (string | undefined)[],
    tables = agreementMatters,
  ): Promise<FormFacts> {
    const row = matter && (await latestMatter(db, id, tables));
    const policy = row ? await policies.asOf(row.profile, row.policy, row.beganAt) : await policies.current();
    const story = await wholeStory(db, id, tables);
    return {
      applicant: await partyOf(consumer),
      provider: provider === null ? undefined : await partyOf(provider),
      matter,
      story,
      policy: policy.name,
      names: await accountNames(db, [...named, ...story.map(({ actor }) => actor)]),
    };
  }

  /** Undefined where a rule granted at once. */
  async function matterOf(caller: PersonCaller, id: string): Promise<Matter | undefined> {
    try {
      return await agreements.proceedings.show(caller, id);
    } catch (error) {
      if (isQianzhiError(error, 'QZ_PLATFORM_MATTER_NONE')) return undefined;
      throw error;
    }
  }

  return {
    async ofAgreement(caller, id, { form, format }) {
      const agreement = await agreements.show(caller, id);
      const resource = await catalog.current(agreement.resource);
      if (!resource) throw catalogErrors.RESOURCE_UNKNOWN({ resource: agreement.resource });
      const matter = await matterOf(caller, id);
      const grant = (await findGrants(db, { agreement: id })).at(-1)?.document.body;
      const facts = {
        ...(await factsOf(agreement, matter, [agreement.appliedBy, grant?.approvedBy])),
        agreement,
        asked: await askedFor(db, id),
        resource,
        grant,
      };
      if (form === 'application') return written(applicationForm(facts), format);
      if (!grant) throw formErrors.FORM_NOT_GRANTED({ agreement: id });
      return written(grantForm({ ...facts, grant }), format);
    },

    async ofRequest(caller, id, format) {
      const request = await requests.show(caller, id);
      const facts = await factsOf(request, request.matter, [request.appliedBy], offCatalogMatters);
      return written(requestForm({ ...facts, request }), format);
    },
  };
}

/** Of accounts, or of actors of a story. */
async function accountNames(db: Knex, actors: readonly (string | undefined)[]): Promise<AccountNames> {
  const named = actors.flatMap((actor) => (actor === undefined ? [] : [accountOf(actor)]));
  const rows: { readonly account: string; readonly name: string }[] = await db('accounts')
    .whereIn('account', [...new Set(named)])
    .select('account', 'name');
  return new Map(rows.map(({ account, name }) => [account, name]));
}

const written = async (form: FormSheet, format: Format): Promise<Uint8Array> =>
  format === 'html' ? Buffer.from(formHtml(form)) : writeFormWorkbook(form);
