/**
 * `daruma failover test --down` on real hosts: the proxy is really stopped, and runs again whatever becomes of daruma. What
 * stands in for OpenClaw and LiteLLM are small programs: the outage is what is tested here.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import type { RunResult } from '../../lab/run.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const home = '/home/kuma';
const units = `${home}/.config/systemd/user`;
const key = 'sk-daruma-0123456789';
const cli = ['node', '/opt/daruma/bin/daruma.cjs', 'failover'];

/** LiteLLM as far as it is asked: with a key, with models, with what says that it is ready, and with an end that takes its time. */
const proxy = (port: number) => `#!/usr/local/bin/node
process.on('SIGTERM', () => setTimeout(() => process.exit(0), 100));
const http = require('node:http');
http.createServer((request, response) => {
  const answer = (status, body) => { response.writeHead(status, { 'content-type': 'application/json' }); response.end(JSON.stringify(body)); };
  if (request.url.startsWith('/health/')) return answer(200, { status: 'healthy' });
  if (request.headers.authorization !== 'Bearer ${key}') return answer(401, { error: { message: 'no key' } });
  if (request.url === '/v1/models') return answer(200, { object: 'list', data: [{ id: 'claude' }] });
  if (request.url === '/v1/chat/completions') return answer(200, { model: 'claude', choices: [{ index: 0, message: { content: '1' } }] });
  answer(404, {});
}).listen(${port}, '127.0.0.1');
`;

/** OpenClaw's gateway runs and says nothing of its configuration, as an older one does; its command line tries the providers one after the other, as slowly as a file says. */
const openclaw = `
const fs = require('node:fs');
const home = '${home}';
if (process.argv[2] === 'gateway' && process.argv[3] === 'call') process.exit(1);
else if (process.argv[2] === 'gateway') setInterval(() => {}, 1000);
else (async () => {
  fs.writeFileSync(home + '/asked', process.argv.slice(2).join(' '));
  const slow = Number(fs.existsSync(home + '/slow') ? fs.readFileSync(home + '/slow', 'utf8') : 0);
  await new Promise(resolve => setTimeout(resolve, slow));
  const { models, agents } = JSON.parse(fs.readFileSync(home + '/.openclaw/openclaw.json', 'utf8'));
  const { primary, fallbacks } = agents.defaults.model;
  const attempts = [];
  for (const reference of [primary, ...fallbacks]) {
    const [provider, model] = reference.split('/');
    const { baseUrl } = models.providers[provider];
    const response = await fetch(baseUrl + '/models', { headers: { authorization: 'Bearer ${key}' } }).catch(() => undefined);
    attempts.push({ provider, model, result: response ? 'success' : 'timeout' });
    if (!response) continue;
    console.log(JSON.stringify({ meta: { executionTrace: { winnerProvider: provider, winnerModel: model, attempts, fallbackUsed: attempts.length > 1 } } }));
    process.exit(0);
  }
  process.exit(1);
})();
`;

const config = {
  models: {
    providers: {
      litellm: {
        baseUrl: 'http://127.0.0.1:4000/v1',
        apiKey: '${LITELLM_KEY}',
        api: 'openai-completions',
        models: [{ id: 'claude', name: 'Claude' }],
      },
      'remote-litellm': {
        baseUrl: 'http://127.0.0.1:5000/v1',
        apiKey: '${LITELLM_KEY}',
        api: 'openai-completions',
        models: [{ id: 'claude', name: 'Claude' }],
      },
    },
  },
  agents: { defaults: { model: { primary: 'litellm/claude', fallbacks: ['remote-litellm/claude'] } } },
};

const services = {
  'litellm.service': `[Service]
ExecStart=${home}/.local/bin/litellm --port 4000 --host 127.0.0.1
Restart=always
RestartSec=1
[Install]
WantedBy=default.target
`,
  'openclaw-gateway.service': `[Service]
ExecStart=/usr/local/bin/node ${home}/lib/node_modules/openclaw/dist/index.js gateway
Restart=always
[Install]
WantedBy=default.target
`,
};

