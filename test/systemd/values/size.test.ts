import { expect, test } from 'vitest';
import { parseMode } from '../../../src/systemd/values/mode.ts';
import { parseResourceLimit, resourceLimitUnit } from '../../../src/systemd/values/resource-limit.ts';
import { isMemoryLimit, isTasksMax, parsePermyriad, parseSize } from '../../../src/systemd/values/size.ts';

// The cases of test_parse_size() in systemd's src/test/test-parse-util.c.
test.each<[text: string, base: 1000 | 1024, size: bigint]>([
  ['111', 1024, 111n],
  ['111.4', 1024, 111n],
  [' 112 B', 1024, 112n],
  ['3.5 K', 1024, 3584n],
  ['3. K', 1024, 3072n],
  ['3.0 K', 1024, 3072n],
  ['3.5 K', 1000, 3500n],
  [' 4 M 11.5K', 1024, 4n * 1024n * 1024n + 11n * 1024n + 512n],
  ['3B3.5G', 1024, -1n],
  ['3.5G3B', 1024, 3758096387n],
  ['3.5G 4B', 1024, 3758096388n],
  ['+1K', 1024, 1024n],
  ['1.5G', 1024, 1610612736n],
])('%j to base %d is %d bytes', (text, base, size) => {
  expect(parseSize(text, base)).toBe(size < 0n ? undefined : size);
});

test.each(['', ' ', 'x', '-1', '1k', '1KB', '1Ki', '1000000000000E', '12K12M', '1 2'])(
  '%j is no size',
  text => {
    expect(parseSize(text)).toBeUndefined();
  },
);

// From TEST(parse_permyriad) in systemd's src/test/test-percent-util.c.
test.each([
  ['0‱', 0],
  ['555‱', 555],
  ['555.5‰', 5555],
  ['1000.0‰', 10_000],
  ['55%', 5500],
  ['55.5%', 5550],
  ['55.53%', 5553],
  ['400%', 40_000],
])('%s is %d ten-thousandths', (text, permyriad) => {
  expect(parsePermyriad(text)).toBe(permyriad);
});

test.each(['', 'foo', '50', '-1', '-7‱', '‱', '‱‱', '‱1', '1‱‱', '3.2‱', '3.22‰', '%', '3.212%', '1.%'])(
  '%j is no share',
  text => {
    expect(parsePermyriad(text)).toBeUndefined();
  },
);

test('limits of memory and tasks are amounts, shares or infinity', () => {
  expect(['infinity', '1G', '50%', '100%'].every(text => isMemoryLimit(text, false))).toBe(true);
  expect(['0', '0%', '101%', '1GB', 'unlimited', '-1'].some(text => isMemoryLimit(text, false))).toBe(false);
  expect(isMemoryLimit('0', true)).toBe(true);
  expect(['infinity', '1', '10%'].every(isTasksMax)).toBe(true);
  expect(['0', '1K', '', '101%'].some(isTasksMax)).toBe(false);
});

// From TEST(parse_mode) in systemd's src/test/test-parse-util.c.
test('modes are octal and have no sign', () => {
  expect([' 1', '544', '0544', '00544', '7777', '0'].map(text => parseMode(text))).toEqual([
    1, 0o544, 0o544, 0o544, 0o7777, 0,
  ]);
  expect(['-1', '+1', '', '888', '77777', 'u=rwx'].map(text => parseMode(text))).toEqual(
    Array.from({ length: 6 }),
  );
});

test('a resource limit is one value or soft:hard, in the unit of its resource', () => {
  expect(parseResourceLimit('1024:4096', 'count')).toEqual({ soft: 1024n, hard: 4096n });
  expect(parseResourceLimit('infinity', 'count')).toEqual({
    soft: Number.POSITIVE_INFINITY,
    hard: Number.POSITIVE_INFINITY,
  });
  expect(parseResourceLimit('20:infinity', 'bytes')?.soft).toBe(20n);
  expect(parseResourceLimit('5G:6G', 'bytes')?.hard).toBe(6n * 1024n ** 3n);
  expect(parseResourceLimit('1500ms', 'seconds')?.soft).toBe(2);
  expect(parseResourceLimit('-10', 'nice')?.soft).toBe(30n);
  const refused = ['', '5:4', '1:2:3', '4:', ':4', '10K', 'unlimited', '-1', 'infinity:5'];
  expect(refused.filter(text => parseResourceLimit(text, 'count'))).toEqual([]);
  expect(parseResourceLimit('41', 'nice')).toBeUndefined();
  expect(resourceLimitUnit('DefaultLimitNOFILE')).toBe('count');
  expect(resourceLimitUnit('LimitCORE')).toBe('bytes');
});
