import { agentRoutes, personRoutes, type Role, type Route } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentWalk, personWalk } from './test-walk.js';
import { refusedCode, startWorld, type World } from './test-world.js';

/** Of these, what they see does not depend on a department; a system administrator sees no data of any. */
const everywhere: readonly Role[] = ['security-officer', 'auditor'];
const nowhere: readonly Role[] = ['system-admin'];
const ofPlatform: readonly Role[] = [...everywhere, ...nowhere];

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const byPersons = Object.entries(personRoutes as Readonly<Record<string, Route>>).filter(
  ([, route]) => typeof route.access !== 'string',
);
const steps = byPersons.flatMap(([name, route]) =>
  (route.access as readonly Role[]).map((role) => [name, role] as const),
);

describe('R119 every route', () => {
  it('is in the table that says whose data it touches, and the table names no other', () => {
    expect(Object.keys(personWalk).sort()).toEqual(byPersons.map(([name]) => name).sort());
    const byAgents = Object.entries(agentRoutes as Readonly<Record<string, Route>>)
      .filter(([, route]) => route.access === 'agent')
      .map(([name]) => name);
    expect(Object.keys(agentWalk).sort()).toEqual(byAgents.sort());
  });

  it('that the table calls the platform’s own is for roles without a department alone', () => {
    const wrong = byPersons.filter(
      ([name, { access }]) =>
        personWalk[name]?.of === 'platform' &&
        (access as readonly Role[]).some((role) => !ofPlatform.includes(role)),
    );
    expect(wrong.map(([name]) => name)).toEqual([]);
  });

  it('that changes something is closed to the auditor, who may but end the own session and set up the own code', () => {
    const changing = byPersons.filter(
      ([, { method, access }]) => method !== 'GET' && (access as readonly Role[]).includes('auditor'),
    );
    expect(changing.map(([name]) => name).sort()).toEqual(['beginTotp', 'confirmTotp', 'signOut', 'trace']);
  });

  it('that concerns data is closed to the system administrator, or shows it none', () => {
    const open = byPersons.filter(([, { access }]) => (access as readonly Role[]).includes('system-admin'));
    for (const [name] of open)
      expect(personWalk[name]?.of, name).toMatch(/^(platform|caller|everybody|objects|list)$/);
  });

  it.each(steps)('%s by %s: own department and another', async (name, role) => {
    const walk = personWalk[name]!;
    if (walk.of === 'objects') {
      const refused = async (department: string | null) =>
        refusedCode(walk.touch(await world.person(department, role), world));
      if (everywhere.includes(role)) expect(await refused(null)).not.toBe(walk.refused);
      else if (nowhere.includes(role)) expect(await refused(null)).toBe(walk.refused);
      else {
        expect(await refused('ga')).toBe(walk.refused);
        expect(await refused(walk.own)).not.toBe(walk.refused);
      }
    }
    if (walk.of === 'list') {
      const count = async (department: string | null) =>
        walk.count(await world.person(department, role), world);
      if (everywhere.includes(role)) expect(await count(null)).toBeGreaterThan(0);
      else if (nowhere.includes(role)) expect(await count(null)).toBe(0);
      else {
        expect(await count('ga')).toBe(0);
        expect(await count(walk.own)).toBeGreaterThan(0);
      }
    }
    if (walk.of === 'elsewhere') expect(world.textOf(walk.file)).toContain(walk.says);
    if (walk.of === 'platform') expect(ofPlatform).toContain(role);
    if (walk.of === 'caller' || walk.of === 'everybody') expect(walk.why).not.toBe('');
  });

  it.each(Object.entries(agentWalk).filter(([, walk]) => walk.of === 'objects'))(
    '%s by an agent of another department touches nothing',
    async (_, walk) => {
      if (walk.of !== 'objects') return;
      expect(await refusedCode(walk.touch(world.stranger.client, world))).toBe(walk.refused);
    },
  );
});
