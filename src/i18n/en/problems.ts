import type { IgnoredLine } from '../../systemd/assignments.ts';
import type { MetLimit } from '../../systemd/host/limit.ts';
import type { LoadProblem } from '../../systemd/unit.ts';
import { describeIgnoredLine, describeLoadProblem, type ProblemTexts } from '../parts.ts';

/** Why a unit is not loaded. */
export function loadProblem(problem: LoadProblem): string {
  return describeLoadProblem(problem, problemTexts);
}

/** A line that systemd ignores, and why. */
export function ignoredLine(line: IgnoredLine): string {
  return describeIgnoredLine(line, problemTexts);
}

export function alike(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ' (1 more like it is not listed)' : ` (${count} more like it are not listed)`;
}

export function metLimit(limit: MetLimit['limit']): string {
  switch (limit.of) {
    case 'bytes':
      return `larger than ${limit.most} bytes: not looked into`;
    case 'lines':
      return `not read beyond ${limit.most} lines, systemd goes on`;
    case 'characters':
      return `not followed beyond ${limit.most} characters of what it runs or takes in`;
    case 'words':
      return `a script of more than ${limit.most} words: not looked into beyond them`;
    case 'levels':
      return `nested deeper than ${limit.most} levels: not looked into beyond them`;
    case 'values':
      return `stands for more than ${limit.most} values: not looked into beyond them`;
    case 'files':
      return `takes in more than ${limit.most} files: not looked into beyond them`;
    case 'steps':
      return `its models lead to each other in too many ways: circles were looked for in ${limit.most} steps and no further`;
    case 'question':
      return `the manager was not asked how it is: its files have more than ${limit.most} bytes, which may keep the manager from everything else for minutes`;
    case 'answer':
      return 'the manager did not say in time how it is';
    case 'errno':
      return `cannot be read (${limit.errno}): not looked into`;
    case 'kind':
      return 'not a regular file: not looked into';
    case 'syntax':
      if (limit.isAtEnd) return 'ends before it is complete: the file was not looked into';
      return `cannot be parsed (column ${limit.column}): the file was not looked into`;
    case 'setting':
      return `${limit.key} is not understood, or refers to what is not known here: what it sets is left out`;
    case 'value':
      return limit.key === ''
        ? 'does not consist of keys and values: the file was not looked into'
        : `the value of ${limit.key} is of the wrong kind: not looked into`;
    default:
      return limit satisfies never;
  }
}

const problemTexts: ProblemTexts = {
  colon: ': ',
  notFound: 'there is no such file',
  masked: path => `it is masked by ${path}`,
  aliasLoop: 'its names lead round in a circle',
  unreadable: (path, errno) => `${path} cannot be read (${errno})`,
  syntax: {
    'line-too-long': 'a line of 1 MiB or more',
    'invalid-utf8': 'a line that is not UTF-8',
    'invalid-section-header': 'a section header that is none',
  },
  refusedByManager: reason =>
    reason === null
      ? 'its manager does not load it, and the journal does not say why'
      : `it says "${reason}"`,
  refusals: {
    'isolates-several':
      'with OnFailureJobMode=isolate OnFailure= takes one unit alone, and so do OnSuccessJobMode= and OnSuccess=',
    'no-command': 'it has neither ExecStart=, ExecStop= nor SuccessAction=',
    'no-exec-start': 'it has no ExecStart=, which only Type=oneshot may leave out',
    'no-exec-start-and-not-remaining': 'it has no ExecStart= and no RemainAfterExit=yes',
    'several-exec-starts': 'it has several ExecStart=, which only Type=oneshot may have',
    'oneshot-restarts-on-success': 'Type=oneshot does not go with Restart=always or on-success',
    'oneshot-forces-restart': 'Type=oneshot does not go with RestartForceExitStatus= before systemd 256',
    'oneshot-exit-type-cgroup': 'Type=oneshot does not go with ExitType=cgroup',
    'dbus-without-name': 'Type=dbus needs a BusName=',
    'pam-with-kill-mode': 'PAMName= needs KillMode=control-group or mixed',
    'dynamic-user-of-user': 'DynamicUser= is not for units of a user manager',
    'dynamic-user-at-home': 'DynamicUser= does not go with WorkingDirectory=~',
  },
  unknownSection: 'no such section here, so all of it is ignored',
  noEffect: 'has no effect in this version',
  strays: {
    'missing-equals': 'no "=" in it',
    'missing-key': 'nothing before the "="',
    'outside-section': 'stands before any section',
  },
  unread: what => `from here on the file is not read: ${what ?? 'this value cannot be'}`,
  settingSince: version => `only systemd ${version} and newer know it`,
  settingBelongsIn: (home, section) => `belongs in [${home}], not in [${section}]`,
  noSuchSetting: (section, suggestion) =>
    suggestion === undefined
      ? `[${section}] has no such setting`
      : `[${section}] has no such setting; did you mean ${suggestion}=?`,
  emptyKeeps: 'an empty value does not reset it; what stood before stays',
  malformed: {
    boolean: 'not a boolean',
    'time-span': 'not a time span',
    integer: 'not an integer',
    signal: 'not a signal',
    mode: 'not a file mode',
    'resource-limit': 'not a resource limit',
    'memory-limit': 'not a memory limit',
    'tasks-max': 'not a number of tasks',
    percentage: 'not a percentage',
    weight: 'not a weight',
  },
  outOfRange: (min, max) => `not between ${min} and ${max}`,
  valueSince: version => `only systemd ${version} and newer know this value`,
  notOneOf: values => `not one of ${values.join(', ')}`,
  noSuchValue: suggestion => `not a value it has; did you mean ${suggestion}?`,
  badWords: words => `passed over: ${words}`,
  pathNotAbsolute: path => `${path} is not an absolute path`,
  pathNotNormalized: path => `${path} has ".." in it`,
  invalidSpecifier: specifier => `%${specifier} means nothing`,
  commands: {
    'unbalanced-quote': () => 'an open quote',
    'invalid-specifier': what => `%${what} means nothing`,
    'empty-path': () => 'no program to run',
    'unsafe-characters': what => `${what} has characters that are not allowed`,
    'path-is-directory': what => `${what} is a directory`,
    'path-not-absolute': what => `${what} is neither an absolute path nor a plain name`,
    'empty-argv': () => 'no arguments at all',
  },
};
