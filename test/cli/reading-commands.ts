/** Runs the command lines that only look, one after the other, and prints what became of each: `node reading-commands.ts`. */
import { EventEmitter } from 'node:events';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { run } from '../../src/cli/run.ts';

const readingCommands = [
  '',
  'status',
  'status --json',
  'check',
  'check --json',
  'explain litellm',
  'fix --dry-run',
  'fix --dry-run --json',
  'new other --dry-run -- /bin/sleep 100',
  'undo --dry-run',
  'undo --list',
  'undo --list --json',
  'notify',
  'notify status --json',
  'notify test',
  'notify install litellm --dry-run',
  'notify uninstall --dry-run',
  'failover',
  'failover status',
  'failover plan',
  'failover check',
  'failover apply --dry-run',
  'config',
  'config path',
  'config validate',
  'config schema',
  'rules',
  'rules not-enabled',
  'completion bash',
  'help',
  'help notify',
  'version',
];

class Sink extends Writable {
  text = '';

  override _write(piece: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += piece.toString();
    done();
  }
}

const ends: Record<string, { readonly code: number; readonly stderr: string }> = {};
for (const command of readingCommands) {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const io = {
    stdin: Readable.from([]),
    stdout,
    stderr,
    workingDirectory: '/',
    script: path.join(import.meta.dirname, '../../src/cli/main.ts'),
    signals: new EventEmitter(),
  };
  const code = await run(command.split(' ').filter(Boolean), io, process.env);
  ends[command] = { code, stderr: stderr.text };
}
process.stdout.write(JSON.stringify(ends));
