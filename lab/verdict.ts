/** What two runs of tests say together, of which the second was of those files alone in which something had failed. */
import type { TestModule, TestSuite, Vitest } from 'vitest/node';

/** How a test went; or what stands around tests: a block, a file. */
export interface Outcome {
  /** From the folder of the project; null for what belongs to no file. */
  readonly file: string | null;
  readonly name: string;
  readonly kind: 'test' | 'around';
  readonly state: 'passed' | 'failed' | 'skipped';
}

export interface Verdict {
  /** How many tests passed at once, or when they were run again. */
  readonly passed: number;
  /** What failed both times, and what failed once when that were too many. */
  readonly failed: readonly string[];
  /** What failed once and passed once. */
  readonly wavered: readonly string[];
}

/** How many may fail once. */
export const mostWavering = 3;

/** What came of a run. */
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

/** Judges: whatever failed at first and did not pass then has failed. */
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

/** The end of a run's output. */
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
