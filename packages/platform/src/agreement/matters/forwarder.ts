import type { Departments } from '../../department/departments.js';
import { forwarderOf, jurisdictionOf } from '../../department/jurisdiction.js';
import type { PersonCaller } from '../../server/caller.js';
import { matterErrors } from './errors.js';
import type { MatterRow } from './store.js';

/** Who owes the forwarding of what `consumer` asks of `provider` (R075); undefined where nothing is to be forwarded. Not inside a transaction. */
export async function findForwarder(
  departments: Departments,
  consumer: string,
  provider: string,
): Promise<string | undefined> {
  const [applicant, other] = [await departments.require(consumer), await departments.require(provider)];
  return forwarderOf(await departments.all(), applicant, other)?.competent[0]?.id;
}

/** A competent department over the applicant; any one where none of them is by region. Throws QZ_PLATFORM_FORWARD_NOT_OWN. */
export async function requireForwarder(
  departments: Departments,
  { department }: PersonCaller,
  { agreement, consumer }: Pick<MatterRow, 'agreement' | 'consumer'>,
): Promise<void> {
  const all = await departments.all();
  const own = jurisdictionOf(all, await departments.require(consumer));
  const may = own?.competent ?? all.filter(({ competent }) => competent);
  if (!may.some(({ id }) => id === department))
    throw matterErrors.FORWARD_NOT_OWN({
      agreement,
      department: department ?? '-',
      consumer,
      competent: may.map(({ id }) => id).join(', ') || '-',
    });
}
