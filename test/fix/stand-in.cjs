#!/usr/local/bin/node
// Stands in for the programs of the examples at their own paths: each listens where its command line says, and ends as
// the program does that was measured: LiteLLM exits 0 after SIGTERM, copilot-api 143, the OpenClaw gateway 0 after 0.8 s.
// GET / answers with the process id, GET /exit/N ends the process with that status. A number in ~/crashes/PORT is how many
// starts are still to fail at once; ~/starts/PORT gets the time of every start. As `curl` it is what the gateway's hook calls.
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const [, file, ...args] = process.argv;
const program = path.basename(file);

if (program === 'curl') void curl(args.find(word => word.startsWith('http')) ?? '');
else serve();

function serve() {
  const port = valueOf('--port') ?? valueOf('-p');
  noteStart(port);
  if (isToCrash(port)) process.exit(1);
  if (program === 'litellm') process.on('SIGTERM', () => process.exit(0));
  if (program === 'copilot-api') process.on('SIGTERM', () => process.exit(143));
  if (program === 'index.js') process.on('SIGTERM', () => setTimeout(() => process.exit(0), 800));
  const server = http.createServer((request, response) => {
    const [, status] = /^\/exit\/(\d+)$/.exec(request.url) ?? [];
    if (status !== undefined) process.exit(Number(status));
    response.end(String(process.pid));
  });
  const gatewayAddress = program === 'index.js' ? '127.0.0.1' : undefined;
  server.listen(Number(port), valueOf('--host') ?? process.env.HOST ?? gatewayAddress);
}

function valueOf(option) {
  return args.includes(option) ? args[args.indexOf(option) + 1] : undefined;
}

function noteStart(port) {
  const starts = path.join(process.env.HOME, 'starts', port);
  fs.mkdirSync(path.dirname(starts), { recursive: true });
  fs.appendFileSync(starts, `${Date.now()}\n`);
}

function isToCrash(port) {
  const crashes = path.join(process.env.HOME, 'crashes', port);
  const left = fs.existsSync(crashes) ? Number(fs.readFileSync(crashes, 'utf8')) : 0;
  if (left > 0) fs.writeFileSync(crashes, String(left - 1));
  return left > 0;
}

/** Prints the status as the hook asks for it; nothing outside of the host can be reached, which is curl's status 6. */
async function curl(url) {
  if (new URL(url).hostname !== '127.0.0.1') process.exit(6);
  const answer = await fetch(url).catch(() => ({ status: '000' }));
  process.stdout.write(String(answer.status));
}
