import http from 'node:http';
import { text } from 'node:stream/consumers';

const agent = new http.Agent({ keepAlive: true });

/** Asks for a completion on 127.0.0.1, over connections that are kept until the program ends. @throws an error whose `code` is `late` after 90 s */
export async function post(
  port: string,
  key: string,
  body: string,
): Promise<{ readonly status: number | undefined; readonly said: string }> {
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const request = http.request({
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/v1/chat/completions',
      agent,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      timeout: 90_000,
    });
    request
      .on('timeout', () => request.destroy(Object.assign(new Error('late'), { code: 'late' })))
      .on('response', resolve)
      .on('error', reject)
      .end(body);
  });
  return { status: answer.statusCode, said: await text(answer) };
}
