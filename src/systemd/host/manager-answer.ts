/** What all ways to ask a manager have in common. */
import type { LiveUnit, Manager } from './host.ts';

/** A manager that has answered, with the parts of its environment that it returns. */
export interface AnsweringManager {
  readonly manager: Manager;
  readonly environment: Readonly<Record<string, string>>;
}

/** The state of a name that no manager can load: a template, or no unit name at all. */
export function notLoadable(name: string): LiveUnit {
  return {
    id: name,
    loadState: 'error',
    activeState: 'inactive',
    subState: 'dead',
    unitFileState: '',
    fragmentPath: '',
    dropInPaths: [],
    needDaemonReload: false,
    mainPid: 0,
    mainStartedSeconds: null,
    mainEndedUsec: 0,
    mainEndedSeconds: null,
    leftActiveUsec: 0,
    leftActiveSeconds: null,
    leftInactiveUsec: 0,
    enteredInactiveUsec: 0,
    enteredInactiveSeconds: null,
    stateChangedSeconds: null,
    mainCode: 0,
    mainStatus: 0,
    invocation: '',
    nRestarts: 0,
    conditionsHeld: false,
    conditionsUsec: 0,
    assertsHeld: false,
    assertsUsec: 0,
    hasJob: false,
    result: '',
    restart: '',
    type: '',
    remainsAfterExit: false,
  };
}

/** Converts `NAME=value` texts to a record. */
export function parseVariables(assignments: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    assignments
      .filter(assignment => assignment.indexOf('=') > 0)
      .map(assignment => {
        const equals = assignment.indexOf('=');
        return [assignment.slice(0, equals), assignment.slice(equals + 1)];
      }),
  );
}
