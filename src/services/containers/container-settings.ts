/** Settings of containers as command lines, compose files and quadlets write them alike. */
import path from 'node:path';
import type { Mount, PublishedPort } from './container.ts';

/** What paths of the machine are relative to. */
export interface Paths {
  /** Undefined when it is not known. */
  readonly directory: string | undefined;
  readonly home: string | undefined;
}

/** The absolute path of a file of the machine; undefined when it is not known. */
export function machinePath(written: string, { directory, home }: Paths): string | undefined {
  if (written.startsWith('/')) return path.posix.normalize(written);
  if (written === '~' || written.startsWith('~/'))
    return home === undefined ? undefined : path.posix.join(home, written.slice(1));
  return directory === undefined ? undefined : path.posix.join(directory, written);
}

/** `[ADDRESS:][HOST:]CONTAINER[/tcp]`, where both may be ranges; none for another protocol. */
export function publishedPorts(written: string): readonly PublishedPort[] {
  const [ports = '', protocol = 'tcp'] = written.split('/');
  const [inside, ...outside] = partsFromEnd(ports);
  const container = rangeIn(inside);
  if (container === undefined || protocol !== 'tcp') return [];
  const [port, address = ''] = outside;
  const host = rangeIn(port);
  // Of a range for a single port the engine chooses one.
  const isChosen = host?.count !== container.count;
  return [
    {
      address: address.replace(/^\[(.*)\]$/, '$1'),
      host: isChosen ? undefined : host.first,
      container: container.first,
      count: container.count,
    },
  ];
}

/** The part behind the last colon, the one before it, and all that is before that. */
function partsFromEnd(text: string): readonly string[] {
  const parts: string[] = [];
  let end = text.length;
  for (let count = 0; count < 2; count += 1) {
    const at = text.lastIndexOf(':', end - 1);
    parts.push(text.slice(at + 1, end));
    if (at <= 0) return parts;
    end = at;
  }
  return [...parts, text.slice(0, end)];
}

function rangeIn(text = ''): { readonly first: number; readonly count: number } | undefined {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  return first === undefined ? undefined : { first: Number(first), count: Number(last) - Number(first) + 1 };
}

/** `SOURCE:TARGET[:OPTIONS]`; a source that is no path is the name of a volume. */
export function mountsIn(written: string, paths: Paths): readonly Mount[] {
  const [source = '', target] = written.split(':');
  if (target === undefined || !target.startsWith('/')) return [];
  const isPath = /^[./~]/.test(source);
  return [{ from: isPath ? machinePath(source, paths) : undefined, to: path.posix.normalize(target) }];
}

/** The name in `NAME:host-gateway`, which means the machine. */
export function machineNamesIn(written: string): readonly string[] {
  const [, name] = /^([^:=]+)[:=]host-gateway$/.exec(written) ?? [];
  return name === undefined ? [] : [name.toLowerCase()];
}
