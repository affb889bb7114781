/**
 * Programs that put themselves, or what they start, into the background, and the form of their command that stays in the
 * foreground. What is said of them is held against `test/services/background.jsonl`, where they were run under systemd 257
 * (`lab/background/main.ts`). As they are documented alone: nerdctl, keydb-server, docker stack, mongod, mysqld (MariaDB's does not
 * know the option), etserver, rclone, bitcoind, litecoind, zkServer.sh, catalina.sh, httpd, openclaw gateway start.
 */
import path from 'node:path';
import type { ManagerScope } from '../systemd/search-path.ts';
import { behindOptions } from './command-words.ts';
import { engineWords, type RunOption, runWords } from './containers/engine-words.ts';

/** How a command stays in the foreground. */
type Foreground =
  /** The option is left out. */
  | { readonly how: 'without'; readonly words: string }
  | { readonly how: 'with'; readonly words: string }
  | { readonly how: 'instead'; readonly words: string; readonly instead: string }
  /** In a shell: no `&`, and `exec` in front of the command. */
  | { readonly how: 'exec' }
  /** The setting is taken out of the configuration file. */
  | { readonly how: 'file'; readonly words: string; readonly file: string }
  /** There is no such form: the unit has to name the program itself. */
  | { readonly how: 'direct' };

/** A command that ends, and leaves something behind that goes on. */
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
  /** For how long the command itself goes on at least: the seconds of each `sleep` behind it. Left out where it ends as soon as it has started the rest. */
  readonly lastsSeconds?: number;
}

type Judgement = Pick<Departure, 'words' | 'where' | 'foreground'>;
type Judge = (args: readonly string[]) => Judgement | undefined;
type JudgeOfManager = (args: readonly string[], scope: ManagerScope) => Judgement | undefined;

/** The configuration file in which a program may be told to stay or to leave. */
export interface OwnFile {
  /** The options that name it; without them a first word that is none may do so. */
  readonly options: readonly string[];
  readonly usual: readonly string[];
  readonly stays?: RegExp;
  readonly leaves?: RegExp;
  /** How the command stays in the foreground when the file tells it to leave; otherwise the setting has to go. */
  readonly with?: string;
  /** Options that decide whatever the file says. */
  readonly before: readonly string[];
}

/** @returns undefined for a program that is not told so in a file, or whose options decide */
export function ownFileOf([program = '', ...args]: readonly string[]): OwnFile | undefined {
  const file = ownFiles.get(nameOfProgram(program));
  return file === undefined || args.some(argument => file.before.includes(argument)) ? undefined : file;
}

const redisFile: OwnFile = {
  options: [],
  usual: [],
  leaves: /^[ \t]*daemonize[ \t]+"?yes\b/m,
  with: '--daemonize no',
  before: ['--daemonize'],
};

const ownFiles: ReadonlyMap<string, OwnFile> = new Map<string, OwnFile>([
  [
    'nginx',
    {
      options: ['-c'],
      usual: ['/etc/nginx/nginx.conf'],
      stays: /^[ \t]*daemon[ \t]+off[ \t]*;/m,
      before: [],
    },
  ],
  [
    'supervisord',
    {
      options: ['-c', '--configuration'],
      usual: ['/etc/supervisord.conf', '/etc/supervisor/supervisord.conf'],
      stays: /^[ \t]*nodaemon[ \t]*=[ \t]*true/m,
      before: [],
    },
  ],
  [
    'php-fpm',
    {
      options: ['-y', '--fpm-config'],
      usual: ['/etc/php-fpm.conf'],
      stays: /^[ \t]*daemonize[ \t]*=[ \t]*no/m,
      before: ['-D', '--daemonize'],
    },
  ],
  [
    'dnsmasq',
    {
      options: ['-C', '--conf-file'],
      usual: ['/etc/dnsmasq.conf'],
      stays: /^[ \t]*keep-in-foreground[ \t]*$/m,
      before: [],
    },
  ],
  ...['redis-server', 'valkey-server', 'keydb-server'].map(name => [name, redisFile] as const),
  [
    'haproxy',
    {
      options: ['-f'],
      usual: [],
      leaves: /^[ \t]*daemon[ \t]*$/m,
      with: '-db',
      before: ['-db', '-Ws', '-D', '-c'],
    },
  ],
  ['openvpn', { options: ['--config'], usual: [], leaves: /^[ \t]*daemon\b/m, before: ['--daemon'] }],
  [
    'gunicorn',
    {
      options: ['-c', '--config'],
      usual: [],
      leaves: /^daemon[ \t]*=[ \t]*True\b/m,
      before: ['--daemon', '-D'],
    },
  ],
  ['uwsgi', { options: ['--ini'], usual: [], leaves: /^[ \t]*daemonize2?[ \t]*=/m, before: [] }],
]);

