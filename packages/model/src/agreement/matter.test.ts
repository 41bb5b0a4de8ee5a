import { describe, expect, it } from 'vitest';
import {
  actsAt,
  type MatterAct,
  type MatterFacts,
  type MatterStage,
  matterActs,
  matterStages,
  nextStage,
} from './matter.js';

const huizhou: MatterFacts = { id: 'req-1', overdue: false, ruledBy: 'competent' };
const late = { ...huizhou, overdue: true };
const guangdong = { ...late, ruledBy: null };

function walk(facts: MatterFacts, ...acts: MatterAct[]): MatterStage {
  return acts.reduce<MatterStage>((stage, act) => nextStage(stage, act, facts), 'reply');
}
const wrong = (code: string) => expect.objectContaining({ code });

describe('a matter', () => {
  it('R070 R072 R073 goes from refusal over negotiation and joint review to a ruling, and no step is left out', () => {
    expect(walk(huizhou, 'refuse', 'negotiate', 'review', 'uphold')).toBe('granted');
    expect(walk(huizhou, 'refuse', 'negotiate', 'review', 'reject')).toBe('rejected');
    expect(() => walk(huizhou, 'refuse', 'uphold')).toThrow(wrong('QZ_MODEL_MATTER_ACT'));
    expect(() => walk(huizhou, 'refuse', 'review')).toThrow(wrong('QZ_MODEL_MATTER_ACT'));
    expect(() => walk(huizhou, 'refuse', 'negotiate', 'reject')).toThrow(wrong('QZ_MODEL_MATTER_ACT'));
  });

  it('says of one that is over where it stands, in the words of what it is, and where to look at it', () => {
    const refuse = (id: string) => () => nextStage('granted', 'refuse', { ...huizhou, id });
    for (const [id, stage] of [
      ['req-1', '已同意'],
      ['0197f3c2', '已授权'],
    ] as const)
      expect(refuse(id)).toThrow(
        expect.objectContaining({
          message: expect.stringContaining(`“${stage}”`),
          hint: expect.stringContaining(`qianzhi agreement show ${id}`),
        }),
      );
  });

  it('R070 unanswered goes to negotiation when it is overdue, not before', () => {
    expect(walk(late, 'negotiate')).toBe('negotiation');
    expect(() => walk(huizhou, 'negotiate')).toThrow(wrong('QZ_MODEL_MATTER_ACT'));
    expect(walk(late, 'negotiate', 'grant')).toBe('granted');
  });

  it('R071 is not negotiated where the regulation foresees nothing of the kind', () => {
    expect(() => walk(guangdong, 'negotiate')).toThrow(wrong('QZ_MODEL_MATTER_NO_RULING'));
    expect(actsAt('refused', guangdong, 'applicant')).toEqual(['withdraw']);
    expect(actsAt('refused', huizhou, 'applicant')).toEqual(['withdraw', 'negotiate']);
  });

  it('is returned for completion by the decider and completed by the applicant', () => {
    expect(walk(huizhou, 'return', 'complete', 'grant')).toBe('granted');
    expect(() => walk(huizhou, 'return', 'grant')).toThrow(wrong('QZ_MODEL_MATTER_ACT'));
    expect(actsAt('completion', huizhou, 'decider')).toEqual([]);
    expect(actsAt('completion', huizhou, 'applicant')).toEqual(['complete', 'withdraw']);
  });

  it('R069 is given back where it is a request: of an entry it is known whose it is', () => {
    expect(walk(huizhou, 'reassign', 'forward', 'grant')).toBe('granted');
    expect(() => walk({ ...huizhou, id: '0197f3c2' }, 'reassign')).toThrow(wrong('QZ_MODEL_MATTER_ACT'));
    expect(actsAt('reply', huizhou, 'decider')).toContain('reassign');
    expect(actsAt('reply', { ...huizhou, id: '0197f3c2' }, 'decider')).not.toContain('reassign');
  });

  it('offers exactly the acts that it then takes, and ends where it offers none', () => {
    for (const stage of matterStages) {
      for (const facts of [huizhou, late, guangdong]) {
        const taken = (Object.keys(matterActs) as MatterAct[]).filter((act) => {
          try {
            return matterStages.includes(nextStage(stage, act, facts));
          } catch (error) {
            expect(error).toMatchObject({ kind: 'conflict' });
            return false;
          }
        });
        expect(taken).toEqual(actsAt(stage, facts));
      }
    }
    expect(matterStages.filter((stage) => actsAt(stage, late).length === 0)).toEqual([
      'granted',
      'rejected',
      'withdrawn',
    ]);
  });
});
