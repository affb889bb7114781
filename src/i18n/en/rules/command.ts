import type { ShellSyntax } from '../../../check/rules/shell-syntax.ts';
import type { VersionManager } from '../../../check/version-managers.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { effectsOf, shellRemedies, type ShellRemedyTexts } from '../../shell-syntax-parts.ts';

export const command: GroupTexts<'command'> = {
  'shell-syntax': {
    title: 'A command uses shell syntax, which systemd does not understand',
    message: ({ directive, found }) =>
      `${directive}= uses shell syntax, which systemd does not understand: ${found.map(({ symbol }) => symbol).join(' ')}`,
    why: details => shellEffects(details).join(' '),
    remedy: (details, { scope }) => shellRemedies(details, shellRemedyTexts(scope)).join(' '),
  },
  'exec-missing': {
    title: 'A program or script that a command needs is not there',
    message: ({ directive, path, role, script }) =>
      role === 'interpreter'
        ? `${directive}= cannot run ${script ?? ''}: its interpreter ${path} is not there`
        : role === 'script'
          ? `${directive}= runs a script that is not there: ${path}`
          : `${directive}= names a program that is not there: ${path}`,
    why: ({ directive, role }) => `${failures[role]}. ${consequences[directive]}`,
    remedy: ({ directive, path, role, versionManager }) =>
      versionManager === null
        ? `${role === 'script' ? 'Put the script there' : `Install what provides ${path}`}, or correct ${directive}=.`
        : `The folder belonged to one version in ${managerNames[versionManager]} and is gone: point ${directive}= at a path that is the same for every version.`,
  },
  'exec-not-executable': {
    title: 'The file of a command cannot be executed',
    message: ({ directive, path, problem }) =>
      problem === 'directory'
        ? `${directive}= names a directory instead of a program: ${path}`
        : `${directive}= names a file that nobody may execute: ${path}`,
    why: ({ directive, role }) => `${failures[role]}. ${consequences[directive]}`,
    remedy: ({ directive, path, problem }) =>
      problem === 'directory'
        ? `Name the program itself in ${directive}=.`
        : `Run "chmod +x ${path}", or put the interpreter in front of it in ${directive}=.`,
  },
  'exec-version-manager-path': {
    title: 'A command goes through the folder of one version',
    message: ({ directive, manager, folder }) =>
      `${directive}= goes through a folder of ${managerNames[manager]} that an update takes away: ${folder}`,
    why: () =>
      'When that version is removed, the service goes on running and fails at its next start, which may be weeks later.',
    remedy: ({ directive }) =>
      `Install the program where its path stays the same (a system package, or npm with a prefix of its own), and name that path in ${directive}=.`,
  },
  'working-directory-missing': {
    title: 'The working directory is not there',
    message: ({ path, isFile }) =>
      isFile ? `WorkingDirectory= is not a directory: ${path}` : `WorkingDirectory= is not there: ${path}`,
    why: () =>
      'Every start fails with status 200/CHDIR before the program runs; ExecStartPre= fails the same way, so it cannot create the directory.',
    remedy: ({ path, isFile }) =>
      isFile
        ? 'Name a directory in WorkingDirectory=.'
        : `Create ${path}, or correct WorkingDirectory=; for a directory that systemd should create, use StateDirectory=.`,
  },
  'environment-file-missing': {
    title: 'An environment file is not there',
    message: ({ path, isPattern }) =>
      isPattern ? `EnvironmentFile= matches no file: ${path}` : `EnvironmentFile= is not there: ${path}`,
    why: () =>
      'The start fails with the result "resources" before any process is made; an ExecStartPre= that would write the file is not run either.',
    remedy: ({ path }) => `Create ${path}; if the service can do without it, write EnvironmentFile=-${path}.`,
  },
};

function shellEffects({ program, found }: ShellSyntax): readonly string[] {
  return effectsOf(found).map(({ kind, symbol, isDropped }) => {
    switch (kind) {
      case 'builtin':
      case 'assignment':
        return `systemd looks for a program called ${symbol}: what stands behind it does not run.`;
      case 'list':
      case 'pipe':
        return `${program} gets all that stands behind ${symbol} as arguments: the second command never runs.`;
      case 'background':
      case 'comment':
        return `${program} gets ${symbol} as an argument.`;
      case 'redirection':
        return `${program} gets ${symbol} as an argument, and no file is opened.`;
      case 'substitution':
        return isDropped
          ? 'No command runs: systemd drops a word that begins with $( and passes on what stands behind it.'
          : `No command runs: ${program} gets the text as it stands.`;
      case 'variable':
        return 'systemd takes all that stands behind $ for a name. No variable has that name, so it drops the word.';
      case 'expansion':
        return isDropped
          ? `systemd takes what is in the braces for a name. No variable has that name, so ${symbol} becomes empty.`
          : `systemd knows only \${NAME}: ${program} gets ${symbol} as it stands.`;
      case 'pattern':
      case 'home':
        return `${program} takes ${symbol} for a part of the name of a file.`;
      default:
        return kind satisfies never;
    }
  });
}

function shellRemedyTexts(scope: 'user' | 'system'): ShellRemedyTexts {
  return {
    shell: "Put the line into /bin/sh -c '…', with $$ and %% where the shell is to see $ and %.",
    shellWithoutAmpersand:
      "Put the line without the & at its end into /bin/sh -c '…', with $$ and %% where the shell is to see $ and %.",
    workingDirectory: 'Set WorkingDirectory= in place of cd, and let the line begin with the program.',
    exec: 'Leave exec out.',
    environment: 'Set Environment=NAME=VALUE in a line of its own, and let this line begin with the program.',
    background: 'Leave & out; what is to run beside the program needs a unit of its own.',
    output:
      'Leave it out and set StandardOutput=append:FILE, or =null for /dev/null; StandardError= follows it.',
    input: 'Leave it out and set StandardInput=file:FILE.',
    variable: 'Write ${NAME} where systemd is to replace a variable, and $$ where a shell is to see $.',
    expansion:
      'Write ${NAME} and set a default by Environment=NAME=VALUE; write $$ where a shell is to see $.',
    home: scope === 'user' ? 'Write %h/ in place of ~/.' : 'Write the whole path in place of ~/.',
    comment: 'Move the comment to a line of its own.',
  };
}

/** How the command fails. */
const failures = {
  program: 'systemd cannot execute it (status 203/EXEC)',
  interpreter: 'systemd cannot execute it (status 203/EXEC)',
  wrapped: 'The command that is to start it exits with an error at once',
  script: 'The interpreter exits with an error at once',
} as const;

/** What follows when the command fails. */
const consequences = {
  ExecCondition: 'A failed condition skips the start: the service never runs, and nothing restarts it.',
  ExecStartPre: 'A failed ExecStartPre= fails the start: the program itself never runs.',
  ExecStart:
    'The next start fails, and so does every one after it. A process that runs already goes on until then.',
  ExecStartPost: 'A failed ExecStartPost= ends the main process, however healthy it is.',
  ExecStop: 'The stop is recorded as a failure, and what the command should have put in order stays undone.',
  ExecStopPost: 'A clean end is recorded as a failure, and what the command should have cleaned up stays.',
} as const;

const managerNames = {
  nvm: 'nvm',
  fnm: 'fnm',
  volta: 'Volta',
  asdf: 'asdf',
  mise: 'mise',
  pyenv: 'pyenv',
  rbenv: 'rbenv',
  pnpm: "pnpm's store",
  npx: "npx's cache",
  uv: "uv's cache",
  homebrew: 'Homebrew',
} as const satisfies Record<VersionManager, string>;
