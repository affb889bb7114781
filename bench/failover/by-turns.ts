/**
 * Asks several ports for a short answer by turns, one at a time, and prints the times of each as JSON, in milliseconds.
 *
 * node by-turns.ts KEY TURNS PORT...
 */
import { post } from '../../test/failover/front/post.ts';

const [key = '', turns = '1', ...ports] = process.argv.slice(2);
const body = JSON.stringify({ model: 'claude-opus-4.6', messages: [{ role: 'user', content: 'ping' }] });
const times = ports.map((): number[] => []);
for (let turn = 0; turn < Number(turns); turn += 1) {
  for (const [index, port] of ports.entries()) {
    const start = performance.now();
    const { status, said } = await post(port, key, body);
    if (status !== 200) throw new Error(`port ${port}: ${status} ${said}`);
    times[index]?.push(performance.now() - start);
  }
}
console.info(JSON.stringify(times));
