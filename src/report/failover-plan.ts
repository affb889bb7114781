/** A plan of `daruma failover`: diffs without secrets, the changes for other machines, and the configuration of web servers. */
import path from 'node:path';
import { timeoutSeconds } from '../failover/gateway-edits.ts';
import type { FrontNote, FrontPlan } from '../failover/front/plan.ts';
import type { FailoverPlan } from '../failover/plan.ts';
import type { OtherMachine } from '../failover/other-machine.ts';
import type { WebServerSnippets } from '../failover/web-server.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { FrontTexts } from '../i18n/front-texts.ts';
import type { Node } from '../routes/node.ts';
import { firstWith } from '../services/openclaw-version.ts';
import { withoutKnownSecrets, withoutSecrets, withoutValues } from '../secrets/redaction.ts';
import type { Host } from '../systemd/host/host.ts';
import { commandsFor } from '../transaction/apply.ts';
import { shownPath, type Viewpoint } from './place.ts';
import { commandLines, fileLines, textBefore, unifiedDiff } from './plan.ts';
import { printable } from './printable.ts';
import { paint, type Terminal, wrapText } from './terminal.ts';

/** The web server configuration that makes a machine reachable for others. */
export interface WebServer {
  readonly node: Node;
  readonly snippets: WebServerSnippets;
}

/** The changes of this machine as diffs and commands, without notes; every line ends with a newline. */
export function renderDifferences(
  planned: FailoverPlan,
  host: Host,
  catalogue: Catalogue,
  terminal: Terminal,
  viewpoint: Viewpoint,
): string {
  const blocks = [
    ...[...planned.plan.files].map(([file, after]) =>
      fileLines(file, after, host, catalogue, terminal, viewpoint, lineMask(file, planned)),
    ),
    ...commandLines(commandsFor(planned.plan, planned.plan.restarts, host), catalogue, terminal),
  ];
  return blocks.map(block => `${block}\n`).join('\n');
}

/** Notes on obstacles and on what needs no change; every line ends with a newline. */
export function renderNotes(
  { gateways, front }: FailoverPlan,
  host: Host,
  { failover }: Catalogue,
  terminal: Terminal,
  viewpoint: Viewpoint,
): string {
  const ofGateways = gateways.flatMap(({ gateway: { file }, notes, isChanged }) => {
    const shown = shownPath(file, host, viewpoint);
    const isNothing =
      !isChanged && notes.every(({ code }) => code === 'key-in-store' || code === 'other-key');
    return [
      ...(isNothing ? [failover.upToDate(shown)] : []),
      ...notes.map(note => paint(terminal, 'unsure', failover.note({ ...note, file: shown }))),
    ];
  });
  const ofFront = front === undefined ? [] : frontLines(front, failover.front, terminal);
  return [...ofFront, ...ofGateways].map(text => `${wrapText(terminal, printable(text), [0, 2])}\n`).join('');
}

function frontLines(
  { files, steps, url, notes }: FrontPlan,
  texts: FrontTexts,
  terminal: Terminal,
): readonly string[] {
  return [
    ...(files.size + steps.length === 0 ? [texts.upToDate(url)] : []),
    ...notes.map(note => paint(terminal, 'unsure', texts.note(note))),
    texts.forOthers(url),
  ];
}

