/**
 * The gate through which every text leaves, whatever it is made of and whoever forgot what: of it all, only printable
 * characters, ends of lines and our own colours reach a terminal, a log or a document.
 *
 * What is held back is written `\u001b`: that is seen by people, and inside the strings of a JSON document it is the same
 * character.
 */
import { inUtf16, unprintable } from './printable.ts';

/** Who reads: people and programs, or the runner of a CI as well, whose commands the text is made of. */
export type Addressee = 'reader' | 'runner';

/** One for each stream, since a line may come in several pieces. */
export class Gate {
  #isAtLineStart = true;

  /** The text as it may leave. */
  pass(text: string, addressee: Addressee = 'reader'): string {
    const seen = harmless.test(text) ? text : text.split('\n').map(seenLine).join('\n');
    const passed = addressee === 'runner' ? seen : withoutWorkflowCommands(seen, this.#isAtLineStart);
    const end = passed.lastIndexOf('\n');
    this.#isAtLineStart = (end !== -1 || this.#isAtLineStart) && blank.test(passed.slice(end + 1));
    return passed;
  }
}

/** Line by line, since most have nothing in them that needs a closer look, and what is held back spans no two. */
function seenLine(line: string): string {
  return harmless.test(line) ? line : line.replaceAll(heldBack, held).replaceAll(loggingCommand, inUtf16);
}

const harmless = /^[\n\x20-\x22\x24-\x7e]*$/;

/** What `paint()` makes, or what must not leave; a tab moves nothing but the cursor, and parts words for shells. */
// unchecked: of constants alone, each a few characters long
const heldBack = new RegExp(String.raw`(\u001B\[(?:1|2|22|3[1236]|39)m|[\t\n])|${unprintable.source}`, 'gv');

function held(character: string, ours: string | undefined): string {
  return ours ?? inUtf16(character);
}

/**
 * `##[error]`, which GitHub's runner obeys anywhere in a line; `##vso[` and `##teamcity[` are their like on other services.
 * Source: `ActionCommand.TryParse()` of actions/runner, `Command.TryParse()` of microsoft/azure-pipelines-agent.
 */
const loggingCommand = /(?<=#)#(?=\w{0,16}\[)/g;

/**
 * A line that begins with `::`, after whatever white space, and has a second `::`.
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
