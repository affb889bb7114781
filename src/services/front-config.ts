/** The configuration of a front as daruma has written it, or as a person has edited it since: what in it matters for safety. */
import crypto from 'node:crypto';
import { type SearchPathEnvironment, userConfigHome } from '../systemd/search-path.ts';

/** The header by which a front knows a request that has been through a front. */
export const passedHeader = 'x-daruma-front';

/** The part of the configuration without keys, beside which the others are; undefined without a home. */
export function frontConfigFile(environment: SearchPathEnvironment): string | undefined {
  const config = userConfigHome(environment);
  return config === undefined ? undefined : `${config}/daruma/front/front.cfg`;
}

/** The configuration with a digest, by which an edit shows. */
export function signed(config: string, head: string): string {
  return `# ${head}\n${digestLine(config)}\n${config}`;
}

/** Whether nobody has edited it. */
export function isAsWritten(text: string): boolean {
  const [, digest, ...lines] = text.split('\n');
  return digest === digestLine(lines.join('\n'));
}

function digestLine(config: string): string {
  return `# sha256 ${crypto.createHash('sha256').update(config).digest('hex')}`;
}

interface Bind {
  /** As HAProxy has it: with a port, or as the path of a socket. */
  readonly address: string;
  readonly line: number;
  /** The variable that it is in; undefined where it is written out. */
  readonly variable: string | undefined;
}

interface FrontGuards {
  /** Where it listens. */
  readonly binds: readonly Bind[];
  /** Whether it refuses what has been through a front. */
  readonly refusesPassed: boolean;
  /** Whether it marks what goes through it. */
  readonly marks: boolean;
}

/**
 * Reads by what a front is kept to this machine, and out of circles.
 *
 * @param variable the environment of HAProxy
 */
export function readGuards(text: string, variable: (name: string) => string | undefined): FrontGuards {
  const binds: Bind[] = [];
  let refusesPassed = false;
  let marks = false;
  for (const [index, line] of text.split('\n').entries()) {
    const [keyword, action = '', ...rest] = line.trim().split(/\s+/, mostWords);
    if (keyword === 'bind') {
      for (const written of action.replaceAll('"', '').split(',')) {
        const name = /^\$\{(\w{1,64})\}$/.exec(written)?.[1];
        const address = (name === undefined ? undefined : variable(name)) ?? written;
        binds.push({ address, line: index + 1, variable: name });
      }
    }
    const isAboutMark = rest.some(word => word.includes(`(${passedHeader})`));
    if (keyword === 'acl' || (keyword === 'http-request' && refusing.has(action)))
      refusesPassed ||= isAboutMark;
    if (keyword === 'http-request' && action === 'set-header') marks ||= rest[0] === passedHeader;
  }
  return { binds, refusesPassed, marks };
}

/** Actions that end a request. Source: the configuration manual of HAProxy 2.6, 4.2 (`http-request`). */
const refusing: ReadonlySet<string> = new Set(['return', 'deny', 'reject', 'silent-drop', 'tarpit']);

/** No line of a front has more. */
const mostWords = 64;
