import { readFile } from 'node:fs/promises';
import { type Refusal, type Want, writeDurably } from '@qianzhi/carrier';
import { type DeliveryStream, deliveryName, type Receipt, type Signed, systemCode } from '@qianzhi/model';

type Position = { readonly delivery: DeliveryStream; readonly seq: number };

/** What an agent is to be told with the next package, and what it was told. */
export interface Answers {
  readonly receipts: readonly Signed<Receipt>[];
  readonly refusals: readonly Refusal[];
  /** Deliveries that the agent asked for, and where they are to go on. */
  readonly wants: readonly Want[];
  /** Up to where deliveries are in packages. */
  readonly exported: readonly Position[];
  /** Of the orders and grants told last. */
  readonly told: string | undefined;
  readonly toldUntil: string | undefined;
}

const none: Answers = {
  receipts: [],
  refusals: [],
  wants: [],
  exported: [],
  told: undefined,
  toldUntil: undefined,
};

export async function readAnswers(path: string): Promise<Answers> {
  try {
    return { ...none, ...(JSON.parse(await readFile(path, 'utf8')) as Partial<Answers>) };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return none;
    throw error;
  }
}

export const writeAnswers = (path: string, answers: Answers) => writeDurably(path, JSON.stringify(answers));

/** Of two lists of positions the further one, stream by stream. */
export function furthest(one: readonly Position[], other: readonly Position[]): Position[] {
  const positions = new Map<string, Position>();
  for (const each of [...one, ...other]) {
    const name = deliveryName(each.delivery);
    if ((positions.get(name)?.seq ?? -1) < each.seq) positions.set(name, each);
  }
  return [...positions.values()];
}
