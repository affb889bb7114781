/** Combines two runs of tests; the second run contains only the files in which a test failed in the first. */
import type { TestModule, TestSuite, Vitest } from 'vitest/node';

/** The result of a test, or of a block or file that contains tests. */
export interface Outcome {
  /** Path relative to the project's folder; null for a result without a file. */
  readonly file: string | null;
  readonly name: string;
  readonly kind: 'test' | 'around';
  readonly state: 'passed' | 'failed' | 'skipped';
}

export interface Verdict {
  /** Number of tests that passed in the first or the second run. */
  readonly passed: number;
  /** Tests that failed in both runs; also those that failed once, when they are too many. */
  readonly failed: readonly string[];
  /** Tests that failed in one run and passed in the other. */
  readonly wavered: readonly string[];
}

/** The most tests that may fail once. */
export const mostWavering = 3;

/** The results of a run. */
export function outcomesOf({ state }: Vitest): readonly Outcome[] {
  const stray = state.getUnhandledErrors().map(
    error =>
      ({
        file: null,
        name: `outside of tests: ${messageOf(error)}`,
        kind: 'around',
        state: 'failed',
      }) as const,
  );
  return [...state.getTestModules().flatMap(outcomesOfModule), ...stray];
}

function outcomesOfModule(module: TestModule): readonly Outcome[] {
  const file = module.relativeModuleId;
  const around = (one: TestModule | TestSuite, name: string) =>
    ({ file, name, kind: 'around', state: one.errors().length > 0 ? 'failed' : 'passed' }) as const;
  const tests = [...module.children.allTests()].map(test => {
    const { state } = test.result();
    return {
      file,
      name: test.fullName,
      kind: 'test',
      state: state === 'pending' ? 'failed' : state,
    } as const;
  });
  const suites = [...module.children.allSuites()].map(suite => around(suite, suite.fullName));
  return [around(module, 'the file itself'), ...suites, ...tests];
}

function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return String(message);
}

/** The verdict: a test that failed in the first run and did not pass in the second has failed. */
export function judge(first: readonly Outcome[], again: readonly Outcome[]): Verdict {
  const before = new Map(first.map(outcome => [keyOf(outcome), outcome]));
  const after = new Map(again.map(outcome => [keyOf(outcome), outcome]));
  const failed: string[] = [];
  const wavered: string[] = [];
  let passed = 0;
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [one, other] = [before.get(key), after.get(key)];
    if (one?.state === 'failed' && other?.state !== 'passed') {
      failed.push(key);
      continue;
    }
    if (one?.state === 'failed' || other?.state === 'failed') wavered.push(key);
    if (one?.kind === 'test' && one.state !== 'skipped') passed += 1;
  }
  if (wavered.length <= mostWavering) return { passed, failed, wavered };
  return { passed: Math.max(0, passed - wavered.length), failed: [...failed, ...wavered], wavered };
}

function keyOf({ file, name }: Outcome): string {
  return file === null ? name : `${file} > ${name}`;
}

/** The last lines of the output. */
export function verdictText({ passed, failed, wavered }: Verdict): string {
  const tooMany =
    wavered.length > mostWavering ? `, which are more than ${mostWavering}: they have failed` : '';
  const list = (title: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${title}:`, ...names.map(name => `  ${name}`), ''];
  return [
    ...list(`Failed once, of two times${tooMany}`, wavered),
    ...list(
      'Failed',
      failed.filter(name => !wavered.includes(name)),
    ),
    `${passed} passed, ${failed.length} failed`,
    '',
  ].join('\n');
}
