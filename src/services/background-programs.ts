/**
 * Programs that put themselves, or what they start, into the background, and the form of their command that stays in the
 * foreground. Options are as the programs document them. Run were those of sh and setsid, under systemd, and of daemon, daemonize,
 * supervisord, redis-server, gunicorn, uwsgi, apache2, lighttpd, haproxy, memcached, mosquitto, dnsmasq, php-fpm, rsync,
 * aria2c, transmission-daemon and caddy of Debian 12, from a shell.
 */
import path from 'node:path';

/** How a command stays in the foreground. */
type Foreground =
  /** The option is left out. */
  | { readonly how: 'without'; readonly words: string }
  | { readonly how: 'with'; readonly words: string }
  | { readonly how: 'instead'; readonly words: string; readonly instead: string }
  /** In a shell: no `&`, and `exec` in front of the command. */
  | { readonly how: 'exec' }
  /** There is no such form: the unit has to name the program itself. */
  | { readonly how: 'direct' };

/** A command that ends as soon as it has started something that goes on. */
export interface Departure {
  /** The program that does so; for a shell the command before `&`. */
  readonly program: string;
  /** The words that make it do so; empty where it does so without any. */
  readonly words: string;
  /**
   * `inside`: what it starts stays in the control group of the service; `outside`: another service runs it (a container, a
   * unit).
   */
  readonly where: 'inside' | 'outside';
  readonly foreground: Foreground;
  /** The script that contains the command; undefined for one that the unit itself contains. */
  readonly script: string | undefined;
}

type Judgement = Pick<Departure, 'words' | 'where' | 'foreground'>;
type Judge = (args: readonly string[]) => Judgement | undefined;

/** The configuration file in which a program may be told to stay, and what it then says. */
export interface StayingByFile {
  readonly option: string;
  readonly usual: readonly string[];
  readonly says: RegExp;
}

export const stayingByFile: ReadonlyMap<string, StayingByFile> = new Map([
  ['nginx', { option: '-c', usual: ['/etc/nginx/nginx.conf'], says: /^[ \t]*daemon[ \t]+off[ \t]*;/m }],
  [
    'supervisord',
    {
      option: '-c',
      usual: ['/etc/supervisord.conf', '/etc/supervisor/supervisord.conf'],
      says: /^[ \t]*nodaemon[ \t]*=[ \t]*true/m,
    },
  ],
  ['php-fpm', { option: '-y', usual: ['/etc/php-fpm.conf'], says: /^[ \t]*daemonize[ \t]*=[ \t]*no/m }],
]);

/** @returns undefined for a command that stays, and for a program that is not known */
export function departureOfProgram([program = '', ...args]: readonly string[]): Departure | undefined {
  const name = nameOfProgram(program);
  const judgement = judges.get(name)?.(args);
  return judgement && { program: name, script: undefined, ...judgement };
}

/** Debian has the version in some names: `php-fpm8.2`. */
function nameOfProgram(program: string): string {
  const name = path.posix.basename(program);
  return judges.has(name) ? name : (/^(\D+)\d+(?:\.\d+)?$/.exec(name)?.[1] ?? name);
}

/** Leaves with one of the options, and stays without it. */
function leavesWith(...options: readonly string[]): Judge {
  return args => {
    const words = optionIn(args, options);
    return words === undefined
      ? undefined
      : { words, where: 'inside', foreground: { how: 'without', words } };
  };
}

/** Leaves unless one of the options is given. */
function leavesWithout(add: string, ...options: readonly string[]): Judge {
  return args =>
    optionIn(args, options) === undefined
      ? { words: '', where: 'inside', foreground: { how: 'with', words: add } }
      : undefined;
}

/** Leaves with this subcommand. */
function leavesAs(
  subcommand: string,
  instead: string | undefined,
  where: Departure['where'] = 'inside',
  replaced = subcommand,
): Judge {
  const words = subcommand.split(' ');
  return args =>
    words.every((word, index) => args[index] === word)
      ? {
          words: subcommand,
          where,
          foreground:
            instead === undefined ? { how: 'direct' } : { how: 'instead', words: replaced, instead },
        }
      : undefined;
}

const always =
  (where: Departure['where']): Judge =>
  () => ({ words: '', where, foreground: { how: 'direct' } });

