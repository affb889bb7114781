// Asks stand-ins from inside of their host.
//
//   node ask.cjs get PORT/PATH...            sends the requests; an answer is not needed
//   node ask.cjs until-new SECONDS PORT[=PID]...  waits until another process than PID answers on each, prints their pids
const { setTimeout: sleep } = require('node:timers/promises');

const [task, ...args] = process.argv.slice(2);
if (task === 'get') void Promise.all(args.map(ask));
else void untilNew(Number(args[0]), args.slice(1));

async function untilNew(seconds, wanted) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const pids = await Promise.all(wanted.map(each => ask(`${each.split('=')[0]}/`)));
    if (pids.every((pid, index) => pid !== '' && pid !== wanted[index].split('=')[1])) {
      console.log(pids.join(' '));
      return;
    }
    if (Date.now() > deadline) {
      console.error(`after ${seconds} s: ${wanted.join(' ')} are answered by ${pids.join(' ')}`);
      process.exit(1);
    }
    await sleep(200);
  }
}

function ask(where) {
  return fetch(`http://127.0.0.1:${where}`, { signal: AbortSignal.timeout(2_000) }).then(
    answer => answer.text(),
    () => '',
  );
}
