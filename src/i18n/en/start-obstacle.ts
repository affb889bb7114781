import type { StartObstacleTexts } from '../start-obstacle-parts.ts';

export const startObstacle: StartObstacleTexts = {
  directory: path => `${path} is a directory, not a program`,
  notExecutable: path => `nobody may execute ${path}`,
  named: {
    program: path => `the program ${path}`,
    wrapped: path => `the program ${path}`,
    script: path => `the script ${path}`,
    'working-directory': path => `the working directory ${path}`,
    'environment-file': path => `the environment file ${path}`,
  },
  interpreter: (path, script) => `the interpreter of ${script}, ${path},`,
  pathFaults: {
    missing: named => `${named} is not there`,
    'no-directory': named => `${named} is not a directory`,
    unreadable: named => `whether ${named} is there cannot be seen from here`,
  },
  privileges: (line, status) => `${line} takes more than a user manager may do (${status})`,
  unknown: line => `whether ${line} is met cannot be seen from here`,
  notMet: (line, rest) => `${line} is not met${rest}`,
  effects: {
    condition: ', and so systemd skips the start',
    assertion: ', and so the start fails',
  },
  doubts: {
    volatile: ' now, which a mount, a boot or another program may change',
    'made-before': '; ExecStartPre= runs before and may make it',
    unreadable: '',
  },
  remedies: {
    nameProgram: setting => `name the program in ${setting}`,
    install: setting => `install it, or correct ${setting}`,
    putThere: setting => `put it there, or correct ${setting}`,
    nameDirectory: setting => `name a directory in ${setting}`,
    create: setting => `create it, or correct ${setting}`,
    environmentFile: 'create it, or put "-" before its path',
    privileges: setting => `take ${setting} out, or make it a system service`,
    check: 'see to it that it is met, or take the line out',
  },
};
