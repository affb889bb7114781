/** The run of the lab's tests, over tests that need no lab. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../lab/run.ts';
import { unpackedRoot } from '../support/root.ts';

const checkout = path.join(import.meta.dirname, '../..');

const config = `import { defineConfig } from 'vitest/config';
const lab = { name: 'lab', include: ['*.test.ts'], maxWorkers: 2 };
export default defineConfig({ test: { projects: [{ test: lab }] } });
`;

/** Fails once the other runs beside it; run again, it wants to be in the only worker that there is. */
const together = (name: string, other: string) => `import fs from 'node:fs';
import { expect, test, vi } from 'vitest';
test('is alone', async () => {
  if (fs.existsSync('seen-${name}')) {
    expect(process.env.VITEST_POOL_ID).toBe('1');
    return;
  }
  fs.writeFileSync('seen-${name}', process.env.VITEST_POOL_ID);
  await vi.waitUntil(() => fs.existsSync('seen-${other}'), { timeout: 30_000 });
  expect.fail('there is another');
}, 60_000);
`;

function runIn(files: Readonly<Record<string, string>>) {
  const folder = unpackedRoot({
    'vitest.config.ts': config,
    'package.json': '{"type": "module"}',
    node_modules: { link: path.join(checkout, 'node_modules') },
    ...files,
  });
  const script = `process.chdir(${JSON.stringify(folder)}); await import(${JSON.stringify(path.join(checkout, 'lab/test.ts'))})`;
  return run([process.execPath, '--input-type=module', '--eval', script]);
}

test('files in which a test fails are run again, one after the other, and named', async () => {
  const { code, stdout } = await runIn({ 'a.test.ts': together('a', 'b'), 'b.test.ts': together('b', 'a') });
  expect(stdout).toMatch(
    /\nFailed once, of two times:\n {2}[ab]\.test\.ts > is alone\n {2}[ab]\.test\.ts > is alone\n\n2 passed, 0 failed\n$/,
  );
  expect(code).toBe(0);
});

test('one that fails both times is a failure, and so is a run without tests', async () => {
  const bad = "import { test } from 'vitest';\ntest('is bad', () => { throw new Error('bad'); });\n";
  const failing = await runIn({ 'bad.test.ts': bad });
  expect(failing.stdout).toMatch(/\nFailed:\n {2}bad\.test\.ts > is bad\n\n0 passed, 1 failed\n$/);
  expect(failing.code).toBe(1);
  expect((await runIn({})).code).toBe(1);
});
