/** The end of a log in a message, whatever a service has written there. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { lastLines, lastLogLines } from '../../src/notify/last-lines.ts';
import { unpackedRoot } from '../support/root.ts';

const run = '329bc379a6784f51bdfec217ab0f6faa';
const whole = (text: string) => ({ text, isWhole: true });

const wanted = { count: 2, secrets: [], identifierOf: () => undefined };

describe('the last lines of a log', () => {
  it('what the program knows is hidden, however it is written', () => {
    const said = 'gateway started with token EXAMPLE-kuma-gateway\nopened ?t=EXAMPLE-kuma-gateway&x=1\n';
    expect(lastLines(whole(said), 2, ['EXAMPLE-kuma-gateway'])).toEqual([
      'gateway started with token ***',
      'opened ?t=***&x=1',
    ]);
  });

  it('are as many as are wanted, of those with something in them', () => {
    expect(lastLines(whole('a\n\nb\n \nc\n'), 2, [])).toEqual(['b', 'c']);
  });

  it('tell of a fault, also where a program gives out its stdout after that, at its end', () => {
    const lines = ['a: FATAL db gone', 'a: banner v1', 'a: ready', 'a: request 1', 'a: request 2'];
    const of = (count: number) => lastLines(whole(lines.join('\n')), count, []);
    expect(of(5)).toEqual(lines);
    expect(of(4)).toEqual(['a: FATAL db gone', 'a: banner v1', '…', 'a: request 1', 'a: request 2']);
    expect(of(3)).toEqual(['a: FATAL db gone', 'a: banner v1', '…', 'a: request 2']);
    expect(of(1)).toEqual(['a: FATAL db gone', '…']);
    // Where the last lines tell of one themselves, they are left as they are.
    const again = [...lines, 'a: Error: later', 'a: bye'];
    expect(lastLines(whole(again.join('\n')), 2, [])).toEqual(['a: Error: later', 'a: bye']);
    expect(lastLines(whole(lines.slice(1).join('\n')), 2, [])).toEqual(['a: request 1', 'a: request 2']);
  });

  it('take no refused key of a caller for a fault', () => {
    const refused =
      '17:55:42 - LiteLLM Proxy:ERROR: auth_exception_handler.py:207 - litellm.proxy.proxy_server.user_api_key_auth(): Exception occured - No connected db.';
    expect(lastLines(whole(['a: FATAL db gone', refused, 'b', 'c'].join('\n')), 2, [])).toEqual([
      'a: FATAL db gone',
      '…',
      'c',
    ]);
    expect(lastLines(whole([refused, 'b', 'c'].join('\n')), 2, [])).toEqual(['b', 'c']);
  });

  it('are none of them long, which is said', () => {
    const [line] = lastLines(whole(`begins ${'x'.repeat(9_000)} ends\n`), 5, []);
    expect(line).toMatch(/^begins x+ … x+ ends$/);
    expect(line).toHaveLength(200);
  });

  it('have no secret that began further up', () => {
    const key = ['-----BEGIN', 'RSA PRIVATE KEY-----'].join(' ');
    const body = Array.from({ length: 30 }, () => 'MIIEpAIBAAKCAQEAxyz0123456789');
    const end = key.replace('BEGIN', 'END');
    expect(lastLines(whole([key, ...body, end, 'done'].join('\n')), 3, [])).toEqual(['***', '***', 'done']);
    // The journal may begin in the middle of it.
    expect(lastLines(whole([...body, end, 'done'].join('\n')), 3, [])).toEqual(['***', '***', 'done']);
    expect(lastLines(whole('"token":\n  "hunter2",\n"port": 1'), 2, [])).toEqual(['  ***,', '"port": 1']);
  });

  it('have no secret among colours', () => {
    const text =
      '\u001B[31mAPI_KEY\u001B[0m=hunter22\n"\u001B[34mtoken\u001B[39m": "\u001B[32mhunter22\u001B[39m"\n';
    expect(lastLines(whole(text), 2, [])).toEqual(['API_KEY=***', '"token": ***']);
  });

  it('are what a terminal shows: no colours, titles and links, and of a progress bar only its end', () => {
    const lines = [
      '\u001B[1;31mError\u001B[0m \u009B4munder\u009B0m',
      '\u001B]0;title\u0007after \u001B]8;;https://example.org\u001B\\link\u001B]8;;\u001B\\',
      '^[[32mgreen^[[0m #033[33myellow#033[0m',
      ' 10 %\r 50 %\r100 %\r',
      'one\r\ntwo\r',
    ];
    expect(lastLines(whole(lines.join('\n')), 9, [])).toEqual([
      'Error under',
      'after link',
      'green yellow',
      '100 %',
      'one',
      'two',
    ]);
    const bar = '50 %\r'.repeat(100_000);
    expect(lastLines(whole(`${bar}done`), 1, [])).toEqual(['done']);
  });

  it('are there at once, also where a line is made to be looked through for minutes', () => {
    const line = 'api-key'.repeat(1_200);
    expect(lastLines(whole(`${line}\nlast`), 2, [])).toEqual([expect.stringContaining('…'), 'last']);
  });

  it('show nothing of what may belong to a secret that began before', () => {
    const text = `${'b'.repeat(5_000)}" tail of it\n${'line\n'.repeat(10)}`;
    expect(lastLines({ text, isWhole: false }, 100, [])).toEqual([
      '…',
      'tail of it',
      ...Array.from({ length: 10 }, () => 'line'),
    ]);
  });
});

describe('the journal of a service', () => {
  /** Stands where journalctl is looked for. */
  function journalOf(script: string): void {
    const folder = unpackedRoot({});
    fs.writeFileSync(path.join(folder, 'journalctl'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
    onTestFinished(() => void vi.unstubAllEnvs());
  }

  it('may hold a line of any length', async () => {
    journalOf(`head -c 52428800 /dev/zero | tr '\\0' x; echo; echo 'token: abc'; echo last`);
    expect(await lastLogLines('a.service', 'user', run, wanted, process.env)).toEqual(['token: ***', 'last']);
  });

  it('is asked for the one run that ended, and for none where its id is not known', async () => {
    journalOf('echo "$@"');
    const [asked] = await lastLogLines('a.service', 'user', run, wanted, process.env);
    expect(asked).toMatch(new RegExp(`_SYSTEMD_INVOCATION_ID=${run}$`));
    expect(await lastLogLines('a.service', 'user', '', wanted, process.env)).toEqual([]);
  });

  it('is asked for what the manager wrote of it where its processes wrote nothing', async () => {
    journalOf('case "$*" in *+*) echo "$@";; esac');
    const [asked] = await lastLogLines('a.service', 'user', run, wanted, process.env);
    expect(asked).toMatch(new RegExp(`_SYSTEMD_INVOCATION_ID=${run} \\+ USER_INVOCATION_ID=${run}$`));
  });

  it('has of the manager what it wrote of the run, and nothing of the next start', async () => {
    const restart = 'a.service: Scheduled restart job, restart counter is at 3.\\nStopped a.service.';
    journalOf(`case "$*" in *+*) printf "a.service: Failed with result 'signal'.\\n${restart}\\n";; esac`);
    expect(await lastLogLines('a.service', 'user', run, wanted, process.env)).toEqual([
      "a.service: Failed with result 'signal'.",
    ]);
  });

  it.each(['exit 1', 'kill -9 $$', 'echo half; exit 3'])(
    'leaves the message alone where it fails: %s',
    async script => {
      journalOf(script);
      expect(await lastLogLines('a.service', 'user', run, wanted, process.env)).toEqual([]);
    },
  );
});
