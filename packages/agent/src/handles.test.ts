import { describe, expect, it } from 'vitest';
import { createHandles } from './handles.js';

/** Handles that say what was opened and closed. */
function scene() {
  const said: string[] = [];
  const handle = (name: string) => ({
    name,
    async [Symbol.asyncDispose]() {
      said.push(`closed ${name}`);
    },
  });
  const open = (name: string) => async () => {
    said.push(`opened ${name}`);
    return handle(name);
  };
  return { said, handle, open, handles: createHandles<ReturnType<typeof handle>>() };
}

describe('handles', () => {
  it('are opened once for each key, and anew where what they are of has changed', async () => {
    const { said, open, handles } = scene();
    const one = await handles.get('firm', ['a'], open('firm a'));
    expect(await handles.get('firm', ['a'], open('firm a again'))).toBe(one);
    await handles.get('firm', ['b'], open('firm b'));
    await handles.get('town', ['a'], open('town a'));
    await expect.poll(() => said).toContain('closed firm a');
    const gone: string[] = [];
    for await (const key of handles.keepOnly(new Set(['town']))) gone.push(key);
    expect(gone).toEqual(['firm']);
    await handles.close();
    expect(said.filter((one) => one !== 'closed firm a').slice(3)).toEqual([
      'closed firm b',
      'closed town a',
    ]);
  });

  it('that cannot be opened are tried again by the next who asks', async () => {
    const { open, handles } = scene();
    const failing = async () => {
      throw new Error('not yet');
    };
    await expect(handles.get('firm', 1, failing)).rejects.toThrow('not yet');
    expect(await handles.get('firm', 1, open('firm'))).toMatchObject({ name: 'firm' });
    await handles.close();
  });

  it('one that fails after another stands in for it takes nothing with it', async () => {
    const { said, open, handles } = scene();
    let fail: (error: Error) => void = () => {};
    const former = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const first = handles.get('firm', 'old', () => former);
    const second = await handles.get('firm', 'new', open('new'));
    fail(new Error('too late'));
    await expect(first).rejects.toThrow('too late');
    expect(await handles.get('firm', 'new', open('a second of the same'))).toBe(second);
    await handles.close();
    expect(said).toEqual(['opened new', 'closed new']);
  });
});
