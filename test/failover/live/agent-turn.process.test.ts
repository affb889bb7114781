/** A turn of an agent, asked through a program that stands in for OpenClaw's command line. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { askAgent, type OpenclawCommand } from '../../../src/failover/live/agent-turn.ts';
import { unpackedRoot } from '../../support/root.ts';

const never = new AbortController().signal;

function program(code: string): OpenclawCommand {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-turn-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'openclaw.mjs');
  fs.writeFileSync(file, code);
  return { argv: [process.execPath, file], environment: process.env };
}

const trace = {
  winnerProvider: 'remote-litellm',
  winnerModel: 'claude',
  attempts: [
    { provider: 'litellm', model: 'claude', result: 'timeout' },
    { provider: 'remote-litellm', model: 'claude', result: 'success' },
  ],
  fallbackUsed: true,
};

it.each([
  ['alone', { meta: { executionTrace: trace } }],
  ['through the gateway', { runId: 'r', result: { meta: { agentMeta: {}, executionTrace: trace } } }],
])('says who answered, %s', async (_, document) => {
  const turn = await askAgent(
    'main',
    program(
      `console.log('a line of a log');\nconsole.log(${JSON.stringify(JSON.stringify(document, null, 2))});`,
    ),
    20,
    never,
  );
  expect(turn).toMatchObject({
    outcome: 'answered',
    answeredBy: 'remote-litellm/claude',
    attempts: [
      { model: 'litellm/claude', result: 'timeout' },
      { model: 'remote-litellm/claude', result: 'success' },
    ],
  });
});

it.each([
  ['that are never closed', '{"a":\\n'],
  ['that are documents of their own', '{"level":"info","text":"\\\\"{["}\\n'],
])('finds the document behind hundreds of thousands of lines that begin as one, %s', async (_, line) => {
  const document = JSON.stringify(JSON.stringify({ meta: { executionTrace: trace } }, null, 2));
  const code = `process.stdout.write('${line}'.repeat(3_000_000 / '${line}'.length));\nconsole.log(${document});`;
  const turn = await askAgent('main', program(code), 60, never);
  expect(turn).toMatchObject({ outcome: 'answered', answeredBy: 'remote-litellm/claude' });
});

it('takes an answer for one although the program does not end', { timeout: 20_000 }, async () => {
  const document = JSON.stringify(JSON.stringify({ meta: { executionTrace: trace } }));
  const code = `console.log(${document});\nsetInterval(() => {}, 1000);`;
  const startMs = performance.now();
  const turn = await askAgent('main', program(code), 60, never);
  expect(turn).toMatchObject({ outcome: 'answered', answeredBy: 'remote-litellm/claude' });
  // The time that it was left to end by itself is not part of the answer's.
  expect((performance.now() - startMs) / 1_000 - turn.seconds).toBeGreaterThan(4);
});

it('asks as a person would', async () => {
  const turn = await askAgent(
    'ops',
    program('console.error(process.argv.slice(2).join(" ")); process.exit(1)'),
    20,
    never,
  );
  expect(turn.said).toMatch(
    /^agent --agent=ops --session-id daruma-failover-test-\d+ --message .* --timeout 20 --json$/,
  );
});

it.each([
  ['an end with a fault', 'console.error("no answer"); process.exit(1)', 'no answer'],
  [
    'an end with a document',
    `console.log(JSON.stringify({ ok: false, error: { message: 'Gateway not reachable.\\nStart it.' } })); process.exit(1)`,
    'Gateway not reachable.',
  ],
  ['no document', 'console.log("well"); ', 'well'],
  ['a document without a winner', `console.log('{"meta":{"executionTrace":{"attempts":[]}}}')`, ''],
])('%s is no answer', async (_, code, said) => {
  const turn = await askAgent('main', program(code), 20, never);
  expect(turn).toMatchObject({ outcome: 'failed', answeredBy: null, said });
});

it('a program that there is not is no answer', async () => {
  const turn = await askAgent('main', { argv: ['/nonexistent/openclaw'], environment: {} }, 20, never);
  expect(turn).toMatchObject({ outcome: 'failed', said: expect.stringContaining('ENOENT') });
});

const deaf = (pidFile: string) => `
import fs from 'node:fs';
process.on('SIGTERM', () => {});
fs.writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
setInterval(() => {}, 1000);
`;

it('one that hangs and hears nothing is ended, and waited for no longer than asked', async () => {
  const pidFile = path.join(os.tmpdir(), `daruma-turn-${process.pid}`);
  onTestFinished(() => fs.rmSync(pidFile, { force: true }));
  const turn = await askAgent('main', program(deaf(pidFile)), 1, never);
  expect(turn).toMatchObject({ outcome: 'timeout' });
  expect(() => process.kill(Number(fs.readFileSync(pidFile, 'utf8')), 0)).toThrow(/ESRCH/);
});

it('one that is interrupted is ended', async () => {
  const interruption = new AbortController();
  const started = path.join(unpackedRoot({}), 'started');
  const code = `await import('node:fs').then(fs => fs.writeFileSync(${JSON.stringify(started)}, '')); setInterval(() => {}, 1000)`;
  const turning = askAgent('main', program(code), 60, interruption.signal);
  await expect.poll(() => fs.existsSync(started), { timeout: 30_000 }).toBe(true);
  interruption.abort();
  expect(await turning).toMatchObject({ outcome: 'interrupted' });
  expect(
    await askAgent('main', program('setInterval(() => {}, 1000)'), 60, interruption.signal),
  ).toMatchObject({
    outcome: 'interrupted',
  });
});
