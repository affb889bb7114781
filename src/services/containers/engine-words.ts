/**
 * The command lines of docker, podman and nerdctl.
 *
 * Source: docker(1), docker-run(1), podman-run(1), nerdctl's `run --help`.
 */
import { behindOptions } from '../command-words.ts';

/** The subcommand, and the words behind it. */
export function engineWords(args: readonly string[]): {
  readonly subcommand: string;
  readonly rest: readonly string[];
} {
  const [first = '', ...more] = behindOptions(args, clientValued);
  const [subcommand, rest] = first === 'container' ? [more[0] ?? '', more.slice(1)] : [first, more];
  return { subcommand, rest };
}

/** Options before the subcommand that have a value. */
const clientValued = ['-c', '--context', '--config', '-H', '--host', '-l', '--log-level', '--url', '--root'];

/** Options of `run` without a value: those in front of the image that are not in this list have one. */
const withoutValue: ReadonlySet<string> = new Set(
  (
    '--detach --interactive --tty --rm --init --privileged --publish-all --read-only --no-healthcheck --quiet --replace ' +
    '--oom-kill-disable --sig-proxy --disable-content-trust --no-hosts --no-hostname --rmi --tls-verify --http-proxy ' +
    '--read-only-tmpfs --env-host --passwd --rootfs'
  ).split(' '),
);

/** One option; of several letters in one word each is one. */
export interface RunOption {
  /** With its dashes. */
  readonly name: string;
  /** Undefined for an option without one. */
  readonly value: string | undefined;
  /** The word in which it stands. */
  readonly word: string;
}

export interface RunWords {
  readonly options: readonly RunOption[];
  /** The image, and the words behind it, which belong to the container. */
  readonly rest: readonly string[];
}

/** @param args the words behind `run` */
export function runWords(args: readonly string[]): RunWords {
  const options: RunOption[] = [];
  let at = 0;
  for (; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (word === '--') return { options, rest: args.slice(at + 1) };
    if (!word.startsWith('-') || word === '-') break;
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      if (equals !== -1) {
        options.push({ name: word.slice(0, equals), value: word.slice(equals + 1), word });
      } else if (withoutValue.has(word)) options.push({ name: word, value: undefined, word });
      else {
        at += 1;
        options.push({ name: word, value: args[at], word });
      }
      continue;
    }
    // In `-dit` each letter is an option, up to one that has a value.
    const [, letters = '', valued = '', value = ''] = /^-([ditPq]*)([^ditPq]?)(.*)$/s.exec(word) ?? [];
    for (const letter of letters) options.push({ name: `-${letter}`, value: undefined, word });
    if (valued === '') continue;
    if (value === '') at += 1;
    options.push({ name: `-${valued}`, value: value === '' ? args[at] : value.replace(/^=/, ''), word });
  }
  return { options, rest: args.slice(at) };
}
