import { beforeEach, expect, it } from 'vitest';
import { createAgreementKey } from './key-agreement.js';
import { agreeOnFrames, type Frames } from './line-frames.js';

let agent: Frames;
let platform: Frames;
beforeEach(() => {
  const [ours, theirs] = [createAgreementKey(), createAgreementKey()];
  agent = agreeOnFrames('agent', ours, theirs.publicKey, 'nonce');
  platform = agreeOnFrames('platform', theirs, ours.publicKey, 'nonce');
});

const wrong = expect.objectContaining({ code: 'QZ_MODEL_FRAME_WRONG', kind: 'integrity' });
const read = (frames: Frames, frame: Uint8Array) => {
  const { head, bytes } = frames.read(frame);
  return [head, Buffer.from(bytes).toString()];
};

it('carries heads and bytes both ways, in their order', () => {
  for (const n of [1, 2, 3])
    expect(read(platform, agent.write(`{"名":${n}}`, Buffer.from(`批${n}`)))).toEqual([{ 名: n }, `批${n}`]);
  for (const n of [1, 2]) expect(read(agent, platform.write(`[${n}]`))).toEqual([[n], '']);
});

it('finds a change of any byte', () => {
  const frame = agent.write('{"a":1}', Buffer.from('rows'));
  for (let at = 0; at < frame.length; at++) {
    const changed = Buffer.from(frame);
    changed[at]! ^= 1;
    expect(() => platform.read(changed)).toThrow(wrong);
  }
  for (let length = 0; length < frame.length; length++)
    expect(() => platform.read(frame.subarray(0, length))).toThrow(wrong);
  // what was refused has not taken the place of the right one
  expect(read(platform, frame)).toEqual([{ a: 1 }, 'rows']);
});

it('finds a frame that comes again, too early, or back to whom it is from', () => {
  const [first, second] = [agent.write('1'), agent.write('2')];
  expect(() => platform.read(second)).toThrow(wrong);
  platform.read(first);
  expect(() => platform.read(first)).toThrow(wrong);
  expect(() => agent.read(second)).toThrow(wrong);
  platform.read(second);
});

it('takes nothing of another line, though both were opened by the same keys', () => {
  const [ours, theirs] = [createAgreementKey(), createAgreementKey()];
  const frame = agreeOnFrames('agent', ours, theirs.publicKey, 'one').write('{}');
  expect(() => agreeOnFrames('platform', theirs, ours.publicKey, 'other').read(frame)).toThrow(wrong);
});

it.each(['', 'A'.repeat(43), '!'.repeat(43)])('refuses the key "%s"', (key) => {
  expect(() => agreeOnFrames('platform', createAgreementKey(), key, 'nonce')).toThrow(
    expect.objectContaining({ code: 'QZ_MODEL_KEY_MALFORMED' }),
  );
});
