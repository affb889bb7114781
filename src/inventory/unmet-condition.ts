/**
 * The conditions and assertions of a unit that are not met as things are now. Only those about files and about the user are
 * looked at; of all others it is not known whether they are met.
 *
 * Source: systemd.unit(5), "Conditions and Asserts"; `condition_test_list()` in `src/shared/condition.c`.
 */
import { lookUp } from '../services/named-paths.ts';
import { matchesAnyFile } from '../services/path-pattern.ts';
import type { StartObstacle } from '../restart/start-obstacle.ts';
import type { Assigned } from '../systemd/assignments.ts';
import type { FileStatus, Host } from '../systemd/host/host.ts';
import type { Unit, UnitLoader } from '../systemd/unit.ts';
import { simplifyPath } from '../systemd/values/path.ts';
import { mayChangeByItself } from './coming-mounts.ts';

/** The first condition or assertion because of which a start is skipped or fails; one without doubt goes first. */
export function unmetCondition(unit: Unit, loader: UnitLoader): StartObstacle | undefined {
  return unmetOf('Condition', unit, loader) ?? unmetOf('Assert', unit, loader);
}

/** What is known of one condition. */
interface Verdict {
  readonly setting: string;
  readonly assigned: Assigned;
  /** Whether it is one of several of which one is enough (`|`). */
  readonly isAlternative: boolean;
  readonly state: 'met' | 'unmet' | 'unreadable' | 'unknown';
  /** Whether the state may change without anybody's doing. */
  readonly isVolatile: boolean;
}

function unmetOf(prefix: 'Condition' | 'Assert', unit: Unit, loader: UnitLoader): StartObstacle | undefined {
  const verdicts: Verdict[] = [];
  for (const [setting, lines] of unit.assignments.in('Unit')) {
    if (!setting.startsWith(prefix)) continue;
    const test = tests[setting.slice(prefix.length)];
    for (const assigned of lines) verdicts.push(verdictOn(setting, test, assigned, unit, loader));
  }
  const needed = verdicts.filter(({ isAlternative }) => !isAlternative).filter(isOpenOrUnmet);
  const alternatives = verdicts.filter(({ isAlternative }) => isAlternative);
  // One alternative that is met, or of which nothing is known, is enough.
  const [first] = alternatives.every(isOpenOrUnmet) ? alternatives.toSorted(doubtfulFirst) : [];
  const deciding = [...needed, ...(first === undefined ? [] : [first])];
  const verdict = deciding.find(each => doubtOf(each) === null) ?? deciding[0];
  return verdict && obstacleOf(prefix, verdict);
}

function doubtfulFirst(a: Verdict, b: Verdict): number {
  return Number(doubtOf(a) === null) - Number(doubtOf(b) === null);
}

function isOpenOrUnmet({ state }: Verdict): boolean {
  return state === 'unmet' || state === 'unreadable';
}

function doubtOf({ state, isVolatile }: Verdict): StartObstacle['doubt'] {
  return state === 'unreadable' ? 'unreadable' : isVolatile ? 'volatile' : null;
}

function obstacleOf(prefix: 'Condition' | 'Assert', verdict: Verdict): StartObstacle {
  const { setting, assigned } = verdict;
  return {
    fault: { kind: prefix === 'Condition' ? 'condition' : 'assertion' },
    doubt: doubtOf(verdict),
    setting,
    value: assigned.value,
    source: assigned.source,
  };
}

function verdictOn(
  setting: string,
  test: ConditionTest | undefined,
  assigned: Assigned,
  unit: Unit,
  loader: UnitLoader,
): Verdict {
  const [, bar, bang, rest = ''] = /^(\|?)\s*(!?)\s*(.*)$/s.exec(assigned.value) ?? [];
  const argument = unit.expand(rest);
  const isKnown = test !== undefined && typeof argument === 'string' && !argument.includes('%');
  const result = isKnown ? test(argument, loader.host) : undefined;
  const isMet = bang === '!' ? result === false : result === true;
  return {
    setting,
    assigned,
    isAlternative: bar === '|',
    state: typeof result !== 'boolean' ? (result ?? 'unknown') : isMet ? 'met' : 'unmet',
    isVolatile: isKnown && argument.startsWith('/') && mayChangeByItself(argument, loader),
  };
}

/** @returns undefined when it is not known whether the condition is met */
type ConditionTest = (argument: string, host: Host) => boolean | 'unreadable' | undefined;

function ofFile(test: (file: FileStatus) => boolean | undefined): ConditionTest {
  return (path, host) => {
    const found = host.reach === 'machine' ? lookUp(host, simplifyPath(path)) : 'unknown';
    if (found === 'unreadable') return found;
    return found === 'missing' ? false : typeof found === 'string' ? undefined : test(found);
  };
}

/** The conditions by the rest of their names. What needs more than a look at the file is only known where there is no file. */
const tests: Readonly<Record<string, ConditionTest>> = {
  PathExists: ofFile(() => true),
  PathExistsGlob: (path, host) =>
    host.reach !== 'machine' || matchesAnyFile(host, path) ? undefined : false,
  PathIsDirectory: ofFile(({ kind }) => kind === 'directory'),
  PathIsMountPoint: ofFile(() => undefined),
  PathIsReadWrite: ofFile(() => undefined),
  PathIsEncrypted: ofFile(() => undefined),
  PathIsSocket: ofFile(() => undefined),
  FileNotEmpty: ofFile(({ kind, size }) => kind === 'file' && size > 0),
  FileIsExecutable: ofFile(({ kind, mode }) => kind === 'file' && (mode & 0o111) !== 0),
  DirectoryNotEmpty: ofFile(({ kind }) => (kind === 'directory' ? undefined : false)),
  User: isUser,
};

/** Source: `condition_test_user()`. The system manager runs as root. */
function isUser(name: string, { scope, user, reach }: Host): boolean | undefined {
  if (scope === 'system') return name === '@system' || name === 'root' || name === '0';
  if (user === undefined || reach === 'units') return undefined;
  return name === '@system' ? undefined : name === user.name || name === String(user.uid);
}
