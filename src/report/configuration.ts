/** A configuration for people: every effective value by group, what the file says before what it leaves. */
import type { EffectiveValue } from '../config/effective-values.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { printable } from './printable.ts';
import { padTo, paint, type Terminal, wrapText } from './terminal.ts';
import { widthOf } from './width.ts';
import { breakLines } from './wrap.ts';
import { shortServiceName } from '../systemd/unit-name.ts';

/** What the file says, with its lines, and then the defaults that it leaves; every line ends with a newline. */
export function renderConfiguration(
  values: readonly EffectiveValue[],
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  const { configuration } = catalogue;
  const parts = [
    { heading: configuration.ownValues, values: values.filter(({ source }) => source !== null) },
    { heading: configuration.defaultValues, values: values.filter(({ source }) => source === null) },
  ];
  return parts
    .filter(part => part.values.length > 0)
    .map(part => `${wrapText(terminal, part.heading, [0, 0])}\n\n${groups(part.values, catalogue, terminal)}`)
    .join('\n');
}

function groups(values: readonly EffectiveValue[], { configuration }: Catalogue, terminal: Terminal): string {
  const byHeading = Map.groupBy(values, ({ path: [room = '', unit = ''] }) =>
    room === 'units' ? `units.${shortServiceName(unit)}` : room,
  );
  const blocks = [...byHeading].map(([heading, entries]) => {
    const rows = entries.map(({ path, value, source }) => ({
      key: path.slice(path[0] === 'units' ? 2 : 1).join('.'),
      value: printable(valueText(value)),
      origin: source === null ? '' : configuration.line(source.line),
    }));
    const keyWidth = widest(rows.map(({ key }) => key));
    const room = terminal.columns - keyWidth - widest(rows.map(({ origin }) => origin)) - '      '.length;
    const valueWidth = Math.min(widest(rows.map(row => row.value)), Math.max(room, narrowestValue));
    const lines = rows.flatMap(({ key, value, origin }) => {
      const [first = '', ...others] = breakLines(value, valueWidth);
      const indent = ' '.repeat(keyWidth + 4);
      // A value that is too wide is not cut, so that it can be copied; its source goes on the next line.
      const isWide = widthOf(first) > valueWidth;
      return [
        `  ${padTo(key, keyWidth)}  ${isWide ? first : `${padTo(first, valueWidth)}  ${origin}`.trimEnd()}`,
        ...[...others, ...(isWide && origin !== '' ? [origin] : [])].map(line => indent + line),
      ];
    });
    return [paint(terminal, 'strong', printable(heading)), ...lines, ''].join('\n');
  });
  return blocks.join('\n');
}

const narrowestValue = 20;

/** The value as it is written in the file. */
function valueText(value: EffectiveValue['value']): string {
  return typeof value === 'object' ? `[${value.join(', ')}]` : String(value);
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(text => widthOf(text)));
}