/** The option as it is written: `-D`, `-vD`, `--daemon`, `--daemonize=x`. */
function optionIn(args: readonly string[], options: readonly string[]): string | undefined {
  return args.find(argument =>
    options.some(option =>
      /^-\w$/.test(option)
        ? argument === option || (/^-[a-zA-Z]+$/.test(argument) && argument.includes(option.slice(1)))
        : argument === option || (argument.startsWith(`${option}=`) && !/=(?:false|no|0)$/.test(argument)),
    ),
  );
}

/** The words behind the options of a program, some of which have a value. */
function behindOptions(args: readonly string[], valued: readonly string[]): readonly string[] {
  let at = 0;
  while (at < args.length && args[at]?.startsWith('-') === true) {
    at += valued.includes(args[at] ?? '') ? 2 : 1;
  }
  return args.slice(at);
}

/** Options of docker and podman before the subcommand that have a value. */
const clientValued = ['-c', '--context', '--config', '-H', '--host', '-l', '--log-level', '--url', '--root'];

function container(args: readonly string[]): Judgement | undefined {
  const [first = '', ...more] = behindOptions(args, clientValued);
  const [subcommand, rest] = first === 'container' ? [more[0] ?? '', more.slice(1)] : [first, more];
  switch (subcommand) {
    case 'run': {
      const words = detachIn(rest);
      return words === undefined ? undefined : outside(`run ${words}`, withoutLetter(words, 'd'));
    }
    case 'start':
      return optionIn(rest, ['-a', '--attach', '-i', '--interactive']) === undefined
        ? outside('start', { how: 'instead', words: 'start', instead: 'start -a' })
        : undefined;
    case 'restart':
      return outside('restart', { how: 'instead', words: 'restart', instead: 'start -a' });
    case 'compose': {
      const found = compose(rest);
      return found && { ...found, words: `compose ${found.words}` };
    }
    case 'stack':
      return outside('stack', { how: 'direct' });
    default:
      return undefined;
  }
}

function compose(args: readonly string[]): Judgement | undefined {
  const at = args.findIndex(word => ['up', 'start', 'restart', 'run', 'down', 'exec'].includes(word));
  const subcommand = args[at];
  if (subcommand === 'start' || subcommand === 'restart') {
    return outside(subcommand, { how: 'instead', words: subcommand, instead: 'up' });
  }
  if (subcommand !== 'up') return undefined;
  const words = optionIn(args.slice(at), ['-d', '--detach', '--wait']);
  return words === undefined ? undefined : outside(`up ${words}`, { how: 'without', words });
}

/** An option is left out, or one letter of several options in one word. */
function withoutLetter(words: string, letter: string): Foreground {
  const instead = words.startsWith('--') ? '-' : words.replace(letter, '');
  return instead === '-' ? { how: 'without', words } : { how: 'instead', words, instead };
}

function outside(words: string, foreground: Foreground): Judgement {
  return { words, where: 'outside', foreground };
}

/** Options of `docker run` and `podman run` without a value: those in front of the image that are not in this list have one. */
const withoutValue: ReadonlySet<string> = new Set(
  (
    '--detach --interactive --tty --rm --init --privileged --publish-all --read-only --no-healthcheck --quiet --replace ' +
    '--oom-kill-disable --sig-proxy --disable-content-trust --no-hosts --no-hostname --rmi --tls-verify --http-proxy ' +
    '--read-only-tmpfs --env-host --passwd --rootfs'
  ).split(' '),
);

/** The option by which `run` goes into the background; what stands behind the image belongs to the container. */
function detachIn(args: readonly string[]): string | undefined {
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (!word.startsWith('-') || word === '--') return undefined;
    if (word.startsWith('--')) {
      if (word === '--detach' || word === '--detach=true') return word;
      if (!word.includes('=') && !withoutValue.has(word)) at += 1;
      continue;
    }
    // In `-dit` each letter is an option, up to one that has a value.
    const valued = /^-[ditPq]*(?![ditPq])./.exec(word)?.[0];
    if (/^-[itPq]*d/.test(word)) return word;
    if (valued === word) at += 1;
  }
  return undefined;
}

function screen(args: readonly string[]): Judgement | undefined {
  const options: string[] = [];
  for (let at = 0; args[at]?.startsWith('-') === true; at += 1) {
    const word = args[at] ?? '';
    options.push(word);
    if (/^-[a-zA-Z]*[SctsehTp]$/.test(word)) at += 1;
  }
  const words = options.find(word => /^-[a-zA-Z]*d/.test(word));
  const letters = options.join('');
  if (words === undefined || !letters.includes('m')) return undefined;
  const instead = words.replace('d', 'D');
  return { words, where: 'inside', foreground: { how: 'instead', words, instead } };
}

