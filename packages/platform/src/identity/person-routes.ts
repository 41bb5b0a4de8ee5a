import { personRoutes } from '@qianzhi/model';
import type { PlatformContext } from '../server/context.js';
import type { Api } from '../server/serve.js';
import { findAccount, publicAccount, type StoredAccount } from './account-store.js';
import type { Accounts } from './accounts.js';
import type { Agents } from './agents.js';
import type { Enrolment } from './enrolment.js';
import type { Sessions } from './sessions.js';
import type { SecondFactor } from './totp/second-factor.js';

export interface IdentityServices {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly enrolment: Enrolment;
  readonly agents: Agents;
  readonly secondFactor: SecondFactor;
}

export function bindPersonIdentity(
  api: Api,
  { db, audit }: PlatformContext,
  services: IdentityServices,
): void {
  const { accounts, sessions, enrolment, agents, secondFactor } = services;

  api.servePublic(personRoutes.setup, ({ body }) => accounts.setup(body));
  api.servePublic(personRoutes.signIn, ({ body }) => sessions.signIn(body));

  api.servePerson(personRoutes.signOut, async ({ caller, headers }) => {
    await sessions.signOut({ headers });
    await audit.record({ actor: caller, action: 'session.close', object: caller.account, outcome: 'done' });
    return { ok: true as const };
  });

  api.servePerson(personRoutes.whoAmI, async ({ caller }) =>
    publicAccount((await findAccount(db, caller.account)) as StoredAccount),
  );

  api.servePerson(personRoutes.beginTotp, ({ caller }) => secondFactor.begin(caller));
  api.servePerson(personRoutes.confirmTotp, async ({ caller, body, headers }) => {
    const confirmed = await secondFactor.confirm(caller, body.code);
    await sessions.endOthers(caller.account, { headers });
    return confirmed;
  });

  api.servePerson(personRoutes.listAccounts, async ({ caller }) => ({
    accounts: [...(await accounts.list(caller))],
  }));
  api.servePerson(personRoutes.createAccount, ({ caller, body }) => accounts.create(caller, body));
  api.servePerson(personRoutes.changeAccount, ({ caller, param, body }) =>
    accounts.change(caller, param('account'), body),
  );

  api.servePerson(personRoutes.listAgents, async ({ caller }) => ({ agents: await agents.list(caller) }));
  api.servePerson(personRoutes.invite, ({ caller, body }) => enrolment.invite(caller, body));
  api.servePerson(personRoutes.revokeAgent, ({ caller, param, body }) =>
    agents.revoke(caller, param('agent'), body.reason),
  );
}
