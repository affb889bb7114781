/** Runs the benchmarks: `node bench/main.ts [startup|explain|check|notify|latency|failover|turns] [--count N] [--json]`. */
import { parseArgs } from 'node:util';
import { latencyFigures } from './failover/latency.ts';
import { failoverFigures } from './failover/requests.ts';
import { turnFigures } from './failover/turns.ts';
import { type Figure, figureLine, isOver } from './figure.ts';
import { folderFigures } from './folders.ts';
import { notifyFigures } from './notify.ts';
import { startupFigures } from './startup.ts';

const USAGE = `Measures daruma against a named peer in the same run.

  node bench/main.ts                       every benchmark of minutes: startup, explain, check, notify
  node bench/main.ts startup               daruma --version, status FILE, check FILE : node -e 0
  node bench/main.ts explain [--count N]   daruma explain --json : systemd-analyze verify, over real unit files
  node bench/main.ts check [--count N]     daruma check --json : systemd-analyze verify, over the same
  node bench/main.ts notify                a restart with daruma's hooks : with a script of bash, curl and python3
  node bench/main.ts latency               what the front adds to a request : Caddy (two minutes)
  node bench/main.ts failover              what is lost through the front : Caddy, LiteLLM's router (half an hour)
  node bench/main.ts turns                 an agent's turns through the front : OpenClaw alone (half an hour)

  --count N   explain, check: only N unit files (default 100, 1000, 10000 and 100000)
  --json      one JSON document instead of a line a figure

Ends with 1 when a budget is exceeded.
`;

interface Options {
  /** Numbers of unit files; undefined for the benchmark's own. */
  readonly counts: readonly number[] | undefined;
}

const benchmarks: Readonly<Record<string, (options: Options) => AsyncIterable<Figure>>> = {
  startup: startupFigures,
  explain: options => folderFigures('explain', options),
  check: options => folderFigures('check', options),
  notify: notifyFigures,
  latency: latencyFigures,
  failover: failoverFigures,
  turns: turnFigures,
};

/** What is run when nothing is named. */
const short = ['startup', 'explain', 'check', 'notify'];

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  return 2;
});

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const options = { counts: values.count === undefined ? undefined : [readCount(values.count)] };
  const figures: Figure[] = [];
  for (const benchmark of chosen(positionals)) {
    for await (const figure of benchmark(options)) {
      figures.push(figure);
      if (!values.json) process.stdout.write(`${figureLine(figure)}\n`);
    }
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ figures }, undefined, 2)}\n`);
  return figures.some(isOver) ? 1 : 0;
}

function chosen(names: readonly string[]) {
  return (names.length === 0 ? short : names).map(name => {
    const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
    if (benchmark !== undefined) return benchmark;
    throw new Error(`no benchmark ${name}; there are: ${Object.keys(benchmarks).join(', ')}`);
  });
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(`not a number of files: ${text}`);
}