function tmux(args: readonly string[]): Judgement | undefined {
  const [subcommand = '', ...rest] = behindOptions(args, ['-L', '-S', '-f', '-c', '-T']);
  if (['start', 'start-server'].includes(subcommand))
    return { words: subcommand, where: 'inside', foreground: { how: 'direct' } };
  if (!['new', 'new-session'].includes(subcommand)) return undefined;
  const detached = rest.find(word => /^-[ADEPX]*d[A-Za-z]*$/.test(word));
  if (detached === undefined) return undefined;
  return { words: `${subcommand} ${detached}`, where: 'inside', foreground: { how: 'direct' } };
}

function nginx(args: readonly string[]): Judgement | undefined {
  const globals = args.flatMap((word, index) =>
    word === '-g' ? [args[index + 1] ?? ''] : word.startsWith('-g') ? [word.slice(2)] : [],
  );
  // These end at once, and start nothing.
  if (optionIn(args, ['-t', '-T', '-v', '-V', '-s', '-h']) !== undefined) return undefined;
  if (globals.some(text => /\bdaemon\s+off\s*;/.test(text))) return undefined;
  return { words: '', where: 'inside', foreground: { how: 'with', words: "-g 'daemon off;'" } };
}

/** `-D` has its value in the same word or in the next one. */
function apache(args: readonly string[]): Judgement | undefined {
  const defined = args.flatMap((word, index) =>
    word === '-D' ? [args[index + 1] ?? ''] : word.startsWith('-D') ? [word.slice(2)] : [],
  );
  if (defined.some(name => ['FOREGROUND', 'NO_DETACH', 'ONE_PROCESS', 'DEBUG'].includes(name)))
    return undefined;
  // These end at once, and start nothing.
  if (args.some(word => /^-[tSMvVlLh]$/.test(word))) return undefined;
  return leavesWithout('-DFOREGROUND', '-X')(args);
}

/** `redis-server FILE --daemonize yes`. */
function redis(args: readonly string[]): Judgement | undefined {
  const at = args.lastIndexOf('--daemonize');
  if (at === -1 || args[at + 1] !== 'yes') return undefined;
  return {
    words: '--daemonize yes',
    where: 'inside',
    foreground: { how: 'without', words: '--daemonize yes' },
  };
}

function uwsgi(args: readonly string[]): Judgement | undefined {
  const words = optionIn(args, ['--daemonize', '--daemonize2', '-d']);
  if (words === undefined) return undefined;
  const instead = words.replace(/^(?:--daemonize2?|-d)/, '--logto');
  return { words, where: 'inside', foreground: { how: 'instead', words, instead } };
}

function systemctl(args: readonly string[]): Judgement | undefined {
  const verb = args.find(word => !word.startsWith('-'));
  return verb === 'start' || verb === 'restart' || verb === 'reload-or-restart'
    ? outside(verb, { how: 'direct' })
    : undefined;
}

function systemdRun(args: readonly string[]): Judgement | undefined {
  const own = behindOptions(args, [
    '-u',
    '--unit',
    '-p',
    '--property',
    '-E',
    '--setenv',
    '--slice',
    '-M',
    '-H',
  ]);
  const options = args.slice(0, args.length - own.length);
  const stays = optionIn(options, ['--scope', '--wait', '--pty', '--pipe', '--shell', '-t', '-P', '-S']);
  return stays === undefined ? outside('', { how: 'with', words: '--scope' }) : undefined;
}

/** Options of start-stop-daemon. Without `--background` the program itself becomes the service. */
function startStopDaemon(args: readonly string[]): Judgement | undefined {
  const end = args.indexOf('--');
  return leavesWith('--background', '-b')(end === -1 ? args : args.slice(0, end));
}

