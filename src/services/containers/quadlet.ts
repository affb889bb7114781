/**
 * Containers that podman's generator makes services of: `NAME.container` becomes `NAME.service`, which runs `podman run`.
 *
 * Source: podman-systemd.unit(5).
 */
import path from 'node:path';
import { parseUnitFile } from '../../systemd/unit-file.ts';
import { expandSpecifiers } from '../../systemd/values/specifier.ts';
import { extractWords } from '../../systemd/values/words.ts';
import type { OwnFiles } from '../own-files.ts';
import type { Container } from './container.ts';
import { containerOfRun } from './of-program.ts';

/** @returns undefined when the file defines no container, or cannot be read */
export function readQuadlet(file: string, home: string, files: OwnFiles): Container | undefined {
  const content = files.read(file);
  if (content.state !== 'read') return undefined;
  const lines = parseUnitFile(content.text).items.flatMap(item =>
    item.kind === 'assignment' && item.section === 'Container' ? item : [],
  );
  let isComplete = true;
  const values = (key: string) =>
    lines
      .filter(line => line.key === key)
      .flatMap(({ value }) => {
        const expanded = expandSpecifiers(value, new Map([['h', home]]));
        if (typeof expanded !== 'string') isComplete = false;
        return typeof expanded === 'string' ? expanded : [];
      });
  const wordsIn = (value: string) => extractWords(value, { unquote: true, relax: true }).words;
  const image = lines.findLast(({ key }) => key === 'Image');
  if (image === undefined) return undefined;
  const options = [
    ...single.flatMap(([key, option]) => values(key).flatMap(value => [option, value])),
    ...values('Environment').flatMap(value => wordsIn(value).flatMap(word => ['--env', word])),
  ];
  const words = [...options, ...values('Image').slice(-1), ...values('Exec').slice(-1).flatMap(wordsIn)];
  const unit = `${path.posix.basename(file, '.container')}.service`;
  const run = {
    words,
    name: unit,
    source: { file, line: image.line },
    paths: { directory: path.posix.dirname(file), home },
    variable: () => undefined,
    isComplete,
  };
  const container = containerOfRun(run, files);
  // It is the service that people know.
  return container && { ...container, name: unit };
}

const single = [
  ['PublishPort', '--publish'],
  ['Volume', '--volume'],
  ['Mount', '--mount'],
  ['EnvironmentFile', '--env-file'],
  ['Network', '--network'],
  ['AddHost', '--add-host'],
  ['Entrypoint', '--entrypoint'],
] as const;
