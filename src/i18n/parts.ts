/** What all languages spell alike. */
import type { CommandProblem } from '../systemd/values/command-line.ts';
import { signalName } from '../systemd/values/signal.ts';

/** `SIGTERM`. */
export function signalOf(signal: number): string {
  return signalName(signal);
}

/** Words for a command that systemd does not take, given what it is that is wrong. */
export type CommandProblemTexts = { readonly [C in CommandProblem['code']]: (what: string) => string };

export function describeCommandProblem(problem: CommandProblem, texts: CommandProblemTexts): string {
  const what = 'specifier' in problem ? problem.specifier : 'path' in problem ? problem.path : '';
  return texts[problem.code](what);
}
