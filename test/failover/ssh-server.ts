/** A real sshd on loopback with keys of its own, and the machine that one gets to by it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export const hasSshd =
  process.getuid?.() === 0 && fs.existsSync('/usr/sbin/sshd') && spawnSync('ssh', ['-V']).status === 0;

export interface SshServer {
  /** Where `ssh` lies that knows the way; it writes its arguments into `arguments.log`. */
  readonly bin: string;
  readonly folder: string;
  stop(): Promise<void>;
}

/**
 * @param machine runs on the other side, as a shell has it, with `$SSH_ORIGINAL_COMMAND`
 */
export async function startSshServer(folder: string, machine: string): Promise<SshServer> {
  // sshd(8) wants it for its unprivileged part.
  fs.mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  for (const key of ['host', 'user']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(folder, `${key}_key`)]);
  }
  fs.copyFileSync(path.join(folder, 'user_key.pub'), path.join(folder, 'authorized_keys'));
  const port = await freePort();
  const login = path.join(folder, 'machine.sh');
  fs.writeFileSync(login, `#!/bin/sh\n${machine}\n`, { mode: 0o755 });
  fs.writeFileSync(
    path.join(folder, 'sshd_config'),
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${folder}/host_key`,
      `AuthorizedKeysFile ${folder}/authorized_keys`,
      `PidFile ${folder}/sshd.pid`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      `ForceCommand ${login}`,
      '',
    ].join('\n'),
  );
  const [type, key] = fs.readFileSync(path.join(folder, 'host_key.pub'), 'utf8').split(' ');
  fs.writeFileSync(path.join(folder, 'known_hosts'), `kuma ${type} ${key}\n`);
  fs.writeFileSync(
    path.join(folder, 'ssh_config'),
    [
      'Host kuma',
      '  HostKeyAlias kuma',
      'Host stranger',
      '  HostKeyAlias stranger',
      'Host *',
      '  HostName 127.0.0.1',
      `  Port ${port}`,
      '  User root',
      `  IdentityFile ${folder}/user_key`,
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${folder}/known_hosts`,
      '',
    ].join('\n'),
  );
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin);
  const ssh = execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim();
  fs.writeFileSync(
    path.join(bin, 'ssh'),
    `#!/bin/sh\nprintf '%s\\n' "$*" >> "${folder}/arguments.log"\nexec ${ssh} -F "${folder}/ssh_config" "$@"\n`,
    { mode: 0o755 },
  );
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', path.join(folder, 'sshd_config')], {
    stdio: 'ignore',
  });
  await answering(port);
  return {
    bin,
    folder,
    async stop() {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = net.connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await wait(100);
  }
  throw new Error('sshd does not listen');
}