/** The steps for a person on other machines, whose files are not here; every line ends with a newline. */
export function renderOthers(
  { front }: FailoverPlan,
  others: readonly OtherMachine[],
  webServers: readonly WebServer[],
  { failover }: Catalogue,
  terminal: Terminal,
): string {
  const heading = (text: string) => paint(terminal, 'strong', wrapText(terminal, printable(text), [0, 2]));
  const blocks = [
    ...others.flatMap(({ node, openclaw, keyFiles }) => [
      heading(failover.onMachine(node.name, firstWith.timeoutSeconds)),
      `  ${failover.inConfiguration('~/.openclaw/openclaw.json')}\n${indented(openclaw.trimEnd())}`,
      ...keyFiles.map(({ file, node: of }) =>
        wrapText(terminal, printable(failover.inKeyFile(file, of)), [2, 4]).concat('\n    ***'),
      ),
      wrapText(terminal, failover.ownTimeout(timeoutSeconds), [2, 4]),
      wrapText(
        terminal,
        failover.shipIt(`daruma failover apply --to USER@${new URL(node.url).hostname}`),
        [2, 4],
      ),
      ...(front === undefined
        ? []
        : [wrapText(terminal, failover.front.alsoThere('daruma failover apply --front'), [2, 4])]),
    ]),
    ...webServers.flatMap(({ node, snippets }) => [
      heading(failover.webServerOf(node.name, withoutSecrets(node.url))),
      indented(snippets.caddy.trimEnd().replaceAll('\t', '  ')),
      `  ${failover.orNginx}`,
      indented(snippets.nginx.trimEnd()),
    ]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ');
}

function frontNoteToJson(note: FrontNote, { failover }: Catalogue): object {
  const text = failover.front.note(note);
  return note.code === 'no-stand-in' ? { ...note, fault: note.fault.code, text } : { ...note, text };
}

/** The plan for programs. */
export function failoverPlanToJson(planned: FailoverPlan, host: Host, catalogue: Catalogue): object {
  return {
    files: differences(planned, host),
    front:
      planned.front === undefined
        ? null
        : {
            url: planned.front.url,
            local: planned.front.local,
            notes: planned.front.notes.map(note => frontNoteToJson(note, catalogue)),
          },
    gateways: planned.gateways.map(({ gateway, variables, keyFiles, notes, isChanged }) => ({
      file: gateway.file,
      unit: gateway.unit,
      changed: isChanged,
      variables,
      keyFiles,
      notes: notes.map(note => ({ ...note, text: catalogue.failover.note(note) })),
    })),
  };
}

/** Each file with its diff, without secrets. */
export function differences(
  planned: FailoverPlan,
  host: Host,
): readonly { readonly path: string; readonly mode: string; readonly diff: string }[] {
  return [...planned.plan.files].flatMap(([file, after]) => {
    if (after.kind !== 'file') return [];
    const text = after.content.toString('utf8');
    const diff = unifiedDiff(file, textBefore(file, host), text, plain, lineMask(file, planned));
    return [{ path: file, mode: after.mode.toString(8).padStart(4, '0'), diff: `${diff}\n` }];
  });
}

const plain: Terminal = { columns: 80, color: false, unicode: true };

/**
 * Returns a function that removes secrets from a line: all of a file with a key; every value in a `.env`, and in the
 * file of keys of a front; in a configuration
 * the known keys, and texts whose names mark them as secrets.
 */
function lineMask(file: string, { gateways, front, secrets }: FailoverPlan): (line: string) => string {
  if (file === front?.configuration.keys) return line => line.replace(/^([ +-]\s*setenv \S+ ).+$/, '$1***');
  if (gateways.some(({ keyFiles }) => keyFiles.includes(file)))
    return line => line.replace(/^([ +-])(?!-- |\+\+ ).+$/, '$1***');
  const isEnvironment = path.posix.basename(file) === '.env';
  return line => {
    const masked = withoutValues(line, secrets);
    return isEnvironment
      ? withoutValue(masked).replace(/^([ +-])(?!.*=)(?=[^\s#])(?!-- |\+\+ ).+$/, '$1***')
      : withoutKnownSecrets(masked.replaceAll(namedText, '$1$2***$2'));
  };
}

/** A line of a `.env` without the value: `+ export NAME=value`, also in a comment. */
function withoutValue(line: string): string {
  const [name] = /^[ +-]\s*(?:#\s*)?(?:export\s+)?[\w.-]+\s*=\s*/.exec(line) ?? [];
  return name === undefined || name === line ? line : `${name}***`;
}

/** A text whose name marks it as a secret, such as `"botToken": "..."`. A reference to a variable is no secret. */
const namedText =
  /((?:key|token|secret|passw(?:or)?d|passphrase|credential|authorization|cookie)s?["']?\s*:\s*)(["'])(?!\$\{[A-Z_][A-Z0-9_]*\}\2)(?:\\.|(?!\2)[^\\\n])+\2/gi;

/** Why there is no front. */
export function renderObstacle(text: string | undefined, terminal: Terminal): string {
  return text === undefined ? '' : `${wrapText(terminal, printable(text), [0, 2])}\n`;
}
