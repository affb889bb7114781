import { defineConfig } from 'vitest/config';

/** Tests that boot hosts, and tests that start programs: their names say so, and `test/projects.test.ts` sees to it. */
const lab = 'test/**/*.lab.test.ts';
const programs = 'test/**/*.process.test.ts';

/** For tests that start daruma. */
const build = ['test/support/build.ts'];

/** Tests of whole command lines, in this process. */
const commandLines = [
  'test/cli/**/*.test.ts',
  'test/config/{command,documentation,json-schema}.test.ts',
  'test/docs/readme.test.ts',
  'test/report/{findings,schema}.test.ts',
  'test/transaction/interrupted.test.ts',
];

/** In the order in which they run; the first two together. */
export const projects = [
  {
    name: 'unit',
    include: ['test/**/*.test.ts'],
    exclude: [...commandLines, programs, lab],
    setupFiles: ['test/support/seed.ts'],
  },
  { name: 'cli', include: commandLines, exclude: [programs, lab] },
  {
    name: 'process',
    include: [programs],
    exclude: [],
    globalSetup: build,
    testTimeout: 60_000,
    maxWorkers: 2,
  },
  // Hosts wait more than they work: three files at a time keep two processors busy, and their timers are in time.
  {
    name: 'lab',
    include: [lab],
    exclude: [],
    globalSetup: build,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
  },
];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    // What a test expects is written by whoever asks for it (`vitest run -u`), never by a run that finds nothing there.
    update: 'none',
    projects: projects.map((test, index) => ({
      extends: true,
      test: { ...test, sequence: { groupOrder: Math.max(1, index) } },
    })),
  },
});