for (const systemd of [247, 262]) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'], slow: systemd === 247 }, lab => {
    let host: Host;

    beforeAll(async () => {
      host = await lab.host();
      const write = (file: string, text: string, mode = 0o644) =>
        host.writeFile(file, text, { user: 'kuma', mode });
      await write(`${home}/.local/bin/litellm`, proxy(4000), 0o755);
      await write(`${home}/lib/node_modules/openclaw/dist/index.js`, openclaw);
      await write(`${home}/.openclaw/openclaw.json`, JSON.stringify(config), 0o600);
      await write(`${home}/.openclaw/.env`, `LITELLM_KEY=${key}\n`, 0o600);
      for (const [name, text] of Object.entries(services)) await write(`${units}/${name}`, text);
      await host.writeFile('/srv/remote.js', proxy(5000));
      await host.writeFile(
        '/etc/systemd/system/remote.service',
        '[Service]\nExecStart=/usr/local/bin/node /srv/remote.js\n[Install]\nWantedBy=multi-user.target\n',
      );
      await host.exec(['systemctl', 'enable', '--now', 'remote']);
      await systemctl('daemon-reload');
      await systemctl('enable', '--now', 'litellm', 'openclaw-gateway');
      await ready();
    }, 60_000);

    afterEach(async () => {
      await host.exec(['rm', '-f', `${home}/slow`, `${home}/asked`], { user: 'kuma' });
      // The next test is to find all as it was.
      await waitFor('the end', 30_000, async () => (await state('tester')) !== 'active' || undefined);
      await ready();
    });

    async function systemctl(...args: readonly string[]): Promise<string> {
      return (await host.exec(['systemctl', '--user', ...args], { user: 'kuma' })).stdout;
    }

    async function daruma(...args: readonly string[]): Promise<RunResult> {
      return host.exec([...cli, ...args], { user: 'kuma', timeoutMs: 200_000 });
    }

    async function state(unit = 'litellm.service'): Promise<string> {
      return (await systemctl('is-active', unit)).trim();
    }

    async function mainPid(): Promise<string> {
      return (await systemctl('show', '-p', 'MainPID', '--value', 'litellm')).trim();
    }

    /** Timers and services of daruma's own that are still there. */
    async function promises(): Promise<string> {
      return (await systemctl('list-units', '--all', '--no-legend', 'daruma-*')).trim();
    }

    async function ready(): Promise<void> {
      await waitFor('the proxy', 20_000, async () => {
        const ask = "fetch('http://127.0.0.1:4000/health/readiness').then(() => 0, () => process.exit(1))";
        const { code } = await host.exec(['node', '-e', ask]);
        return code === 0 || undefined;
      });
    }

    /** The proxy is down then. */
    async function untilAsked(timeoutMs: number): Promise<void> {
      await waitFor('the turn', timeoutMs, async () => {
        const { code } = await host.exec(['test', '-f', `${home}/asked`]);
        return code === 0 || undefined;
      });
    }

    /** Daruma in a unit of its own, whose turn takes long; returns when the proxy is down and OpenClaw is asked. */
    async function inTheMiddle(properties: readonly string[] = [], terminal: readonly string[] = []) {
      const command = [...cli, 'test', '--down', '--yes'];
      await host.writeFile(`${home}/slow`, '100000', { user: 'kuma' });
      const output = ['-p', `StandardOutput=file:${home}/out`, '-p', `StandardError=file:${home}/err`];
      const unit = ['systemd-run', '--user', '--collect', '--unit=tester', ...properties, ...output, '--'];
      const argv = terminal.length === 0 ? command : [...terminal, command.join(' '), '/dev/null'];
      await host.exec([...unit, ...argv], { user: 'kuma' });
      await untilAsked(40_000);
      expect(await state()).toBe('inactive');
      expect(await state('daruma-start-again-litellm.timer')).toBe('active');
    }

    function kill(signal: string): Promise<string> {
      return systemctl('kill', '--kill-who=main', `--signal=${signal}`, 'tester');
    }

    // What says nothing is waited for until it has run for two minutes.
    test('a chain with nothing wrong gives no finding', { timeout: 240_000 }, async () => {
      const { code, stdout, stderr } = await daruma('check', '--json');
      const document = JSON.parse(stdout);
      expect({ code, findings: document.findings, stderr }).toEqual({
        // The gateway, which is none of OpenClaw's, does not say what it works with.
        code: 3,
        findings: [],
        stderr: expect.stringMatching(/^asking 2 addresses/),
      });
      expect(document.inForce).toMatchObject([{ state: 'unknown' }]);
      expect(document.links).toMatchObject([
        { kind: 'provider', name: 'litellm', modelCount: 1 },
        { kind: 'provider', name: 'remote-litellm', modelCount: 1 },
      ]);
      expect(stdout + stderr).not.toContain(key);
    });

    test('it asks each provider, stops the proxy, is answered by the other, and has it back', {
      timeout: 60_000,
    }, async () => {
      const before = await mainPid();
      const { code, stdout, stderr } = await daruma('test', '--down', '--yes', '--json');
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(JSON.parse(stdout)).toMatchObject({
        completions: [
          { provider: 'litellm', model: 'claude', status: 200, fault: null },
          { provider: 'remote-litellm', model: 'claude', status: 200, fault: null },
        ],
        outage: {
          unit: 'litellm.service',
          agent: 'main',
          turn: { outcome: 'answered', answeredBy: 'remote-litellm/claude' },
          throughFallback: true,
          cameBackEarly: false,
          end: 'ready',
          passed: true,
        },
        passed: true,
      });
      expect(await state()).toBe('active');
      expect(await mainPid()).not.toBe(before);
      expect(await promises()).toBe('');
      expect(stdout + stderr).not.toContain(key);
    });

    test('kill -9 of daruma in the middle: the manager starts the proxy again', {
      timeout: 150_000,
    }, async () => {
      await inTheMiddle();
      await kill('KILL');
      await waitFor('the proxy', 45_000, async () => (await state()) === 'active' || undefined);
      expect(await promises()).toBe('');
    });

    test('the timer is put off as long as daruma lives', { timeout: 150_000 }, async () => {
      await inTheMiddle();
      await sleep(40_000);
      expect(await state()).toBe('inactive');
      await kill('INT');
      await waitFor('the proxy', 20_000, async () => (await state()) === 'active' || undefined);
    });

    test.each(['INT', 'TERM', 'HUP'])(
      'SIG%s in the middle: the proxy runs again at once',
      {
        timeout: 90_000,
      },
      async signal => {
        await inTheMiddle();
        await kill(signal);
        await waitFor('the proxy', 20_000, async () => (await state()) === 'active' || undefined);
        await waitFor('the end', 20_000, async () => (await state('tester')) === 'inactive' || undefined);
        await waitFor('the end', 20_000, async () => (await state('tester')) !== 'active' || undefined);
        expect((await host.exec(['cat', `${home}/err`])).stdout).toMatch(
          /interrupted; litellm\.service runs again\n$/,
        );
        expect(await promises()).toBe('');
      },
    );

    test('a terminal that is lost in the middle: the proxy runs again at once', {
      timeout: 90_000,
    }, async () => {
      await inTheMiddle(['-p', 'KillMode=process'], ['script', '--quiet', '--command']);
      // Whoever holds the other end of the terminal is gone, as sshd is when the line breaks.
      await kill('KILL');
      await waitFor('the proxy', 20_000, async () => (await state()) === 'active' || undefined);
      await waitFor('no promise', 20_000, async () => (await promises()) === '' || undefined);
      expect(await state()).toBe('active');
    });

    test('the plug pulled in the middle: the proxy runs after the boot', { timeout: 90_000 }, async () => {
      await inTheMiddle();
      await host.powerOff();
      await host.boot();
      await waitFor('the proxy', 40_000, async () => (await state()) === 'active' || undefined);
      expect(await promises()).toBe('');
      await ready();
    });

    test('somebody who starts it in the middle has made the test worthless', {
      timeout: 60_000,
    }, async () => {
      await host.writeFile(`${home}/slow`, '4000', { user: 'kuma' });
      const running = daruma('test', '--down', '--yes', '--json');
      await untilAsked(30_000);
      await systemctl('start', 'litellm');
      const { code, stdout } = await running;
      expect(JSON.parse(stdout)).toMatchObject({
        outage: { cameBackEarly: true, passed: false, end: 'ready' },
        passed: false,
      });
      expect([code, await state(), await promises()]).toEqual([1, 'active', '']);
    });

    test('whoever starts it in the moment it has stopped, or is quick about it, is noticed as well', {
      timeout: 60_000,
    }, async () => {
      await host.writeFile(`${home}/slow`, '4000', { user: 'kuma' });
      const atOnce =
        'while systemctl --user is-active --quiet litellm; do :; done; systemctl --user start litellm';
      const opponent = host.exec(['sh', '-c', atOnce], { user: 'kuma', timeoutMs: 50_000 });
      const { code, stdout } = await daruma('test', '--down', '--yes', '--json');
      await opponent;
      expect(JSON.parse(stdout)).toMatchObject({
        outage: { turn: null, cameBackEarly: true, passed: false, end: 'ready' },
        passed: false,
      });
      expect([code, await state(), await promises()]).toEqual([1, 'active', '']);
      const asked = `until test -f ${home}/asked; do sleep 0.1; done`;
      const forAWhile = 'systemctl --user start litellm; systemctl --user stop litellm';
      const visitor = host.exec(['sh', '-c', `${asked}; ${forAWhile}`], { user: 'kuma', timeoutMs: 50_000 });
      const second = await daruma('test', '--down', '--yes', '--json');
      await visitor;
      expect(JSON.parse(second.stdout)).toMatchObject({
        outage: { turn: { outcome: 'answered' }, cameBackEarly: true, passed: false, end: 'ready' },
        passed: false,
      });
    });

    test('two tests at once: the second one does nothing', { timeout: 90_000 }, async () => {
      await inTheMiddle();
      const { code, stderr } = await daruma('test', '--down', '--yes');
      // A start would make the other one worthless: none is advised.
      expect([code, stderr]).toEqual([
        3,
        expect.stringMatching(/another test of litellm\.service is under way(?![^]*systemctl)/),
      ]);
      await kill('INT');
      await waitFor('the proxy', 20_000, async () => (await state()) === 'active' || undefined);
    });

    test('what an operator has stopped stays stopped', { timeout: 30_000 }, async () => {
      await systemctl('stop', 'litellm');
      const { code, stderr } = await daruma('test', '--down', '--yes');
      expect([code, stderr]).toEqual([2, expect.stringMatching(/does not run \(inactive\)/)]);
      expect(await state()).toBe('inactive');
      await systemctl('start', 'litellm');
      await ready();
    });

    test('what would stay down after a reboot is not stopped', { timeout: 60_000 }, async () => {
      await systemctl('disable', 'litellm');
      const before = await mainPid();
      expect(await daruma('test', '--down', '--yes')).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/would stay down.*daruma fix litellm\.service/),
      });
      await systemctl('enable', 'litellm');
      // Without lingering the manager ends with the last session.
      await host.exec(['systemd-run', '--unit=session', 'su', '-', 'kuma', '-c', 'sleep 600']);
      await waitFor('the session', 10_000, async () => {
        const { stdout } = await host.exec(['loginctl', 'list-sessions', '--no-legend']);
        // Newer ones list the manager's own as well, which goes with lingering.
        return stdout.split('\n').some(line => /kuma(?!.*manager)/.test(line)) || undefined;
      });
      await host.exec(['loginctl', 'disable-linger', 'kuma']);
      expect(await daruma('test', '--down', '--yes')).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/would stay down/),
      });
      expect(await mainPid()).toBe(before);
      await host.exec(['loginctl', 'enable-linger', 'kuma']);
      await host.exec(['systemctl', 'stop', 'session']);
      await ready();
    });

    test('what takes others down with it is not stopped', { timeout: 30_000 }, async () => {
      const dropIn = `${units}/openclaw-gateway.service.d/tie.conf`;
      await host.writeFile(dropIn, '[Unit]\nRequires=litellm.service\n', { user: 'kuma' });
      await systemctl('daemon-reload');
      expect(await daruma('test', '--down', '--yes')).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/openclaw-gateway\.service would be stopped together/),
      });
      await host.exec(['rm', dropIn], { user: 'kuma' });
      await systemctl('daemon-reload');
    });

    test('where no fallback answers, nothing is stopped', { timeout: 60_000 }, async () => {
      await host.exec(['systemctl', 'stop', 'remote']);
      const before = await mainPid();
      expect(await daruma('test', '--down', '--yes')).toMatchObject({
        code: 3,
        stdout: expect.stringMatching(/remote-litellm\/claude does not answer/),
        stderr: expect.stringMatching(/was not stopped/),
      });
      expect(await mainPid()).toBe(before);
      await host.exec(['systemctl', 'start', 'remote']);
    });
  });
}
