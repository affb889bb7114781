import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run, type RunResult } from '../../lab/run.ts';
import { describeLab } from '../../lab/vitest.ts';
import { tracesOf } from './traces.ts';

const cli = fileURLToPath(new URL('../../lab/cli.ts', import.meta.url));
const lab = (...args: string[]): Promise<RunResult> => run([process.execPath, cli, ...args]);

describeLab('the lab command', {}, () => {
  test('makes a host that stays, ends it, starts it again and takes it away', async () => {
    const name = `cli-${process.pid}`;
    expect(await lab('up', name)).toMatchObject({ code: 0, stderr: '' });
    expect(await lab('up', name)).toMatchObject({ code: 1, stderr: `lab: ${name} is running\n` });
    const command = ['sh', '-c', 'hostname; touch /var/lib/mark; exit 7'];
    expect(await lab('exec', name, '--', ...command)).toMatchObject({ stdout: `${name}\n`, code: 7 });
    const asDaemon = await lab('exec', name, '--user', 'daemon', '--', 'id', '-un');
    expect(asDaemon).toMatchObject({ stdout: 'daemon\n', code: 0 });

    expect(await lab('kill', name)).toMatchObject({ code: 0 });
    expect((await lab('list')).stdout).toMatch(new RegExp(`^${name}  systemd \\d+  off  `, 'm'));
    expect(await lab('exec', name, '--', 'true')).toMatchObject({ code: 1, stderr: `lab: ${name} is off\n` });
    expect(await lab('up', name)).toMatchObject({ code: 0 });
    expect(await lab('reboot', name)).toMatchObject({ code: 0 });
    expect(await lab('exec', name, '--', 'test', '-f', '/var/lib/mark')).toMatchObject({ code: 0 });

    expect(await lab('down', name)).toMatchObject({ code: 0 });
    expect(tracesOf(name)).toEqual([]);
    expect(await lab('down', name)).toMatchObject({ code: 1 });
  });

  test('says how it is used when it does not understand', async () => {
    expect(await lab('lift', 'box')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('lab up NAME'),
    });
  });
});
