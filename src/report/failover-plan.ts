/** A plan of `daruma failover`: differences without their secrets, what the other machines need, and their web servers. */
import path from 'node:path';
import type { FailoverPlan, PlannedGateway } from '../failover/plan.ts';
import type { OtherMachine } from '../failover/other-machine.ts';
import type { WebServerSnippets } from '../failover/web-server.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { Node } from '../routes/node.ts';
import { withoutKnownSecrets, withoutSecrets, withoutValues } from '../secrets/redaction.ts';
import type { Host } from '../systemd/host/host.ts';
import { shownPath, type Viewpoint } from './place.ts';
import { textBefore, unifiedDiff } from './plan.ts';
import { printable } from './printable.ts';
import { paint, type Terminal, wrapText } from './terminal.ts';

/** What a machine needs so that others reach it. */
export interface WebServer {
  readonly node: Node;
  readonly snippets: WebServerSnippets;
}

/** The changes of this machine, each line ended; what is said of them is not part of it. */
export function renderDifferences(
  { plan, secrets }: FailoverPlan,
  host: Host,
  terminal: Terminal,
  viewpoint: Viewpoint,
): string {
  const blocks = [...plan.files].map(([file, after]) => {
    if (after.kind !== 'file') return '';
    const shown = printable(shownPath(file, host, viewpoint));
    const text = after.content.toString('utf8');
    return unifiedDiff(shown, textBefore(file, host), text, terminal, lineMask(file, secrets));
  });
  return blocks.map(block => `${block}\n`).join('\n');
}

/** What stands in the way, and what is well already; each line ended. */
export function renderNotes(
  gateways: readonly PlannedGateway[],
  host: Host,
  { failover }: Catalogue,
  terminal: Terminal,
  viewpoint: Viewpoint,
): string {
  return gateways
    .flatMap(({ gateway: { file }, notes, isChanged }) => {
      const shown = shownPath(file, host, viewpoint);
      if (notes.length === 0 && !isChanged) return [failover.upToDate(shown)];
      return notes.map(note => paint(terminal, 'unsure', failover.note({ ...note, file: shown })));
    })
    .map(text => `${wrapText(terminal, printable(text), [0, 2])}\n`)
    .join('');
}

/** What a person does on the machines whose files are not here; each line ended. */
export function renderOthers(
  others: readonly OtherMachine[],
  webServers: readonly WebServer[],
  { failover }: Catalogue,
  terminal: Terminal,
): string {
  const heading = (text: string) => paint(terminal, 'strong', wrapText(terminal, printable(text), [0, 2]));
  const blocks = [
    ...others.flatMap(({ node, openclaw, variables }) => [
      heading(failover.onMachine(node.name)),
      `  ${failover.inConfiguration('~/.openclaw/openclaw.json')}\n${indented(openclaw.trimEnd())}`,
      ...(variables.length === 0
        ? []
        : [
            [
              `  ${failover.inConfiguration('~/.openclaw/.env')}`,
              ...variables.flatMap(({ name, node: of }) => [
                `    ${name}=***`,
                wrapText(terminal, printable(failover.variableFor(name, of)), [6, 6]),
              ]),
            ].join('\n'),
          ]),
      wrapText(
        terminal,
        failover.shipIt(`daruma failover apply --to USER@${new URL(node.url).hostname}`),
        [2, 4],
      ),
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

/** The plan for a program. */
export function failoverPlanToJson(
  { plan, gateways, secrets }: FailoverPlan,
  host: Host,
  catalogue: Catalogue,
): object {
  return {
    files: differences(plan.files, secrets, host),
    gateways: gateways.map(({ gateway, variables, notes, isChanged }) => ({
      file: gateway.file,
      unit: gateway.unit,
      changed: isChanged,
      variables,
      notes: notes.map(note => ({ ...note, text: catalogue.failover.note(note) })),
    })),
  };
}

/** Each file with its difference, without secrets. */
export function differences(
  files: FailoverPlan['plan']['files'],
  secrets: readonly string[],
  host: Host,
): readonly { readonly path: string; readonly mode: string; readonly diff: string }[] {
  return [...files].flatMap(([file, after]) => {
    if (after.kind !== 'file') return [];
    const text = after.content.toString('utf8');
    const diff = unifiedDiff(file, textBefore(file, host), text, plain, lineMask(file, secrets));
    return [{ path: file, mode: after.mode.toString(8).padStart(4, '0'), diff: `${diff}\n` }];
  });
}

const plain: Terminal = { columns: 80, color: false, unicode: true };

/**
 * Leaves out what a line must not show. Every value of an `.env` is one; in a configuration it is texts whose names say so,
 * and keys that are known.
 */
function lineMask(file: string, secrets: readonly string[]): (line: string) => string {
  const isEnvironment = path.posix.basename(file) === '.env';
  return line => {
    const masked = withoutValues(line, secrets);
    return isEnvironment
      ? withoutValue(masked).replace(/^([ +-])(?!.*=)(?=[^\s#])(?!-- |\+\+ ).+$/, '$1***')
      : withoutKnownSecrets(masked.replaceAll(namedText, '$1$2***$2'));
  };
}

/** `+ export NAME=value`, and what is a comment now. */
function withoutValue(line: string): string {
  const [name] = /^[ +-]\s*(?:#\s*)?(?:export\s+)?[\w.-]+\s*=\s*/.exec(line) ?? [];
  return name === undefined || name === line ? line : `${name}***`;
}

/** `"botToken": "..."`; a variable is shown, since it shows nothing. */
const namedText =
  /((?:key|token|secret|passw(?:or)?d|passphrase|credential|authorization|cookie)s?["']?\s*:\s*)(["'])(?!\$\{[A-Z_][A-Z0-9_]*\}\2)(?:\\.|(?!\2)[^\\\n])+\2/gi;
