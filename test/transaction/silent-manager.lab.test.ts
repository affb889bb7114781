/** A manager that is there and does not answer goes on with the units as they were: nothing is written for it, and each command waits for it once. */
import { expect, test } from 'vitest';
import { describeLab } from '../../lab/vitest.ts';
import { schemaErrors } from '../report/schema-errors.ts';

const home = '/home/kuma';

describeLab('a manager that does not answer', { name: 'silent', users: ['kuma'] }, lab => {
  test('gets no fix and no undo, and costs each command one wait', { timeout: 180_000 }, async () => {
    const host = await lab.host();
    const asRoot = (...argv: readonly string[]) => host.exec(argv);
    const asKuma = (...argv: readonly string[]) => host.exec(argv, { user: 'kuma', timeoutMs: 120_000 });
    const daruma = (...argv: readonly string[]) => asKuma('node', '/opt/daruma/bin/daruma.cjs', ...argv);
    const dropIns = async () => (await asKuma('ls', `${home}/.config/systemd/user`)).stdout;
    await host.writeFile(
      `${home}/.config/systemd/user/run.service`,
      '[Service]\nExecStart=/bin/sleep 900\nRestart=on-failure\n[Install]\nWantedBy=default.target\n',
      { user: 'kuma' },
    );
    await asKuma('systemctl', '--user', 'daemon-reload');
    await asKuma('systemctl', '--user', 'enable', '--now', 'run');
    const before = await dropIns();
    const uid = (await asKuma('id', '-u')).stdout.trim();
    const manager = `user@${uid}.service`;
    const pid = (await asRoot('systemctl', 'show', '--value', '-p', 'MainPID', manager)).stdout.trim();
    const refused = { code: 3, stderr: expect.stringMatching(/did not answer in time; nothing was done\n$/) };

    await asRoot('kill', '-STOP', pid);
    expect(await daruma('fix', 'run', '--yes')).toMatchObject(refused);
    expect(await dropIns()).toBe(before);
    // Whatever is asked waits once, and says it; three ways lead to the manager, and muting opens its host twice.
    for (const command of [
      ['status'],
      ['check'],
      ['explain', 'run'],
      ['notify', 'status'],
      ['notify', 'mute', 'run', '1h'],
    ]) {
      const startMs = performance.now();
      await daruma(...command);
      expect({ command, isInTime: performance.now() - startMs < 12_000 }).toEqual({
        command,
        isInTime: true,
      });
    }
    for (const command of [['check'], ['explain', 'run'], ['notify', 'status'], ['fix', '--dry-run']]) {
      const { stdout } = await daruma(...command);
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
        "The manager of kuma's services runs and does not answer",
      );
    }
    const document = JSON.parse((await daruma('status', '--json')).stdout);
    expect(schemaErrors('status', document)).toEqual([]);
    expect(document.managerDown).toMatchObject({
      state: 'active',
      commands: [`systemctl status ${manager}`],
    });
    await asRoot('kill', '-CONT', pid);

    expect(await daruma('fix', 'run', '--yes')).toMatchObject({ code: 0 });
    const fixed = await dropIns();
    expect(fixed).not.toBe(before);
    await asRoot('kill', '-STOP', pid);
    expect(await daruma('undo')).toMatchObject(refused);
    expect(await dropIns()).toBe(fixed);
    await asRoot('kill', '-CONT', pid);
    expect(await daruma('undo')).toMatchObject({ code: 0 });
    expect(await dropIns()).toBe(before);
  });
});
