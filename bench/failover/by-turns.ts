/**
 * Asks several ports for a short answer by turns, one at a time, and prints the times of each as JSON, in milliseconds.
 *
 * node by-turns.ts KEY TURNS PORT...
 */
import http from 'node:http';
import { text } from 'node:stream/consumers';

const [key = '', turns = '1', ...ports] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true });
const body = JSON.stringify({ model: 'claude-opus-4.6', messages: [{ role: 'user', content: 'ping' }] });
const times = ports.map((): number[] => []);
for (let turn = 0; turn < Number(turns); turn += 1) {
  for (const [index, port] of ports.entries()) times[index]?.push(await ask(port));
}
agent.destroy();
console.info(JSON.stringify(times));

async function ask(port: string): Promise<number> {
  const start = performance.now();
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http
      .request({
        host: '127.0.0.1',
        port,
        method: 'POST',
        path: '/v1/chat/completions',
        agent,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      })
      .on('response', resolve)
      .on('error', reject)
      .end(body);
  });
  const said = await text(answer);
  if (answer.statusCode !== 200) throw new Error(`port ${port}: ${answer.statusCode} ${said}`);
  return performance.now() - start;
}
