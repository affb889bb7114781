/** `daruma failover apply`: shows OpenClaw's verdict on a plan, and what other machines would do or have done. */
import type { Haproxy } from '../failover/front/haproxy.ts';
import type { JudgedGateway } from '../failover/openclaw-verdict.ts';
import type { Shipped, ShipFault } from '../failover/ship.ts';
import type { ShipAnswer } from '../failover/shipment.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { printable } from './printable.ts';
import { paint, type Terminal, wrapText } from './terminal.ts';

export function renderVerdicts(
  judged: readonly JudgedGateway[],
  { failover }: Catalogue,
  terminal: Terminal,
): string {
  return judged
    .map(({ gateway, verdict }) => {
      const { file } = gateway.gateway;
      const text =
        verdict.kind === 'accepted'
          ? failover.accepted(file)
          : verdict.kind === 'not-found'
            ? failover.notFound(file)
            : failover.notAsked(file);
      return `${wrapText(terminal, printable(text), [0, 2])}\n`;
    })
    .join('');
}

/** What HAProxy makes of the configuration of a front. */
export function renderFrontVerdict(
  { version }: Haproxy,
  { failover }: Catalogue,
  terminal: Terminal,
): string {
  return `${wrapText(terminal, printable(failover.front.accepted(version)), [0, 2])}\n`;
}

/** The changes that another machine would make. */
export function renderOther(
  destination: string,
  { files, notes }: ShipAnswer,
  { failover }: Catalogue,
  terminal: Terminal,
): string {
  if (files.length === 0 && notes.length === 0) return `${printable(failover.nothingToShip(destination))}\n`;
  const lines = files.flatMap(({ diff }) => diff.trimEnd().split('\n').map(printable));
  const said = notes.map(note => wrapText(terminal, printable(note), [0, 2]));
  return `\n${[paint(terminal, 'strong', printable(destination)), ...lines, ...said].join('\n')}\n`;
}

/** Why another machine did not make its changes, and what to do; its own message is used if it gave one. */
export function shipFaultWords(
  destination: string,
  fault: ShipFault,
  { failover }: Catalogue,
): { readonly message: string; readonly hint: string } {
  const hint = (fault.code === 'refused' ? fault.hint : null) ?? failover.shipHint(fault.code);
  return { message: failover.shipFault(destination, fault), hint };
}

/** @param outcome undefined when there was nothing to do on that machine */
export function otherToJson(
  destination: string,
  { node, files, notes }: ShipAnswer,
  outcome: Shipped | undefined,
  catalogue: Catalogue,
): object {
  const fault = outcome?.kind === 'fault' ? outcome.fault : undefined;
  return {
    destination,
    node,
    files,
    notes,
    applied: outcome?.kind === 'answer' ? outcome.answer.applied : null,
    inForce: (outcome?.kind === 'answer' ? (outcome.answer.inForce ?? []) : []).map(
      ({ isInForce, text }) => ({
        isInForce,
        text,
      }),
    ),
    fault:
      fault === undefined
        ? null
        : { code: fault.code, message: shipFaultWords(destination, fault, catalogue).message },
  };
}