/** @returns undefined for a command that stays, and for a program that is not known */
export function departureOfProgram(
  [program = '', ...args]: readonly string[],
  scope: ManagerScope,
): Departure | undefined {
  const name = nameOfProgram(program);
  const judgement = judges.get(name)?.(args, scope);
  return judgement && { program: name, script: undefined, ...judgement };
}

/** The name by which a program is known. Debian has the version in some names: `php-fpm8.2`. */
export function nameOfProgram(program: string): string {
  const name = path.posix.basename(program);
  return judges.has(name) ? name : (/^(\D+)\d+(?:\.\d+)?$/.exec(name)?.[1] ?? name);
}

/**
 * Leaves with one of the options, and stays without it.
 *
 * @param valued the letters of its options that have a value
 */
function leavesWith(options: readonly string[], valued = ''): Judge {
  return args => {
    const words = optionIn(args, options, valued);
    if (words === undefined) return undefined;
    const letter = options.find(option => /^-\w$/.test(option) && !words.startsWith('--'))?.slice(1);
    const foreground: Foreground =
      letter === undefined ? { how: 'without', words } : withoutLetter(words, letter);
    return { words, where: 'inside', foreground };
  };
}

/** Leaves unless the first of the options, or another of them, is given. With one of `brief` it ends at once and starts nothing. */
function leavesWithout(options: readonly string[], valued = '', brief: readonly string[] = []): Judge {
  return args =>
    optionIn(args, [...options, ...brief], valued) === undefined
      ? { words: '', where: 'inside', foreground: { how: 'with', words: options[0] ?? '' } }
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

/**
 * The option as it is written: `-D`, `-vD`, `--daemon`, `--daemonize=x`.
 *
 * @param valued letters behind which a word is the value of an option: `-unobody`
 */
function optionIn(args: readonly string[], options: readonly string[], valued = ''): string | undefined {
  return args.find(argument => {
    const letters = /^-[a-zA-Z]+$/.test(argument) ? argument.slice(1).split('') : [];
    const value = letters.findIndex(letter => valued.includes(letter));
    const own = value === -1 ? letters : letters.slice(0, value + 1);
    return options.some(option =>
      /^-\w$/.test(option)
        ? argument === option || own.includes(option.slice(1))
        : argument === option || (argument.startsWith(`${option}=`) && !/=(?:false|no|0)$/.test(argument)),
    );
  });
}

function container(args: readonly string[]): Judgement | undefined {
  const { subcommand, rest } = engineWords(args);
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

/** The option by which `run` goes into the background; what stands behind the image belongs to the container. */
function detachIn(args: readonly string[]): string | undefined {
  const isDetach = ({ name, value }: RunOption) =>
    name === '-d' || (name === '--detach' && (value === undefined || value === 'true'));
  return runWords(args).options.find(isDetach)?.word;
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

/** The commands of tmux stand behind each other, with `;` between them. */
function tmux(args: readonly string[]): Judgement | undefined {
  const own = behindOptions(args, ['-L', '-S', '-f', '-c', '-T']);
  // It keeps the server in the foreground, and takes no command.
  if (args.slice(0, args.length - own.length).includes('-D')) return undefined;
  let begin = 0;
  for (let at = 0; at <= own.length; at += 1) {
    if (at < own.length && own[at] !== ';' && own[at] !== '\\;') continue;
    const found = newSession(own.slice(begin, at));
    if (found !== undefined) return found;
    begin = at + 1;
  }
  return undefined;
}

function newSession([command = '', ...rest]: readonly string[]): Judgement | undefined {
  if (command !== 'new' && !(command.length >= 5 && 'new-session'.startsWith(command))) return undefined;
  const run = behindOptions(rest, ['-c', '-e', '-F', '-f', '-n', '-s', '-t', '-x', '-y']);
  const detached = rest.slice(0, rest.length - run.length).find(word => /^-[ADEPX]*d[A-Za-z]*$/.test(word));
  if (detached === undefined) return undefined;
  return { words: `${command} ${detached}`, where: 'inside', foreground: { how: 'direct' } };
}

function nginx(args: readonly string[]): Judgement | undefined {
  const globals = args.flatMap((word, index) =>
    word === '-g' ? [args[index + 1] ?? ''] : word.startsWith('-g') ? [word.slice(2)] : [],
  );
  // These end at once, and start nothing.
  if (optionIn(args, ['-t', '-T', '-v', '-V', '-s', '-h']) !== undefined) return undefined;
  if (globals.some(text => /\bdaemon\s+off\s*;/.test(text))) return undefined;
  // nginx refuses a second one.
  const foreground: Foreground = globals.some(text => /\bdaemon\s+on\s*;/.test(text))
    ? { how: 'instead', words: 'daemon on', instead: 'daemon off' }
    : { how: 'with', words: "-g 'daemon off;'" };
  return { words: '', where: 'inside', foreground };
}

/** With \`-D\` it leaves even against its configuration. */
function phpFpm(args: readonly string[]): Judgement | undefined {
  const forced = optionIn(args, ['-D', '--daemonize'], phpFpmValued);
  if (forced !== undefined) {
    const foreground = {
      how: 'instead',
      words: forced,
      instead: forced.replace(/-(?:D|-daemonize)$/, '-F'),
    } as const;
    return { words: forced, where: 'inside', foreground };
  }
  return leavesWithout(['-F', '--nodaemonize'], phpFpmValued, ['-t', '--test', '-i', '-m', '-v', '-h'])(args);
}

const phpFpmValued = 'ycdgpz';

/** `-D` has its value in the same word or in the next one. */
function apache(args: readonly string[]): Judgement | undefined {
  const defined = args.flatMap((word, index) =>
    word === '-D' ? [args[index + 1] ?? ''] : word.startsWith('-D') ? [word.slice(2)] : [],
  );
  if (defined.some(name => ['FOREGROUND', 'NO_DETACH', 'ONE_PROCESS', 'DEBUG'].includes(name)))
    return undefined;
  // These end at once, and start nothing.
  if (args.some(word => /^-[tSMvVlLh]$/.test(word))) return undefined;
  return leavesWithout(['-DFOREGROUND', '-X'], 'DdfCckE')(args);
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

function celery(args: readonly string[]): Judgement | undefined {
  const [verb = ''] = args.slice(1);
  if (args[0] === 'multi' && ['start', 'restart'].includes(verb)) {
    const words = `celery multi ${verb}`;
    return {
      words: `multi ${verb}`,
      where: 'inside',
      foreground: { how: 'instead', words, instead: 'celery -A APP worker' },
    };
  }
  return leavesWith(['--detach', '-D'], 'AbclnOPQSfs')(args);
}

/** Without a terminal it ends at the end of its input. */
function monerod(args: readonly string[]): Judgement | undefined {
  const words = optionIn(args, ['--detach']);
  if (words === undefined) return undefined;
  return { words, where: 'inside', foreground: { how: 'instead', words, instead: '--non-interactive' } };
}

/** Debian's and Fedora's have systemd start the server's own service; `-k start` goes to the server. */
function apachectl(args: readonly string[]): Judgement | undefined {
  if (optionIn(args, ['-DFOREGROUND']) !== undefined || args.includes('FOREGROUND')) return undefined;
  const [first = '', second = ''] = args;
  const isStart = first === 'start' || first === 'restart';
  const words = isStart
    ? first
    : first === '-k' && /^(?:re)?start$/.test(second)
      ? `-k ${second}`
      : undefined;
  if (words === undefined) return undefined;
  const foreground = { how: 'instead', words, instead: '-DFOREGROUND' } as const;
  return { words, where: first === 'start' ? 'outside' : 'inside', foreground };
}

function uwsgi(args: readonly string[]): Judgement | undefined {
  const words = optionIn(args, ['--daemonize', '--daemonize2', '-d']);
  if (words === undefined) return undefined;
  const instead = words.replace(/^(?:--daemonize2?|-d)/, '--logto');
  return { words, where: 'inside', foreground: { how: 'instead', words, instead } };
}

function systemctl(args: readonly string[]): Judgement | undefined {
  const verb = args.find(word => !word.startsWith('-'));
  // It waits until the unit has ended, and shows its end in no other way.
  if (args.includes('--wait')) return undefined;
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
  return leavesWith(['--background', '-b'], 'acdgIknNpPrRsuxO')(end === -1 ? args : args.slice(0, end));
}

/** It stays when its parent is the first process of the machine, as the system's manager is. */
function daemon(args: readonly string[], scope: ManagerScope): Judgement | undefined {
  if (scope === 'system' || optionIn(args, ['-f', '--foreground'], 'nEXuUmMPFCADlLorR') !== undefined)
    return undefined;
  return { words: '', where: 'inside', foreground: { how: 'with', words: '--foreground' } };
}

/** `pm2 start`, behind options of its own. */
function pm2(args: readonly string[]): Judgement | undefined {
  if (optionIn(args, ['--no-daemon']) !== undefined) return undefined;
  const at = args.findIndex(word => !word.startsWith('-'));
  const words = args.slice(0, at + 1).join(' ');
  switch (args[at]) {
    case 'start':
    case 'restart':
      return {
        words,
        where: 'inside',
        foreground: { how: 'instead', words: `pm2 ${words}`, instead: 'pm2-runtime start' },
      };
    case 'resurrect':
      return { words, where: 'inside', foreground: { how: 'direct' } };
    default:
      return undefined;
  }
}

function forever(args: readonly string[]): Judgement | undefined {
  const own = behindOptions(args, ['-m', '-l', '-o', '-e', '-p', '-c']);
  return own[0] === 'start'
    ? { words: 'start', where: 'inside', foreground: { how: 'without', words: 'start' } }
    : undefined;
}

const sshOptions = {
  valued: /^-[46AaCGgKkMNnqsTtVvXxYyf]*[^46AaCGgKkMNnqsTtVvXxYyf]$/,
  leaving: /^-[46AaCGgKkMNnqsTtVvXxYy]*f/,
} as const;

/** Its own -M has a value. */
const autosshOptions = {
  valued: /^-[46AaCGgKkNnqsTtVvXxYyf]*[^46AaCGgKkNnqsTtVvXxYyf]$/,
  leaving: /^-[46AaCGgKkNnqsTtVvXxYy]*f/,
} as const;

const judges: ReadonlyMap<string, JudgeOfManager> = new Map<string, JudgeOfManager>([
  ...['docker', 'podman', 'nerdctl'].map(name => [name, container] as const),
  ...['docker-compose', 'podman-compose'].map(name => [name, compose] as const),
  ['screen', screen],
  ['tmux', tmux],
  ['daemonize', always('inside')],
  ['daemon', daemon],
  ['start-stop-daemon', startStopDaemon],
  ['at', always('outside')],
  ['systemctl', systemctl],
  ['systemd-run', systemdRun],
  ['pm2', pm2],
  ['forever', forever],
  ['supervisord', leavesWithout(['-n', '--nodaemon'], 'cudmlyzeijqa', ['-v', '--version', '-h', '--help'])],
  ['nginx', nginx],
  ...['redis-server', 'valkey-server', 'keydb-server'].map(name => [name, redis] as const),
  ['gunicorn', leavesWith(['--daemon', '-D'], 'bcegkmnptuw')],
  ['uwsgi', uwsgi],
  ['celery', celery],
  ...['apache2', 'httpd'].map(name => [name, apache] as const),
  ...['apachectl', 'apache2ctl'].map(name => [name, apachectl] as const),
  ['lighttpd', leavesWithout(['-D'], 'fmi', ['-t', '-p', '-v', '-V', '-h'])],
  ['caddy', leavesAs('start', 'run')],
  // It does so beside -W, -Ws and -db, too.
  ['haproxy', args => (args.includes('-D') ? leavesWith(['-D'])(['-D']) : undefined)],
  ['mongod', leavesWith(['--fork'])],
  ['memcached', leavesWith(['-d', '--daemon'], 'pUsalumcPfntRDbBIoe')],
  ['mosquitto', leavesWith(['-d', '--daemon'], 'cp')],
  [
    'dnsmasq',
    leavesWithout(['-k', '--keep-in-foreground', '-d', '--no-daemon'], 'aABcCeFgGHiIjJlLmMOpPQrsStTUuVWxXY', [
      '--test',
      '-v',
      '--version',
      '-w',
      '--help',
    ]),
  ],
  ['php-fpm', phpFpm],
  [
    'rsync',
    args =>
      optionIn(args, ['--no-detach']) === undefined && args.includes('--daemon')
        ? leavesWithout(['--no-detach'])(args)
        : undefined,
  ],
  ['ssh', leavesOfSsh(sshOptions)],
  ['autossh', leavesOfSsh(autosshOptions)],
  ['etserver', leavesWith(['--daemon'])],
  ['openvpn', leavesWith(['--daemon'])],
  // No other of its commands knows the option.
  [
    'rclone',
    args => (args.some(word => /^(?:nfs|c)?mount$/.test(word)) ? leavesWith(['--daemon'])(args) : undefined),
  ],
  ...['bitcoind', 'litecoind'].map(name => [name, leavesWith(['-daemon'])] as const),
  ['monerod', monerod],
  ['aria2c', leavesWith(['--daemon', '-D'], 'dolsxkjiUmtS')],
  ['mysqld', leavesWith(['--daemonize'])],
  ['emacs', emacs],
  [
    'transmission-daemon',
    leavesWithout(['-f', '--foreground'], 'caegiLlmopPrtTuvw', ['-d', '--dump-settings', '-V', '-h']),
  ],
  [
    'pg_ctl',
    args => (args.some(word => word === 'start' || word === 'restart') ? always('inside')(args) : undefined),
  ],
  ['openclaw', leavesAs('gateway start', 'gateway run', 'outside')],
  ['zkServer.sh', leavesAs('start', 'start-foreground')],
  ['catalina.sh', leavesAs('start', 'run')],
]);

/**
 * `-f`, which the options without a value may stand before: `-fN`, `-NTf`. ssh takes options behind the name of the machine, too;
 * the command of the other machine does not count.
 *
 * @param valued a word whose last letter has its value in the next word
 */
function leavesOfSsh({ valued, leaving }: typeof sshOptions): Judge {
  return args => {
    const own: string[] = [];
    let at = 0;
    for (const ahead of [true, false]) {
      for (; args[at]?.startsWith('-') === true; at += 1) {
        const word = args[at] ?? '';
        own.push(word);
        if (!valued.test(word)) continue;
        at += 1;
        own.push(`${word.slice(-1)} ${args[at]}`);
      }
      // The name of the machine.
      if (ahead) at += 1;
    }
    const words = own.find(word => leaving.test(word));
    if (words !== undefined) return { words, where: 'inside', foreground: withoutLetter(words, 'f') };
    const forks = own.find(word => /^o?(?:-o)? ?ForkAfterAuthentication[= ]yes$/i.test(word));
    if (forks === undefined) return undefined;
    const option = `-o ${forks.replace(/^o |^-o/, '')}`;
    return { words: option, where: 'inside', foreground: { how: 'without', words: option } };
  };
}

function emacs(args: readonly string[]): Judgement | undefined {
  const words = optionIn(args, ['--daemon', '--bg-daemon']);
  if (words === undefined) return undefined;
  const instead = words.replace(/^--(?:bg-)?daemon/, '--fg-daemon');
  return { words, where: 'inside', foreground: { how: 'instead', words, instead } };
}
