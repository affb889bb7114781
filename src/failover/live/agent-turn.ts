/** Runs one turn of an OpenClaw agent, as a user would, and reports which model answered. */
import { fieldOf, itemsOf, textIn } from '../../json/value.ts';
import { givenCommandLine } from '../../programs/command.ts';
import { failureText } from '../../programs/failure.ts';
import { runProgram } from '../../programs/run.ts';

export interface OpenclawCommand {
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

export interface Turn {
  readonly outcome: 'answered' | 'failed' | 'timeout' | 'interrupted';
  /** Includes the start of OpenClaw's command line, which takes some seconds. */
  readonly seconds: number;
  /** `PROVIDER/MODEL` that answered; null when none did or OpenClaw does not report it. */
  readonly answeredBy: string | null;
  readonly attempts: readonly TurnAttempt[];
  /** The output of a command that failed; may contain secrets. */
  readonly said: string;
}

interface TurnAttempt {
  readonly model: string;
  readonly result: string;
}

/**
 * Runs one turn of an agent. It never throws.
 *
 * @param signal aborts the turn
 */
export async function askAgent(
  agent: string,
  { argv, environment }: OpenclawCommand,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<Turn> {
  const command = givenCommandLine([
    ...argv,
    'agent',
    `--agent=${agent}`,
    '--session-id',
    `daruma-failover-test-${Date.now()}`,
    '--message',
    'Reply with the one word: pong',
    '--timeout',
    String(timeoutSeconds),
    '--json',
  ]);
  const startMs = performance.now();
  let answeredMs: number | undefined;
  const { stdout, stderr, failure } = await runProgram(command, {
    environment,
    timeoutMs: timeoutSeconds * 1_000,
    outputBytes: longestOutput,
    signal,
    // Signals of the terminal reach only daruma, which then ends the whole process group: the command itself may hang.
    endsGroup: true,
    onOutput: (written, end) => {
      if (answeredMs !== undefined || !written.trimEnd().endsWith('}')) return;
      if (winnerOf(traceIn(documentIn(written))) === null) return;
      answeredMs = performance.now();
      // The answer is complete. OpenClaw was seen to go on running for minutes after it.
      setTimeout(end, lingerMs).unref();
    },
  });
  const seconds = Math.round((answeredMs ?? performance.now()) - startMs) / 1_000;
  const document = documentIn(stdout);
  const trace = traceIn(document);
  // An older OpenClaw does not report which model answered; its answer still counts.
  const isAnswered =
    answeredMs !== undefined || (failure === undefined && document !== undefined && trace === undefined);
  const outcome = signal.aborted
    ? 'interrupted'
    : isAnswered
      ? 'answered'
      : failure?.code === 'timed-out'
        ? 'timeout'
        : 'failed';
  const errors = failure !== undefined && 'errno' in failure ? failureText(command.program, failure) : stderr;
  const said = outcome === 'failed' ? refusalIn(document, errors, document === undefined ? stdout : '') : '';
  return { outcome, seconds, answeredBy: winnerOf(trace), attempts: attemptsOf(trace), said };
}

const lingerMs = 5_000;

/** The execution trace in a document; in an answer through the gateway it is nested more deeply. */
function traceIn(document: unknown): unknown {
  return find(document, 'executionTrace', 6);
}

const longestOutput = 4 * 1024 * 1024;

/**
 * The JSON document at the end of an output, after possible log lines. JSON strings contain no line ends, so the brackets of
 * each line can be counted on their own: the document begins at the line where, counted from the end, as many brackets are
 * opened as closed. Only this one place is parsed, however many lines look like the beginning of a document.
 */
function documentIn(output: string): unknown {
  const text = output.trimEnd();
  let depth = 0;
  for (let end = text.length; end > 0; ) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    depth += openedIn(text, start, end);
    if (depth >= 0) return text.startsWith('{', start) ? parsed(text.slice(start)) : undefined;
    end = start - 1;
  }
  return undefined;
}

/** The number of opened minus closed brackets in a part of a text. */
function openedIn(text: string, start: number, end: number): number {
  let opened = 0;
  let inString = false;
  for (let at = start; at < end; at += 1) {
    const character = text[at];
    if (inString && character === '\\') at += 1;
    else if (character === '"') inString = !inString;
    else if (inString) continue;
    else if (character === '{' || character === '[') opened += 1;
    else if (character === '}' || character === ']') opened -= 1;
  }
  return opened;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function find(value: unknown, name: string, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth === 0) return undefined;
  const own = fieldOf(value, name);
  if (own !== undefined) return own;
  for (const each of Object.values(value)) {
    const found = find(each, name, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function winnerOf(trace: unknown): string | null {
  const provider = textIn(trace, 'winnerProvider');
  const model = textIn(trace, 'winnerModel');
  if (provider === undefined) return null;
  return model === undefined ? provider : `${provider}/${model}`;
}

function attemptsOf(trace: unknown): readonly TurnAttempt[] {
  return itemsOf(fieldOf(trace, 'attempts')).flatMap(attempt => {
    const provider = textIn(attempt, 'provider');
    const model = textIn(attempt, 'model');
    const result = textIn(attempt, 'result') ?? textIn(attempt, 'reason') ?? '';
    return provider === undefined
      ? []
      : [{ model: model === undefined ? provider : `${provider}/${model}`, result }];
  });
}

/** The message of `{error: {message}}`, or else the first line of the output; the other lines only say where OpenClaw looked. */
function refusalIn(document: unknown, ...written: readonly string[]): string {
  const message = textIn(fieldOf(document, 'error'), 'message');
  const first = [message ?? '', ...written].map(text => text.trim()).find(text => text !== '') ?? '';
  return first.split('\n', 1)[0]?.trim() ?? '';
}
