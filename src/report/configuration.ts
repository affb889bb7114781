/** A configuration for people: every effective value by group, and where it comes from. */
import type { EffectiveValue } from '../config/effective-values.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { printable } from './printable.ts';
import { padTo, paint, type Terminal } from './terminal.ts';
import { widthOf } from './width.ts';
import { breakLines } from './wrap.ts';
import { shortServiceName } from '../systemd/unit-name.ts';

/** The values under their headings; every line ends with a newline. */
export function renderConfiguration(
  values: readonly EffectiveValue[],
  { configuration }: Catalogue,
  terminal: Terminal,
): string {
  const groups = Map.groupBy(values, ({ path: [room = '', unit = ''] }) =>
    room === 'units' ? `units.${shortServiceName(unit)}` : room,
  );
  const blocks = [...groups].map(([heading, entries]) => {
    const rows = entries.map(({ path, value, source }) => ({
      key: path.slice(path[0] === 'units' ? 2 : 1).join('.'),
      value: printable(valueText(value)),
      origin:
        source === null
          ? paint(terminal, 'dim', configuration.defaultValue)
          : configuration.line(source.line),
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
        `  ${padTo(key, keyWidth)}  ${isWide ? first : `${padTo(first, valueWidth)}  ${origin}`}`,
        ...[...others, ...(isWide ? [origin] : [])].map(line => indent + line),
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
