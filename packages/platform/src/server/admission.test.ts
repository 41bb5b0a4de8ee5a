import { expect, it } from 'vitest';
import { admissionOf } from './admission.js';

it('an address is let in by itself or its network, of either version, and no other is', () => {
  const admits = admissionOf(['10.20.0.0/16', '192.0.2.7', '2001:db8::/32', '::1']);
  for (const inside of ['10.20.255.1', '::ffff:10.20.0.9', '192.0.2.7', '2001:db8:1::5', '::1'])
    expect([inside, admits(inside)]).toEqual([inside, true]);
  for (const outside of ['10.21.0.1', '::ffff:10.21.0.1', '192.0.2.8', '2001:db9::1', '::2', '', 'localhost'])
    expect([outside, admits(outside)]).toEqual([outside, false]);
  expect(admissionOf(['fe80::/10'])('fe80::1%eth0')).toBe(true);
  expect(admissionOf(['0.0.0.0/0'])('203.0.113.9')).toBe(true);
});

it('what is no address is refused by name', () => {
  for (const wrong of ['10.0.0', '10.0.0.0/33', '2001:db8::/129', 'example.org', '10.0.0.0/', '1.2.3.4/8/8'])
    expect(() => admissionOf(['10.0.0.1', wrong])).toThrow(wrong);
});
