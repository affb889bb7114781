/** `daruma notify` on real hosts: what people are told when services fall, and that the services never feel it. */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { bootHost, type Host } from '../../lab/host.ts';
import { createNetwork, type Network } from '../../lab/network.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

/** What a webhook gets; each line of the receiver's file is one. */
interface Arrival {
  readonly atMs: number;
  readonly title: string;
  readonly text: string;
  readonly notices: readonly { readonly kind: string; readonly unit?: string; readonly text?: string }[];
}

/** Of `daruma notify status --json`. */
interface Status {
  readonly channels: readonly { readonly waiting: number; readonly failures: number }[];
  readonly incidents: readonly { readonly unit: string; readonly state: string; readonly falls: number }[];
}

const home = '/home/kuma';
const units = `${home}/.config/systemd/user`;
const secret = 'S3cretPathOfTheWebhook';
const bound = '-+/usr/bin/timeout -k 1 5';

const receiver = `
import http from 'node:http';
import fs from 'node:fs';
http.createServer((request, response) => {
  let body = '';
  request.on('data', data => { body += data; });
  request.on('end', () => {
    fs.appendFileSync('/srv/arrived', JSON.stringify({ atMs: Date.now(), ...JSON.parse(body) }) + '\\n');
    response.end();
  });
}).listen(9911);
`;

/** While this is there the gateway does not become ready. */
const heldUp = `${home}/held-up`;

/** As the seed's gateway: it takes a while, and then asks for a key on every path. */
const gateway = `
const http = require('node:http');
const fs = require('node:fs');
process.on('SIGTERM', () => process.exit(0));
setTimeout(function listen() {
  if (fs.existsSync('${heldUp}')) return setTimeout(listen, 100);
  http.createServer((_, response) => { response.statusCode = 401; response.end(); }).listen(18789, () => {
    fs.writeFileSync('${home}/ready-ms', String(Date.now()));
  });
}, 1500);
`;

const services = {
  'openclaw-gateway.service': `[Service]
ExecStart=/usr/local/bin/node ${home}/lib/node_modules/openclaw/dist/index.js gateway --port 18789
Restart=always
RestartSec=1
[Install]
WantedBy=default.target
`,
  'litellm.service': '[Service]\nExecStart=/bin/sleep 100000\nRestart=on-failure\n',
  'shaky.service': '[Service]\nExecStart=/bin/sleep 100000\nRestart=on-failure\nRestartSec=100ms\n',
  // What it does on its way down gives a person time to act before the hook has asked.
  'slow.service':
    "[Service]\nExecStart=/bin/sleep 100000\nExecStopPost=/bin/sh -c 'touch %h/ending; sleep 3'\nRestart=always\n",
  'giver.service':
    "[Unit]\nStartLimitBurst=3\nStartLimitIntervalSec=60\n[Service]\nExecStart=/bin/sh -c 'exit 3'\nRestart=always\n",
} as const;

/** What a timer and a socket start: neither stays down, whatever becomes of it. */
const called = {
  'backup.service': "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'test ! -e %h/broken || exit 3'\n",
  'backup.timer': '[Timer]\nOnActiveSec=1\nOnUnitInactiveSec=5\nAccuracySec=100ms\n',
  'helper.service': `[Service]\nExecStart=/usr/local/bin/node ${home}/helper.js\n`,
  'helper.socket': '[Socket]\nListenStream=%h/helper.sock\n',
} as const;

/** Hooks as they are generated, that fail, are missing, or are stopped for good. */
const badHooks = {
  'failing.service': '/bin/false',
  'missing.service': '/nonexistent/daruma notify hook %n',
  'stopped.service': "/bin/sh -c 'kill -STOP $$$$; sleep 100'",
} as const;

