/**
 * All output passes this gate. It lets only printable characters, line ends and our own colours reach a terminal, a log or a
 * document, even if other code forgot to clean a text.
 *
 * Other characters are written as escapes such as `\u001b`: people see them, and in a JSON string they mean the same character.
 */
import { inUtf16, unprintable } from './printable.ts';

/** Who reads the text: `reader` for people and programs; `runner` for a CI runner that has to see our workflow commands. */
export type Addressee = 'reader' | 'runner';

/** Each stream has its own gate, since a line may be written in several pieces. */
export class Gate {
  #isAtLineStart = true;

  /** The text as it may be written. */
  pass(text: string, addressee: Addressee = 'reader'): string {
    const seen = harmless.test(text) ? text : text.split('\n').map(seenLine).join('\n');
    const passed = addressee === 'runner' ? seen : withoutWorkflowCommands(seen, this.#isAtLineStart);
    const end = passed.lastIndexOf('\n');
    this.#isAtLineStart = (end !== -1 || this.#isAtLineStart) && blank.test(passed.slice(end + 1));
    return passed;
  }
}

/** A line with unsafe parts escaped. Lines are handled one by one: most are harmless, and no unsafe part spans two lines. */
function seenLine(line: string): string {
  return harmless.test(line) ? line : line.replaceAll(heldBack, held).replaceAll(loggingCommand, inUtf16);
}

const harmless = /^[\n\x20-\x22\x24-\x7e]*$/;

/** Colours of `paint()`, tabs and line ends, which stay, and unprintable characters. A tab is harmless and separates shell words. */
// unchecked: the pattern is made of constants that match a few characters each
const heldBack = new RegExp(String.raw`(\u001B\[(?:1|2|22|3[1236]|39)m|[\t\n])|${unprintable.source}`, 'gv');

function held(character: string, ours: string | undefined): string {
  return ours ?? inUtf16(character);
}

/**
 * `##[error]`, a command for GitHub's runner anywhere in a line; `##vso[` and `##teamcity[` are commands of other services.
 * Source: `ActionCommand.TryParse()` of actions/runner, `Command.TryParse()` of microsoft/azure-pipelines-agent.
 */
const loggingCommand = /(?<=#)#(?=\w{0,16}\[)/g;

/**
 * Escapes workflow commands: lines that begin with `::`, after optional white space, and contain a second `::`.
 * Source: `ActionCommand.TryParseV2()` of actions/runner.
 */
function withoutWorkflowCommands(text: string, isAtLineStart: boolean): string {
  if (!text.includes('::')) return text;
  return text.replaceAll(workflowCommand, (whole, before: string, at: number) =>
    at === 0 && !isAtLineStart ? whole : before + inUtf16(':'),
  );
}

// oxlint-disable-next-line no-control-regex -- a colour sequence begins with ESC
const workflowCommand = /^((?:[^\S\n\r\u2028\u2029]|\u001B\[\d+m)*):(?=:[^\n]*::)/gm;

// oxlint-disable-next-line no-control-regex -- a colour sequence begins with ESC
const blank = /^(?:\s|\u001B\[\d+m)*$/;
