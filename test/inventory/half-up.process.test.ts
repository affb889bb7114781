/** What the kernel says of this very process, as that of a service which is called active. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { halfUpOf } from '../../src/inventory/half-up.ts';
import { processesOf } from '../../src/inventory/service-processes.ts';
import { localFiles } from '../../src/systemd/host/files.ts';
import type { HostFiles } from '../../src/systemd/host/host.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';

const now = 1_795_929_330;
const live = {
  ...notLoadable('a.service'),
  activeState: 'active',
  mainPid: process.pid,
  mainStartedSeconds: now - 60,
};
/** Without the control groups, in which other processes of these tests are as well. */
const files: HostFiles = { ...localFiles(), read: readOutsideGroups };

function readOutsideGroups(file: string, mostBytes?: number): Buffer {
  if (file.endsWith('/cgroup')) throw new Error('not looked at');
  return localFiles().read(file, mostBytes);
}

async function listen(): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = net.createServer().listen(0, '127.0.0.1');
  const close = () => void server.close();
  onTestFinished(close);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, close };
}

it('is nothing where somebody listens on the port, or no port is known', async () => {
  const { port } = await listen();
  expect(halfUpOf(live, { port, warmUpSeconds: 90 }, files, now)).toBeUndefined();
  expect(halfUpOf(live, undefined, files, now)).toBeUndefined();
});

it('is a port on which nobody listens, once it has had the time to start', async () => {
  const gone = await listen();
  gone.close();
  const expected = { port: gone.port, warmUpSeconds: 90 };
  // Another port says that it has started.
  const other = await listen();
  const elsewhere = halfUpOf(live, expected, files, now);
  expect(elsewhere).toMatchObject({ how: 'not-listening', port: gone.port });
  expect(elsewhere).toMatchObject({ listensOn: expect.arrayContaining([other.port]) });
  expect(halfUpOf({ ...live, mainStartedSeconds: now - 91 }, expected, files, now)).toMatchObject({
    how: 'not-listening',
  });
  for (const activeState of ['activating', 'deactivating'])
    expect(halfUpOf({ ...live, activeState }, expected, files, now)).toBeUndefined();
});

it('is a port of another program, where it listens on one of its own choice', async () => {
  const program =
    "const s = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port))";
  const rival = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void rival.kill('SIGKILL'));
  const [said] = await once(rival.stdout, 'data');
  const expected = { port: Number(String(said)), warmUpSeconds: 90 };
  const own = await listen();
  expect(halfUpOf(live, expected, files, now)).toMatchObject({
    how: 'not-listening',
    port: expected.port,
    listensOn: expect.arrayContaining([own.port]),
    isPortTaken: true,
  });
  expect(halfUpOf({ ...live, mainPid: rival.pid ?? 0 }, expected, files, now)).toBeUndefined();
});

it('is nothing where the process is gone', () => {
  // Above any process id there can be (proc_sys_kernel(5), pid_max).
  const gone = { ...live, mainPid: 4_194_305 };
  expect(processesOf(files, gone.mainPid)).toEqual([]);
  expect(halfUpOf(gone, { port: 1, warmUpSeconds: 0 }, files, now)).toBeUndefined();
});

it('is its main process alone where another process of it runs, as a worker of HAProxy', () => {
  const halfUpIn = (states: Readonly<Record<string, string>>) => {
    const texts: Readonly<Record<string, string>> = {
      '/proc/7/cgroup': '0::/a.service\n',
      '/sys/fs/cgroup/a.service/cgroup.procs': `${Object.keys(states).join('\n')}\n`,
      ...Object.fromEntries(
        Object.entries(states).map(([pid, state]) => [
          `/proc/${pid}/status`,
          `Name:\thaproxy\nState:\t${state}\n`,
        ]),
      ),
    };
    const read = (file: string) => Buffer.from(texts[file] ?? '');
    return halfUpOf({ ...live, mainPid: 7 }, undefined, { ...localFiles(), read }, now);
  };
  expect(halfUpIn({ 7: 'T (stopped)', 8: 'S (sleeping)' })).toEqual({
    how: 'halted',
    halt: 'stopped',
    othersRun: true,
  });
  expect(halfUpIn({ 7: 'T (stopped)', 8: 'T (stopped)' })).toMatchObject({ othersRun: false });
  expect(halfUpIn({ 7: 'T (stopped)' })).toMatchObject({ othersRun: false });
  expect(halfUpIn({ 7: 'S (sleeping)', 8: 'T (stopped)' })).toBeUndefined();
});