for (const systemd of usualVersions(import.meta.url)) {
  describeLab(`systemd ${systemd}`, { systemd }, () => {
    let network: Network;
    let hub: Host;
    let neko: Host;

    beforeAll(async () => {
      network = await createNetwork();
      [hub, neko] = await Promise.all([
        bootHost({ name: 'hub', network }),
        bootHost({ name: 'neko', systemd, network, users: ['kuma'] }),
      ]);
      await furnishHub();
      await furnishNeko();
    }, 60_000);

    afterAll(async () => {
      await neko?.[Symbol.asyncDispose]();
      await hub?.[Symbol.asyncDispose]();
      await network?.[Symbol.asyncDispose]();
    });

    async function furnishHub(): Promise<void> {
      await hub.writeFile('/srv/receiver.mjs', receiver);
      await hub.writeFile(
        '/etc/systemd/system/receiver.service',
        '[Service]\nExecStart=/usr/local/bin/node /srv/receiver.mjs\n',
      );
      await hub.exec(['systemctl', 'start', 'receiver']);
    }

    async function furnishNeko(): Promise<void> {
      const write = (file: string, text: string) => neko.writeFile(file, text, { user: 'kuma' });
      await write(`${home}/lib/node_modules/openclaw/dist/index.js`, gateway);
      for (const [name, text] of Object.entries(services)) await write(`${units}/${name}`, text);
      for (const [name, hook] of Object.entries(badHooks)) {
        await write(
          `${units}/${name}`,
          `[Service]\nExecStart=/bin/sleep 100000\nExecStartPost=${bound} ${hook}\nExecStopPost=${bound} ${hook}\nRestart=always\nRestartSec=1\n`,
        );
      }
      await write(
        `${home}/.config/daruma/config.yaml`,
        `notify:\n  channels:\n    - type: webhook\n      url: http://hub:9911/${secret}\n`,
      );
      await systemctl('daemon-reload');
      await systemctl('enable', '--now', 'openclaw-gateway');
      await systemctl('start', 'litellm');
      await daruma('install', '--yes', ...Object.keys(services));
      await gatewayIsReady();
    }

    async function systemctl(...args: readonly string[]): Promise<string> {
      return (await neko.exec(['systemctl', '--user', ...args], { user: 'kuma' })).stdout;
    }

    async function daruma(...args: readonly string[]): Promise<string> {
      const { code, stdout, stderr } = await neko.exec(
        ['node', '/opt/daruma/bin/daruma.cjs', 'notify', ...args],
        { user: 'kuma' },
      );
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
      return stdout;
    }

    function terminate(unit: string): Promise<string> {
      // --kill-who= has another name from 252 on, and kept the old one.
      return systemctl('kill', '--kill-who=main', '--signal=TERM', unit);
    }

    async function state(unit: string): Promise<string> {
      const shown = await systemctl('show', '-p', 'ActiveState,SubState,NRestarts', unit);
      return shown.trim().split('\n').sort().join(' ');
    }

    function gatewayIsReady(): Promise<number> {
      const file = path.join(neko.rootDir, home, 'ready-ms');
      return waitFor('the gateway', 120_000, () =>
        fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) || undefined : undefined,
      );
    }

    function arrivals(): readonly Arrival[] {
      const file = path.join(hub.rootDir, 'srv/arrived');
      if (!fs.existsSync(file)) return [];
      const lines = fs.readFileSync(file, 'utf8').trim().split('\n');
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the receiver above writes it
      return lines.filter(line => line !== '').map(line => JSON.parse(line) as Arrival);
    }

    function about(unit: string): readonly Arrival[] {
      return arrivals().filter(({ notices }) => notices.some(notice => notice.unit === unit));
    }

    async function status(): Promise<Status> {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- docs/schema/notify-status.schema.json
      return JSON.parse(await daruma('status', '--json')) as Status;
    }

    async function channel(): Promise<Partial<Status['channels'][number]>> {
      return (await status()).channels[0] ?? {};
    }

    async function incident(unit: string): Promise<Status['incidents'][number] | undefined> {
      return (await status()).incidents.find(each => each.unit === unit);
    }

    /** Arguments and environments that anybody could look at. */
    async function processesWithSecret(): Promise<readonly string[]> {
      // So written, the pattern is not found in grep itself.
      const pattern = secret.replace(/^./, '[$&]');
      const search = `grep -al '${pattern}' /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null`;
      return (await neko.exec(['sh', '-c', search])).stdout.split('\n').filter(Boolean);
    }

    test('a gateway that gets SIGTERM is told of once, when it answers again', {
      timeout: 240_000,
    }, async () => {
      fs.rmSync(path.join(neko.rootDir, home, 'ready-ms'));
      await terminate('openclaw-gateway');
      const leaks = new Set<string>();
      const [message] = await waitFor('the message', 120_000, async () => {
        for (const leak of await processesWithSecret()) leaks.add(leak);
        return about('openclaw-gateway.service').length > 0 ? about('openclaw-gateway.service') : undefined;
      });
      expect([...leaks]).toEqual([]);
      expect(message?.atMs).toBeGreaterThanOrEqual(await gatewayIsReady());
      expect(message?.title).toBe('🔄 openclaw-gateway restarted');
      expect(message?.text).toMatch(/exited with status 0/);
      expect(message?.text).toMatch(/It was down for \d/);
      expect(message?.text).toMatch(/neko \(user service\)\n.*\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
    });

    test('what stays down after SIGTERM is told, although nothing failed; what is given up, with its cause', {
      timeout: 240_000,
    }, async () => {
      await terminate('litellm');
      await systemctl('start', '--no-block', 'giver');
      await waitFor('both messages', 120_000, () =>
        about('litellm.service').length > 0 && about('giver.service').length > 0 ? true : undefined,
      );
      expect(about('litellm.service')[0]?.title).toBe('🔴 litellm stays down');
      expect(about('litellm.service')[0]?.text).toMatch(
        /was ended by SIGTERM, sent by itself or from outside/,
      );
      expect(about('giver.service')[0]?.title).toBe('🔴 giver stays down');
      expect(about('giver.service')[0]?.text).toMatch(
        /exited with status 3[^]*systemd gave up after it fell 3 times in [\d.]+ s/,
      );
    });

    test('nobody is told what an operator does, and nothing twice', { timeout: 240_000 }, async () => {
      await systemctl('start', 'litellm');
      await waitFor('litellm to be told up', 120_000, () =>
        about('litellm.service').length > 1 ? true : undefined,
      );
      const before = arrivals().length;
      await systemctl('restart', 'openclaw-gateway');
      await systemctl('restart', 'litellm');
      await systemctl('stop', 'litellm');
      await sleep(6_000);
      await daruma('flush');
      expect(arrivals().slice(before)).toEqual([]);
      expect(arrivals().map(({ notices }) => notices.map(({ kind, unit }) => `${kind} ${unit}`))).toEqual([
        ['restarted openclaw-gateway.service'],
        expect.arrayContaining([expect.stringContaining('stays-down')]),
        expect.arrayContaining([expect.stringContaining('stays-down')]),
        ['restarted litellm.service'],
      ]);
    });

    test('what falls for good is told at once, also where it was told to be up a moment ago', {
      timeout: 480_000,
    }, async () => {
      const told = () => about('shaky.service');
      const titles = (count: number) =>
        // The minute's timer finds what nothing else has told of.
        waitFor(`message ${count}`, 120_000, () =>
          told().length >= count ? told().map(({ title }) => title) : undefined,
        );
      await systemctl('start', 'shaky');
      await systemctl('kill', '--signal=KILL', 'shaky');
      await titles(1);
      await terminate('shaky');
      await titles(2);
      await systemctl('start', 'shaky');
      await titles(3);
      await terminate('shaky');
      expect(await titles(4)).toEqual([
        '🔄 shaky restarted',
        '🔴 shaky stays down',
        // Somebody has started it.
        '✅ shaky is up again',
        '🔴 shaky stays down',
      ]);
      expect(told()[3]?.text).toMatch(
        /was ended by SIGTERM, sent by itself or from outside\.\nsystemd does not restart it after this\.\nIt has fallen 3 times, first at /,
      );
      const why = /journalctl \S+ \S+/.exec(told()[3]?.text ?? '')?.[0] ?? '';
      const { stdout } = await neko.exec(['sh', '-c', why], { user: 'kuma' });
      expect(stdout).toContain('code=killed, status=9/KILL');
    });

    test('a fall is a fall although somebody restarts the service before its hook has run', {
      timeout: 240_000,
    }, async () => {
      await systemctl('start', 'slow');
      await terminate('slow');
      await waitFor('it to be ending', 10_000, () =>
        fs.existsSync(path.join(neko.rootDir, home, 'ending')) ? true : undefined,
      );
      await systemctl('restart', 'slow');
      await waitFor('the message', 120_000, () => about('slow.service').length > 0 || undefined);
      expect(about('slow.service').map(({ title }) => title)).toEqual(['🔄 slow restarted']);
      await systemctl('stop', 'slow');
    });

    test('a hook that fails, is missing or hangs has no say in what becomes of the service', {
      timeout: 240_000,
    }, async () => {
      const names = Object.keys(badHooks);
      await systemctl('start', ...names);
      for (const name of names) {
        expect(await state(name)).toBe('ActiveState=active NRestarts=0 SubState=running');
      }
      for (const name of names) await terminate(name);
      await sleep(9_000);
      await waitFor('all to be back', 10_000, async () => {
        const states = await Promise.all(names.map(state));
        return states.every(each => each === 'ActiveState=active NRestarts=1 SubState=running') || undefined;
      });
      await systemctl('stop', ...names);
    });

    test('what a timer or a socket starts again is told to have failed, and to be well again', {
      timeout: 240_000,
    }, async () => {
      for (const [name, text] of Object.entries(called)) {
        await neko.writeFile(`${units}/${name}`, text, { user: 'kuma' });
      }
      const server = "require('node:net').createServer(caller => caller.end('at work')).listen({ fd: 3 });\n";
      await neko.writeFile(`${home}/helper.js`, server, { user: 'kuma' });
      await systemctl('daemon-reload');
      expect(JSON.parse(await daruma('status', '--json'))).toMatchObject({
        unhooked: expect.arrayContaining(['helper.service']),
        jobs: ['backup.service'],
      });
      await daruma('install', '--yes', 'backup.service', 'helper.service');
      const titles = (unit: string, count: number) =>
        waitFor(`${count} of ${unit}`, 60_000, () =>
          about(unit).length >= count ? about(unit).map(({ title }) => title) : undefined,
        );

      await neko.writeFile(`${home}/broken`, '');
      await systemctl('start', 'backup.timer');
      await titles('backup.service', 1);
      const before = about('backup.service')[0];
      expect(before?.text).toMatch(/exited with status 3[^]*backup\.timer starts it again\./);
      await waitFor('it to fail again', 60_000, async () =>
        (await status()).incidents.some(({ unit, falls }) => unit === 'backup.service' && falls > 1)
          ? true
          : undefined,
      );
      await neko.exec(['rm', `${home}/broken`]);
      expect(await titles('backup.service', 2)).toEqual(['⚠️ backup failed', '✅ backup is well again']);
      await systemctl('stop', 'backup.timer');

      const connect = () =>
        neko.exec(
          [
            'node',
            '-e',
            `require('node:net').connect('${home}/helper.sock').on('data', () => process.exit())`,
          ],
          { user: 'kuma' },
        );
      await systemctl('start', 'helper.socket');
      await connect();
      await systemctl('kill', '--signal=KILL', 'helper');
      expect(await titles('helper.service', 1)).toEqual(['⚠️ helper failed']);
      expect(about('helper.service')[0]?.text).toMatch(
        /ended by SIGKILL[^]*helper\.socket starts it again\./,
      );
      await connect();
      expect(await titles('helper.service', 2)).toEqual(['⚠️ helper failed', '✅ helper is well again']);
      // Nobody is told that it ends: once flushed, all that was seen of it is settled.
      await terminate('helper');
      await waitFor('it to end', 20_000, async () =>
        (await state('helper')).startsWith('ActiveState=inactive') ? true : undefined,
      );
      await daruma('flush');
      expect(await incident('helper.service')).toBeUndefined();
      expect(about('helper.service').length).toBe(2);
      await systemctl('stop', 'helper.socket');
      // Takes back what was installed here, and leaves what was installed before.
      await neko.exec(['node', '/opt/daruma/bin/daruma.cjs', 'undo'], { user: 'kuma' });
    });

    test('a message outlives the network and the machine', { timeout: 240_000 }, async () => {
      const before = about('openclaw-gateway.service').length;
      onTestFinished(() => neko.plugCable());
      await neko.cutCable();
      await terminate('openclaw-gateway');
      await waitFor('an attempt to fail', 120_000, async () =>
        ((await channel()).failures ?? 0) > 0 ? true : undefined,
      );
      await neko.reboot();
      await sleep(2_000);
      expect(about('openclaw-gateway.service').length).toBe(before);
      await neko.plugCable();
      await waitFor('the message', 200_000, () =>
        about('openclaw-gateway.service').length > before ? true : undefined,
      );
      expect(about('openclaw-gateway.service').at(-1)?.title).toBe('🔄 openclaw-gateway restarted');
    });

    test('a fall is told although the machine goes down before the service is up again', {
      timeout: 240_000,
    }, async () => {
      const before = about('openclaw-gateway.service').length;
      // What fell before is another story.
      await systemctl('restart', 'openclaw-gateway');
      await neko.writeFile(heldUp, '');
      await terminate('openclaw-gateway');
      await waitFor('it to be starting', 120_000, async () =>
        (await incident('openclaw-gateway.service'))?.state === 'starting' ? true : undefined,
      );
      await neko.reboot();
      await neko.exec(['rm', heldUp]);
      await waitFor('the message', 120_000, () =>
        about('openclaw-gateway.service').length > before ? true : undefined,
      );
      expect(about('openclaw-gateway.service').length).toBe(before + 1);
      // The boot has started it.
      expect(about('openclaw-gateway.service').at(-1)?.title).toBe('✅ openclaw-gateway is up again');
      // Right after its start it may not have set its handler yet, and the signal itself ends it.
      expect(about('openclaw-gateway.service').at(-1)?.text).toMatch(/exited with status 0|by SIGTERM/);
    });

    test('signs of falls wait for a daruma that is missing, and all falls are told when it is back', {
      timeout: 240_000,
    }, async () => {
      const crasher =
        "[Service]\nExecStart=/bin/sh -c 'sleep 0.3; exit 3'\nRestart=always\nRestartSec=100ms\n";
      const limit = '[Unit]\nStartLimitIntervalSec=0\n';
      await neko.writeFile(`${units}/crasher.service`, `${limit}${crasher}`, { user: 'kuma' });
      await systemctl('daemon-reload');
      await daruma('install', '--yes', 'crasher.service');
      await waitFor('daruma to be at rest', 60_000, async () =>
        (await systemctl('is-active', 'daruma-outbox')).startsWith('inactive') ? true : undefined,
      );
      const main = '/opt/daruma/bin/daruma.cjs';
      await neko.exec(['mount', '--bind', '/dev/null', main]);
      onTestFinished(async () => {
        await neko.exec(['umount', main]);
      });
      await systemctl('start', 'crasher');
      const falls = await waitFor('20 falls', 120_000, async () => {
        const restarts = await systemctl('show', '-p', 'NRestarts', '--value', 'crasher');
        return Number(restarts) >= 20 ? Number(restarts) : undefined;
      });
      await neko.writeFile(
        `${units}/crasher.service.d/well.conf`,
        '[Service]\nExecStart=\nExecStart=/bin/sleep 100000\n',
        {
          user: 'kuma',
        },
      );
      await systemctl('daemon-reload');
      // A run that began before the reload is still one that falls.
      await waitFor('it to be well', 60_000, async () => {
        const pid = await systemctl('show', '-p', 'MainPID', '--value', 'crasher');
        const { stdout: command } = await neko.exec(['ps', '-o', 'args=', '-p', pid.trim()]);
        return (await state('crasher')).includes('SubState=running') && command === '/bin/sleep 100000\n'
          ? true
          : undefined;
      });
      const counted = Number(await systemctl('show', '-p', 'NRestarts', '--value', 'crasher'));
      expect(counted).toBeGreaterThanOrEqual(falls);
      expect(about('crasher.service')).toEqual([]);
      await neko.exec(['umount', main]);
      // The minute's look, without the wait for it.
      await systemctl('start', 'daruma-outbox');
      await waitFor('all to be counted', 120_000, async () =>
        (await incident('crasher.service'))?.falls === counted ? true : undefined,
      );
      await waitFor('the message', 120_000, () => about('crasher.service').length > 0 || undefined);
      // It has been well for a while: nobody is told that it falls.
      await sleep(20_000);
      expect(about('crasher.service').map(({ title }) => title)).toEqual(['🔄 crasher restarted']);
      expect(about('crasher.service')[0]?.text).toContain(`${counted} times`);
      await systemctl('stop', 'crasher');
      await neko.exec(['node', main, 'undo'], { user: 'kuma' });
    });

    test('a new unit has the hooks from the start, and undo takes them with it', {
      timeout: 240_000,
    }, async () => {
      const file = `${units}/squad.service`;
      const exists = (name: string) => fs.existsSync(path.join(neko.rootDir, name));
      const command = ['node', '/opt/daruma/bin/daruma.cjs'];
      const run = (...args: readonly string[]) => neko.exec([...command, ...args], { user: 'kuma' });
      const made = await run('new', 'squad', '--yes', '--', '/bin/sleep', '100000');
      expect(made.stderr).toBe('');
      await systemctl('start', 'squad');
      await terminate('squad');
      await waitFor('the message', 120_000, () => about('squad.service').length > 0 || undefined);
      expect(about('squad.service')[0]?.title).toBe('🔄 squad restarted');
      await systemctl('stop', 'squad');
      await run('undo');
      expect([exists(file), exists(`${file}.d`)]).toEqual([false, false]);
      expect(await systemctl('is-active', 'daruma-outbox.timer')).toBe('active\n');
    });

    test('no secret is in the journal or in a unit, and undo leaves no hook behind', {
      timeout: 240_000,
    }, async () => {
      const { stdout: journal } = await neko.exec(['journalctl', '--no-pager', '-o', 'json']);
      expect(journal).toContain('openclaw-gateway');
      expect(journal).not.toContain(secret);
      const { stdout: found } = await neko.exec(['grep', '-rl', secret, home]);
      expect(found.trim().split('\n')).toEqual([`${home}/.config/daruma/config.yaml`]);
      await neko.exec(['node', '/opt/daruma/bin/daruma.cjs', 'undo'], { user: 'kuma' });
      const { stdout: left } = await neko.exec(['sh', '-c', `ls -R ${units} | grep -c daruma`]);
      expect(left.trim()).toBe('0');
      expect(await systemctl('is-active', 'daruma-outbox.timer')).toBe('inactive\n');
    });
  });
}
