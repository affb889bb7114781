import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { argumentsOf, type Command, shellText } from '../../src/programs/command.ts';
import { failureText } from '../../src/programs/failure.ts';
import { runProgram, type RunOptions } from '../../src/programs/run.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-run-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const limits: RunOptions = {
  environment: { PATH: process.env['PATH'] },
  timeoutMs: 20_000,
  outputBytes: 1_000,
};

function sh(script: string, more: Partial<RunOptions> = {}, operands: readonly string[] = []) {
  return runProgram({ program: 'sh', options: ['-c', script], operands }, { ...limits, ...more });
}

describe('a program', () => {
  it('is given what it is given, through no shell', async () => {
    const operands = ['$HOME', '`id`', '-Hevil.service', "'", 'a b', '', '*'];
    const { stdout } = await runProgram(
      { program: 'printf', options: [], operands: ['%s\\n', ...operands] },
      limits,
    );
    expect(stdout).toBe(operands.map(each => `${each}\n`).join(''));
  });

  it('knows of the environment what it is told, and reads what it is sent', async () => {
    const environment = { PATH: process.env['PATH'], ONLY: 'this' };
    const run = await sh('env | grep -v ^_= | grep -v ^PWD= | grep -v ^SHLVL= | grep -v ^PATH=; cat', {
      environment,
      input: 'sent\n',
    });
    expect(run).toEqual({ stdout: 'ONLY=this\nsent\n', stderr: '', failure: undefined });
    expect((await sh('cat')).stdout).toBe('');
  });

  it('need not read what it is sent', async () => {
    const run = await sh('exit 0', { input: 'x'.repeat(1_000_000) });
    expect(run.failure).toBeUndefined();
  });

  it('says with its last line why it failed', async () => {
    const run = await sh('echo first >&2; echo at last >&2; exit 3');
    expect(run.failure).toEqual({ code: 'exited', status: 3, said: 'at last' });
    expect((await sh('exit 4')).failure).toEqual({ code: 'exited', status: 4, said: '' });
  });

  it('that is killed by somebody else is said to be', async () => {
    expect((await sh('kill -TERM $$')).failure).toEqual({ code: 'killed', signal: 'SIGTERM' });
  });

  it('that is not there, or that may not be run, is told apart', async () => {
    const run = async (program: string) =>
      (await runProgram({ program, options: [], operands: [] }, limits)).failure?.code;
    const text = path.join(folder, 'text');
    fs.writeFileSync(text, 'echo', { mode: 0o644 });
    expect(await run(path.join(folder, 'none'))).toBe('not-found');
    expect(await run(text)).toBe('not-permitted');
    expect(await run('')).toBe('not-started');
    expect(await run('a\0b')).toBe('not-started');
  });

  it('that gets more arguments than the kernel takes is not started', async () => {
    const run = await runProgram({ program: 'true', options: ['x'.repeat(2 ** 22)], operands: [] }, limits);
    expect(run.failure).toEqual({ code: 'not-started', errno: 'E2BIG' });
  });

  it('writes no more than it may, on either end, and what it has written until then is kept', async () => {
    const run = await sh('echo begun; yes');
    expect(run.failure).toEqual({ code: 'too-much-output', limitBytes: 1_000 });
    expect((await sh('yes >&2')).failure?.code).toBe('too-much-output');
  });

  it('is ended in time, also where something that it has left behind holds on to its output', async () => {
    const run = await sh('echo begun; sleep 600 & sleep 600', { timeoutMs: 300 });
    expect(run).toMatchObject({ stdout: 'begun\n', failure: { code: 'timed-out', limitMs: 300 } });
    spawned('sleep 600');
  }, 10_000);

  it('is ended by a signal, and not even begun after it', async () => {
    const controller = new AbortController();
    const running = sh('sleep 600', { signal: controller.signal });
    controller.abort();
    expect((await running).failure).toEqual({ code: 'interrupted' });
    const marker = path.join(folder, 'begun');
    expect((await sh(`touch ${marker}`, { signal: controller.signal })).failure?.code).toBe('interrupted');
    expect(fs.existsSync(marker)).toBe(false);
  }, 10_000);

  it('is asked first and ended with its children where that is wanted, and forced where it does not hear', async () => {
    const polite = path.join(folder, 'polite');
    const script = `trap 'echo bye > ${polite}; exit 0' TERM; sleep 600 & echo "$!"; while :; do wait; done`;
    const run = await sh(script, { timeoutMs: 500, endsGroup: true });
    expect(run.failure?.code).toBe('timed-out');
    expect(fs.readFileSync(polite, 'utf8')).toBe('bye\n');
    expect(isThere(run.stdout.trim())).toBe(false);
    const deaf = await sh(`trap '' TERM; echo "$$"; while :; do sleep 1; done`, {
      timeoutMs: 300,
      endsGroup: true,
    });
    expect(deaf.failure?.code).toBe('timed-out');
    expect(isThere(deaf.stdout.trim())).toBe(false);
  }, 20_000);

  it('is heard as it writes, and can be ended when enough is said', async () => {
    const heard: string[] = [];
    const run = await sh('echo one; sleep 0.2; echo two; sleep 600', {
      onOutput: (text, end) => {
        heard.push(text);
        if (text.includes('two')) end();
      },
    });
    expect(heard).toEqual(['one\n', 'one\ntwo\n']);
    expect(run.failure?.code).toBe('killed');
  }, 10_000);
});

/** Ends what the test has left behind. */
function spawned(command: string): void {
  for (const pid of fs.readdirSync('/proc').filter(each => /^\d+$/.test(each))) {
    try {
      const line = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const environment = fs.readFileSync(`/proc/${pid}/environ`, 'utf8');
      if (line === command && environment === `PATH=${process.env['PATH']}\0`)
        process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Gone, or somebody else's.
    }
  }
}

function isThere(pid: string): boolean {
  try {
    return !/^State:\s*Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a command', () => {
  const evil: Command = { program: 'systemctl', options: ['status'], operands: ['-Hevil.service'] };

  it('keeps operands from being taken for options, whatever they are called', () => {
    expect(argumentsOf(evil)).toEqual(['status', '--', '-Hevil.service']);
    expect(argumentsOf({ ...evil, operands: ['a.service'] })).toEqual(['status', '--', 'a.service']);
    expect(argumentsOf({ ...evil, operands: [] })).toEqual(['status']);
  });

  it.each([
    ['-Hevil.service'],
    ['--user.service'],
    ['a b.service'],
    [String.raw`a\x2db@'c'.service`],
    ['$(touch x).service'],
    ['-n'],
    [''],
  ])('%j that is pasted into a shell does what it says', name => {
    const line = shellText({ program: 'basename', options: ['-a'], operands: [name] });
    expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' })).toBe(`${name}\n`);
  });

  it('is shown without what changes nothing', () => {
    expect(shellText({ ...evil, operands: ['litellm@a.service'] })).toBe(
      'systemctl status litellm@a.service',
    );
    expect(shellText(evil)).toBe('systemctl status -- -Hevil.service');
  });
});

it('every failure explains itself', () => {
  expect(failureText('a', { code: 'not-found', errno: 'ENOENT' })).toContain('ENOENT');
  expect(failureText('a', { code: 'timed-out', limitMs: 1_500 })).toBe('a: not done after 1.5 s');
  expect(failureText('a', { code: 'exited', status: 2, said: '' })).toBe('a: exit status 2');
  expect(failureText('a', { code: 'exited', status: 2, said: 'Access denied' })).toBe('Access denied');
});
