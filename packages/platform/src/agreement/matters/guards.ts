import type { Departments } from '../../department/departments.js';
import type { PersonCaller } from '../../server/caller.js';
import { requireOther } from '../access.js';
import { matterErrors } from './errors.js';
import type { Standing } from './steps.js';

/** An agreement or request, and how it stands. */
export interface Seen<Row> {
  readonly row: Row;
  readonly standing: Standing;
}

type See<Row> = (caller: PersonCaller, id: string) => Promise<Seen<Row>>;

/** Who of those who see an agreement or request may do what with it. */
export interface Guards<Row> {
  isCompetent(caller: PersonCaller): Promise<boolean>;
  /** Throws QZ_PLATFORM_MATTER_NOT_APPLICANT. */
  readonly applicantOf: See<Row>;
  /** Throws QZ_PLATFORM_DECISION_OWN_DEPARTMENT: the applicant never decides. */
  readonly decidable: See<Row>;
  /** As `decidable`, and QZ_PLATFORM_MATTER_NOT_COMPETENT. */
  readonly competentOf: See<Row>;
}

export function createGuards<Row extends { readonly consumer: string }>(
  departments: Pick<Departments, 'require'>,
  see: See<Row>,
): Guards<Row> {
  const isCompetent = async ({ department }: PersonCaller) =>
    department !== null && (await departments.require(department)).competent;

  const decidable: See<Row> = async (caller, id) => {
    const seen = await see(caller, id);
    requireOther(caller, seen.row.consumer, id);
    return seen;
  };

  return {
    isCompetent,
    decidable,
    async applicantOf(caller, id) {
      const seen = await see(caller, id);
      const { consumer: department } = seen.row;
      if (caller.department === department) return seen;
      throw matterErrors.MATTER_NOT_APPLICANT({ agreement: id, department });
    },
    async competentOf(caller, id) {
      const seen = await decidable(caller, id);
      if (await isCompetent(caller)) return seen;
      throw matterErrors.MATTER_NOT_COMPETENT({ agreement: id, department: caller.department ?? '-' });
    },
  };
}
