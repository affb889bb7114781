import { appendFileSync, existsSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A provider of models as LiteLLM asks one: `/v1/models` and `/v1/chat/completions` of the OpenAI API, whole or streamed, and the
 * sign of life of copilot-api, in whose place it can stand.
 * It answers with the words `answered by NAME`, or with 503 while there is a file beside the lines that ends in `.down`, and
 * writes a line for each request. A stream that is asked for by `N pieces` has full stops behind these words, one every 250 ms.
 *
 * Arguments: its name, the address and port to listen on, the file for the lines (`TIME METHOD PATH`).
 */
const [name = '', address = '', port = '', log = ''] = process.argv.slice(2);
const models = ['claude-opus-4.6', 'claude-sonnet-4'];
const words = ['answered', ' by', ` ${name}`];
const usage = { prompt_tokens: 1, completion_tokens: words.length, total_tokens: words.length + 1 };

createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://upstream');
  appendFileSync(log, `${new Date().toISOString()} ${request.method} ${pathname}\n`);
  if (existsSync(`${log}.down`)) {
    response.writeHead(503).end();
    return;
  }
  if (pathname === '/v1/models') {
    send(response, { object: 'list', data: models.map(id => ({ id, object: 'model', owned_by: name })) });
    return;
  }
  if (pathname === '/') {
    response.end('Server running');
    return;
  }
  if (pathname !== '/v1/chat/completions') {
    response.writeHead(404).end();
    return;
  }
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    const asked: unknown = JSON.parse(body);
    if (isRecord(asked) && asked['stream'] === true) void stream(response, asked);
    else {
      const message = { role: 'assistant', content: words.join('') };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      send(response, { ...completion('chat.completion', modelOf(asked)), choices, usage });
    }
  });
}).listen(Number(port), address);

function modelOf(asked: unknown): unknown {
  return isRecord(asked) ? asked['model'] : undefined;
}

function completion(object: string, model: unknown) {
  return { id: `chatcmpl-${process.hrtime.bigint()}`, object, created: Math.floor(Date.now() / 1000), model };
}

function send(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
}

async function stream(response: ServerResponse, asked: Readonly<Record<string, unknown>>): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const head = completion('chat.completion.chunk', asked['model']);
  const event = (value: unknown) => response.write(`data: ${JSON.stringify(value)}\n\n`);
  const choice = (delta: unknown, reason: string | null) => [{ index: 0, delta, finish_reason: reason }];
  event({ ...head, choices: choice({ role: 'assistant', content: '' }, null) });
  for (const content of words) event({ ...head, choices: choice({ content }, null) });
  for (let more = piecesOf(asked) - words.length; more > 0; more -= 1) {
    await sleep(250);
    event({ ...head, choices: choice({ content: '.' }, null) });
  }
  event({ ...head, choices: choice({}, 'stop') });
  event({ ...head, choices: [], usage });
  response.end('data: [DONE]\n\n');
}

function piecesOf(asked: unknown): number {
  const [, number = '0'] = /"(\d+) pieces"/.exec(JSON.stringify(asked)) ?? [];
  return Number(number);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
