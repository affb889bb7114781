import { expect, test } from 'vitest';
import { parseBoolean } from '../../../src/systemd/values/boolean.ts';

test.each(['1', 'y', 'Y', 'yes', 'YES', 'true', 'TRUE', 't', 'on', 'ON'])('%s is true', text => {
  expect(parseBoolean(text)).toBe(true);
});

test.each(['0', 'n', 'N', 'no', 'NO', 'false', 'FALSE', 'f', 'off', 'OFF'])('%s is false', text => {
  expect(parseBoolean(text)).toBe(false);
});

test.each(['', 'garbage', 'full', ' yes', 'enabled', '2'])('%j is no boolean', text => {
  expect(parseBoolean(text)).toBeUndefined();
});
