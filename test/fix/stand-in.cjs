#!/usr/local/bin/node
// Stands in for the three services of examples/neko at their own paths: listens where they listen, and ends as they do
// (SIGTERM: LiteLLM exits 0, copilot-api 143, the OpenClaw gateway 0 after 0.8 s). GET answers with the process id,
// GET /exit/N ends it with that status. While ~/crashes/PORT holds a number, so many starts fail at once.
// As `ask PORT...` it prints the process id behind each port, and as `curl ... URL` the status of a local answer.
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const [, file, ...args] = process.argv;
const name = path.basename(file);

if (name === 'curl') void curl(args.find(word => word.startsWith('http')) ?? '');
else if (args[0] === 'ask') void ask(args.slice(1));
else serve(Number(args[args.findIndex(word => word === '--port' || word === '-p') + 1]));

function serve(port) {
  const crashes = path.join(process.env.HOME, 'crashes', String(port));
  const left = fs.existsSync(crashes) ? Number(fs.readFileSync(crashes, 'utf8')) : 0;
  if (left > 0) {
    fs.writeFileSync(crashes, String(left - 1));
    process.exit(1);
  }
  if (name === 'litellm') process.on('SIGTERM', () => process.exit(0));
  if (name === 'copilot-api') process.on('SIGTERM', () => process.exit(143));
  if (name === 'index.js') process.on('SIGTERM', () => setTimeout(() => process.exit(0), 800));
  const server = http.createServer((request, response) => {
    const [, status] = /^\/exit\/(\d+)$/.exec(request.url) ?? [];
    if (status !== undefined) process.exit(Number(status));
    response.end(String(process.pid));
  });
  server.listen(port, '127.0.0.1');
}

async function ask(ports) {
  const answers = await Promise.all(
    ports.map(port =>
      fetch(`http://127.0.0.1:${port}`).then(
        answer => answer.text(),
        () => '-',
      ),
    ),
  );
  console.log(answers.join(' '));
}

async function curl(url) {
  const { hostname } = new URL(url);
  if (hostname !== '127.0.0.1') process.exit(6);
  console.log(
    await fetch(url).then(
      answer => answer.status,
      () => '000',
    ),
  );
}