/** Several judges of one program: the first that finds something counts. */
function either(...several: readonly Judge[]): Judge {
  return args => {
    for (const judge of several) {
      const found = judge(args);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

const judges: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ...['docker', 'podman', 'nerdctl'].map(name => [name, container] as const),
  ...['docker-compose', 'podman-compose'].map(name => [name, compose] as const),
  ['screen', screen],
  ['tmux', tmux],
  ['daemonize', always('inside')],
  [
    'daemon',
    args => (optionIn(args, ['-f', '--foreground']) === undefined ? always('inside')(args) : undefined),
  ],
  ['start-stop-daemon', startStopDaemon],
  ['at', always('outside')],
  ['batch', always('outside')],
  ['systemctl', systemctl],
  ['systemd-run', systemdRun],
  [
    'pm2',
    args =>
      optionIn(args, ['--no-daemon']) === undefined
        ? either(
            leavesAs('start', 'pm2-runtime start', 'inside', 'pm2 start'),
            leavesAs('restart', 'pm2-runtime start', 'inside', 'pm2 restart'),
            leavesAs('resurrect', undefined),
          )(args)
        : undefined,
  ],
  ['forever', leavesAs('start', 'forever', 'inside', 'forever start')],
  ['supervisord', leavesWithout('-n', '-n', '--nodaemon')],
  ['nginx', nginx],
  ...['redis-server', 'valkey-server', 'keydb-server'].map(name => [name, redis] as const),
  ['gunicorn', leavesWith('--daemon', '-D')],
  ['uwsgi', uwsgi],
  ['celery', leavesWith('--detach', '-D')],
  ...['apache2', 'httpd'].map(name => [name, apache] as const),
  ...['apachectl', 'apache2ctl'].map(name => [name, leavesAs('start', '-DFOREGROUND')] as const),
  ['lighttpd', leavesWithout('-D', '-D')],
  ['caddy', leavesAs('start', 'run')],
  // It does so beside -W, -Ws and -db, too.
  ['haproxy', leavesWith('-D')],
  ['mongod', leavesWith('--fork')],
  ['memcached', leavesWith('-d', '--daemon')],
  ['mosquitto', leavesWith('-d', '--daemon')],
  ['dnsmasq', leavesWithout('-k', '-k', '--keep-in-foreground', '-d', '--no-daemon')],
  ['php-fpm', leavesWithout('-F', '-F', '--nodaemonize')],
  [
    'rsync',
    args =>
      optionIn(args, ['--no-detach']) === undefined && args.includes('--daemon')
        ? leavesWithout('--no-detach')(args)
        : undefined,
  ],
  ['ssh', leavesOfSsh],
  ['autossh', leavesOfSsh],
  ['etserver', leavesWith('--daemon')],
  ['openvpn', leavesWith('--daemon')],
  // No other of its commands knows the option.
  [
    'rclone',
    args => (args.some(word => /^(?:nfs|c)?mount$/.test(word)) ? leavesWith('--daemon')(args) : undefined),
  ],
  ...['bitcoind', 'litecoind'].map(name => [name, leavesWith('-daemon')] as const),
  ['monerod', leavesWith('--detach')],
  ['aria2c', leavesWith('--daemon', '-D')],
  ['mysqld', leavesWith('--daemonize')],
  ['emacs', emacs],
  ['transmission-daemon', leavesWithout('-f', '-f', '--foreground')],
  [
    'pg_ctl',
    args => (args.some(word => word === 'start' || word === 'restart') ? always('inside')(args) : undefined),
  ],
  ['openclaw', leavesAs('gateway start', 'gateway run', 'outside')],
  ['zkServer.sh', leavesAs('start', 'start-foreground')],
  ['catalina.sh', leavesAs('start', 'run')],
]);

/** `-f`, which the options without a value may stand before: `-fN`, `-NTf`. The command of the other machine does not count. */
function leavesOfSsh(args: readonly string[]): Judgement | undefined {
  const own: string[] = [];
  for (let at = 0; args[at]?.startsWith('-') === true; at += 1) {
    const word = args[at] ?? '';
    own.push(word);
    if (/^-[46AaCfGgKkMNnqsTtVvXxYy]*[BbcDEeFIiJLlmOoPpQRSWw]$/.test(word)) at += 1;
  }
  const words = own.find(word => /^-[46AaCGgKkMNnqsTtVvXxYy]*f/.test(word));
  if (words === undefined) return undefined;
  return { words, where: 'inside', foreground: withoutLetter(words, 'f') };
}

function emacs(args: readonly string[]): Judgement | undefined {
  const words = optionIn(args, ['--daemon', '--bg-daemon']);
  if (words === undefined) return undefined;
  const instead = words.replace(/^--(?:bg-)?daemon/, '--fg-daemon');
  return { words, where: 'inside', foreground: { how: 'instead', words, instead } };
}
