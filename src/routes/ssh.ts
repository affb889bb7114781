/**
 * Ports that ssh forwards, according to its command line and its user's configuration.
 *
 * Source: ssh(1), "-L", "-R"; ssh_config(5), "LocalForward", "RemoteForward", "Host"; autossh(1).
 */
import type { Program } from '../services/program.ts';
import { globMatcher } from '../systemd/values/glob.ts';

/** `ssh -L PORT:HOST:PORT DESTINATION` or `-R`. */
export interface Forward {
  readonly kind: 'local' | 'remote';
  /** The port that ssh listens on: on this machine for `-L`, on the other one for `-R`. */
  readonly port: number;
  /** The target, as seen from the machine at the other end of the tunnel. */
  readonly target: { readonly host: string; readonly port: number };
  /** The machine that ssh connects to; its address if the configuration contains one. */
  readonly destination: string;
}

/** The ports that a program forwards; none for a program that is neither ssh nor autossh. */
export function forwardsOf(program: Program): readonly Forward[] {
  if (program.name !== 'ssh' && program.name !== 'autossh') return [];
  const { options, destination } = sshArguments(program);
  if (destination === undefined) return [];
  const alias = withoutPort(destination.replace(/^ssh:\/\//, '').replace(/^[^@]*@/, ''));
  const home = program.variable('HOME');
  const content = home === undefined ? undefined : program.files.read(`${home}/.ssh/config`);
  const configured = settingsFor(alias, content?.state === 'read' ? content.text : '');
  const hostName = valueOf('hostname', configured) ?? alias;
  const written = [...options, ...configured].flatMap(({ key, value }) => {
    const kind = kinds.get(key.toLowerCase());
    const forward = kind === undefined ? undefined : forwardIn(value);
    return kind === undefined || forward === undefined ? [] : [{ kind, ...forward }];
  });
  return written.map(forward => ({ ...forward, destination: hostName }));
}

/** Removes a port: the text after a single colon, or after a bracket. Other colons are part of an address. */
function withoutPort(host: string): string {
  const colon = host.lastIndexOf(':');
  if (colon === -1 || !/^\d+$/.test(host.slice(colon + 1))) return host;
  const earlier = host.lastIndexOf(':', colon - 1);
  const isPort = colon === 0 || earlier === -1 || host.slice(earlier, colon).includes(']');
  return isPort ? host.slice(0, colon) : host;
}

interface SshOption {
  readonly key: string;
  readonly value: string;
}

const kinds: ReadonlyMap<string, Forward['kind']> = new Map([
  ['localforward', 'local'],
  ['remoteforward', 'remote'],
]);

/** Options that take a value. */
const valued = 'BbcDEeFIiJLlmOoPpQRSWw';

function sshArguments({ name, args }: Program): {
  readonly options: readonly SshOption[];
  readonly destination: string | undefined;
} {
  const options: SshOption[] = [];
  let destination: string | undefined;
  const takes = name === 'autossh' ? `${valued}M` : valued;
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    if (!argument.startsWith('-') || argument === '--') {
      // The words after the machine are a command for that machine.
      if (destination !== undefined) break;
      destination = argument === '--' ? args[index + 1] : argument;
    } else {
      const letter = argument.split('').findIndex((each, place) => place > 0 && takes.includes(each));
      if (letter === -1) continue;
      const option = argument.charAt(letter);
      const attached = argument.slice(letter + 1);
      if (attached === '') index += 1;
      const value = attached === '' ? (args[index] ?? '') : attached;
      if (option === 'L') options.push({ key: 'localforward', value });
      if (option === 'R') options.push({ key: 'remoteforward', value });
      if (option === 'o') options.push(...settingIn(value));
    }
  }
  return { options, destination };
}

/** `4001:kuma:4000`, `127.0.0.1:4001:[::1]:4000`; in the configuration, a space separates the two parts. */
function forwardIn(text: string): Pick<Forward, 'port' | 'target'> | undefined {
  const [, port, host = '', targetPort] =
    /^(?:(?:\[[^\]]*\]|[^\s:[\]/]*)[:/])?(\d+)[:\s]\s*(\[[^\]]+\]|[^\s:/[\]]+)[:/](\d+)$/.exec(text.trim()) ??
    [];
  if (port === undefined || targetPort === undefined) return undefined;
  return { port: Number(port), target: { host: host.replace(/^\[|\]$/g, ''), port: Number(targetPort) } };
}

/** All settings of the sections whose patterns match; the first value of a key counts. */
function settingsFor(alias: string, text: string): readonly SshOption[] {
  let isMeant = true;
  return text.split('\n').flatMap(line => {
    const [setting] = settingIn(line);
    if (setting === undefined) return [];
    if (/^match$/i.test(setting.key)) isMeant = setting.value.toLowerCase() === 'all';
    else if (/^host$/i.test(setting.key)) isMeant = matches(alias, setting.value.split(/\s+/));
    else if (isMeant) return [setting];
    return [];
  });
}

function matches(alias: string, patterns: readonly string[]): boolean {
  const isMatch = (pattern: string) => globMatcher(pattern, 'ssh')(alias);
  const isExcluded = patterns.some(pattern => pattern.startsWith('!') && isMatch(pattern.slice(1)));
  return !isExcluded && patterns.some(isMatch);
}

function settingIn(line: string): readonly SshOption[] {
  const text = line.trimStart();
  const [begin = '', key] = /^(\w+)(?:\s*=\s*|\s+)/.exec(text) ?? [];
  const value = text.slice(begin.length).trimEnd();
  return key === undefined ? [] : [{ key, value: value.replace(/^"/, '').replace(/"$/, '') }];
}

function valueOf(key: string, settings: readonly SshOption[]): string | undefined {
  return settings.find(setting => setting.key.toLowerCase() === key)?.value;
}
