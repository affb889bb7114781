/** The front on two machines with OpenClaw, LiteLLM and HAProxy as they are published. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test, vi } from 'vitest';
import { describeLab } from '../../../lab/vitest.ts';
import { schemaErrors } from '../../report/schema-errors.ts';
import { local } from '../booted-squad.ts';
import {
  addCopilotApi,
  addLitellm,
  daruma,
  home,
  keyOf,
  must,
  startGateway,
  startLitellm,
  systemctl,
  user,
} from '../machine.ts';
import { bootSquads, configFile, minuteMs, needs, patience, turned, withoutProgress } from '../squads.ts';
import { askFor } from './load-on-host.ts';

const front = 'daruma-front.service';

describeLab('the front', { ...needs, commands: [...needs.commands, 'haproxy'] }, () => {
  const squads = bootSquads(local);
  const neko = () => squads().neko;

  /** Asks through the front for a while; `meanwhile` happens in the middle of it. */
  const load = async (count: number, meanwhile: () => Promise<unknown> = () => Promise.resolve()) => {
    const asking = askFor(neko(), { port: 4010, count });
    await sleep(2_000);
    await meanwhile();
    const result = await asking;
    console.info(JSON.stringify(result));
    return result;
  };
  const ask = async (...headers: readonly string[]) => {
    const body = JSON.stringify({ model: 'claude-opus-4.6', messages: [{ role: 'user', content: 'ping' }] });
    const { stdout } = await neko().exec(
      [
        'curl',
        '-s',
        '-m',
        '60',
        '-w',
        ' %{http_code}',
        '-H',
        'content-type: application/json',
        ...headers.flatMap(header => ['-H', header]),
        '-d',
        body,
        'http://127.0.0.1:4010/v1/chat/completions',
      ],
      { user, timeoutMs: minuteMs },
    );
    return stdout.slice(-3);
  };
  const nowSaid = async () => {
    const { stdout } = await daruma(neko(), 'failover');
    return stdout
      .split('\n')
      .find(line => /→ .*is asked/.test(line))
      ?.trim();
  };
  const litellmBack = async () => {
    await startLitellm(neko());
    await vi.waitFor(async () => expect(await nowSaid()).toMatch(/^→ litellm\.service is asked/), patience);
  };
  /** What an undo has to restore. */
  const state = async () =>
    must(
      neko(),
      [
        'bash',
        '-c',
        'cd ~ && find .openclaw/openclaw.json .openclaw/*.key .config -type f -o -type l | sort | xargs -r sha256sum 2>/dev/null; find .config -type l -printf "%p %l\\n" | sort',
      ],
      user,
    );

  let before = '';

  beforeAll(async () => {
    await startGateway(neko());
    before = await state();
  }, 10 * minuteMs);

  test('is set up when HAProxy has taken it and is up', { timeout: 10 * minuteMs }, async () => {
    const { code, stdout, stderr } = await daruma(neko(), 'failover', 'apply', '--front', '--yes');
    expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('The front at http://127.0.0.1:4010: alive');
  });

  test('is asked by the gateway, and leads to the LiteLLM of its machine', {
    timeout: 10 * minuteMs,
  }, async () => {
    expect(readFileSync(join(neko().rootDir, configFile), 'utf8')).toContain('http://127.0.0.1:4010/v1');
    expect(await turned('nothing, through the front', neko())).toEqual(['answered by neko', 'litellm']);
    expect(await nowSaid()).toMatch(/^→ litellm\.service is asked/);
    const { stdout } = await daruma(neko(), 'failover', '--json');
    expect(schemaErrors('failover-status', JSON.parse(stdout))).toEqual([]);
    const again = await daruma(neko(), 'failover', 'apply', '--yes');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to change') });
  });

  test('loses no request when LiteLLM is killed under load', { timeout: 10 * minuteMs }, async () => {
    const { by, lost } = await load(300, () => systemctl(neko(), 'kill', '--signal=KILL', 'litellm'));
    expect(lost).toEqual({});
    expect(by).toMatchObject({ neko: expect.any(Number), kuma: expect.any(Number) });
    await litellmBack();
  });

  test('answers what hangs in LiteLLM through the other machine', { timeout: 10 * minuteMs }, async () => {
    const { lost, by } = await load(200, () => systemctl(neko(), 'kill', '--signal=STOP', 'litellm'));
    expect(lost).toEqual({});
    expect(by).toMatchObject({ kuma: expect.any(Number) });
    expect(await nowSaid()).toMatch(/^→ kuma is asked in place of litellm\.service, which is down/);
    await systemctl(neko(), 'kill', '--signal=CONT', 'litellm');
    await litellmBack();
  });

  test.each([
    ['stop', { standIn: 'kuma', throughFallback: true }],
    ['kill', {}],
    ['hang', { standIn: 'kuma', throughFallback: true }],
  ])(
    'answers an agent in its turn while failover test has LiteLLM fall: %s',
    {
      timeout: 10 * minuteMs,
    },
    async (how, more) => {
      const { code, stdout } = await daruma(neko(), 'failover', 'test', `--down=${how}`, '--yes', '--json');
      console.info(stdout);
      // OpenClaw has not fallen back: the front has answered.
      expect(JSON.parse(stdout)).toMatchObject({
        outage: {
          fall: how,
          unit: 'litellm.service',
          turn: { outcome: 'answered', answeredBy: 'litellm/claude-opus-4.6' },
          stream: {
            lost: 0,
            by: expect.arrayContaining([{ machine: 'kuma', answers: expect.any(Number) }]),
            againSeconds: expect.any(Number),
          },
          end: 'ready',
          passed: true,
          ...more,
        },
      });
      expect(code).toBe(0);
    },
  );

  test('lets LiteLLM go on where the process that made it hang is gone', {
    timeout: 10 * minuteMs,
  }, async () => {
    const states = async () =>
      must(neko(), ['bash', '-c', 'ps -o stat= -p "$(pgrep -f litellm | paste -sd,)"'], user);
    const testing = daruma(neko(), 'failover', 'test', '--down=hang', '--yes');
    await vi.waitFor(async () => expect(await states()).toMatch(/^T/m), patience);
    await must(neko(), ['pkill', '-KILL', '-f', 'failover test'], user);
    await testing;
    await vi.waitFor(async () => expect(await states()).not.toMatch(/^T/m), patience);
    await litellmBack();
  });

  test('answers nobody without a key when LiteLLM is stopped', { timeout: 10 * minuteMs }, async () => {
    await systemctl(neko(), 'stop', 'litellm');
    expect(await ask()).toBe('401');
    expect(await ask(`authorization: Bearer ${keyOf('kuma')}`)).toBe('401');
    expect(await ask(`authorization: Bearer ${keyOf('neko')}`)).toBe('200');
    await litellmBack();
  });

  test('refuses what has been through a front', { timeout: minuteMs }, async () => {
    expect(await ask(`authorization: Bearer ${keyOf('neko')}`, 'x-daruma-front: kuma')).toBe('508');
  });

  test('refuses no new connection when it is killed itself, or restarted', {
    timeout: 10 * minuteMs,
  }, async () => {
    const killed = await load(200, () => systemctl(neko(), 'kill', '--signal=KILL', front));
    // What is in flight at that moment is cut.
    expect(Object.keys(killed.lost).filter(code => code !== 'ECONNRESET')).toEqual([]);
    expect(await load(200, () => systemctl(neko(), 'reload', front))).toMatchObject({ lost: {} });
    expect(await systemctl(neko(), 'is-active', front)).toBe('active\n');
  });

  test('has what a person adds to its configuration by the next apply, and takes nothing that HAProxy does not', {
    timeout: 10 * minuteMs,
  }, async () => {
    const file = `${home}/.config/daruma/front/front.cfg`;
    const shown = async () => (await daruma(neko(), 'failover')).stdout.replaceAll(/\s+/g, ' ');
    const original = await must(neko(), ['cat', file], user);
    await sleep(2_000);
    await must(neko(), ['bash', '-c', `echo nonsense >> ${file}`], user);
    expect(await shown()).toContain('was changed after HAProxy had read it');
    const refused = await daruma(neko(), 'failover', 'apply', '--yes');
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('nonsense') });
    await neko().writeFile(file, `${original}# mine\n`, { user, mode: 0o600 });
    const taken = await daruma(neko(), 'failover', 'apply', '--yes');
    expect(taken).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('read the configuration of the front again'),
    });
    expect(await shown()).not.toContain('was changed after HAProxy');
    await neko().writeFile(file, original, { user, mode: 0o600 });
  });

  test('goes without a trace, and the gateway asks LiteLLM again', { timeout: 10 * minuteMs }, async () => {
    const { code, stdout } = await daruma(neko(), 'undo', '--yes');
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(await state()).toBe(before);
    expect(await systemctl(neko(), 'list-units', '--all', '--plain', '--no-legend', 'daruma-front*')).toBe(
      '',
    );
    expect(await must(neko(), ['ls', `${home}/.config/daruma`], user)).not.toContain('front');
    expect(await turned('the front taken back', neko())).toEqual(['answered by neko', 'litellm']);
  });

  test('leads elsewhere where LiteLLM lives, and the one service that its models come from does not', {
    timeout: 10 * minuteMs,
  }, async () => {
    await addCopilotApi(neko());
    await addLitellm(neko(), { upstream: 'http://127.0.0.1:4141/v1' });
    await systemctl(neko(), 'restart', 'litellm');
    await startLitellm(neko());
    expect(await daruma(neko(), 'failover', 'apply', '--front', '--yes')).toMatchObject({ code: 0 });
    expect(await load(20)).toMatchObject({ lost: {}, by: { neko: 20 } });
    const { lost, by } = await load(200, () => systemctl(neko(), 'stop', 'copilot-api'));
    expect({ lost, by }).toEqual({ lost: {}, by: { neko: expect.any(Number), kuma: expect.any(Number) } });
    expect(await nowSaid()).toMatch(/^→ kuma is asked in place of litellm\.service/);
    await systemctl(neko(), 'start', 'copilot-api');
    await vi.waitFor(async () => expect(await nowSaid()).toMatch(/^→ litellm\.service is asked/), patience);
  });
});
