/** Shows progress on stderr: on a terminal one line that counts seconds, elsewhere one line for each step. */
import { printable } from '../report/printable.ts';
import { fitTo, type Terminal } from '../report/terminal.ts';
import type { Output, Run } from './io.ts';
import { tell } from './output.ts';
import { describeTerminal } from './settings.ts';

/** @param seconds elapsed time; undefined when stderr is not a terminal */
type ProgressLine = (seconds: number | undefined) => string;

export class Progress implements Disposable {
  readonly #isQuiet: boolean;
  readonly #stderr: Output;
  readonly #terminal: Terminal;
  #timer: NodeJS.Timeout | undefined;

  constructor(isQuiet: boolean, { io: { stderr }, environment }: Run) {
    this.#isQuiet = isQuiet;
    this.#stderr = stderr;
    this.#terminal = describeTerminal(stderr, false, environment);
  }

  /** Shows the next step where it may become a wait: on a terminal alone. */
  showOnTerminal(line: ProgressLine): void {
    if (this.#stderr.isTTY) this.show(line);
  }

  /** Shows the next step. */
  show(line: ProgressLine): void {
    this.clear();
    if (this.#isQuiet) return;
    if (!this.#stderr.isTTY) {
      tell({ stderr: this.#stderr }, printable(line(undefined)));
      return;
    }
    const startMs = performance.now();
    const draw = () => {
      const text = printable(line(Math.floor((performance.now() - startMs) / 1_000)));
      this.#stderr.write(`\r\u001b[K${fitTo(this.#terminal, text, this.#terminal.columns - 1)}`);
    };
    draw();
    this.#timer = setInterval(draw, 1_000);
  }

  clear(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#stderr.write('\r\u001b[K');
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
