import type { FailoverFront } from '../../../check/rules/failover-front.ts';
import type { About, RuleTexts } from '../../rule-texts.ts';
import { daruma, systemctl } from '../../shown-commands.ts';

const frontService = 'daruma-front.service';
const frontSocket = 'daruma-front.socket';

export const front: RuleTexts<FailoverFront> = {
  title: 'The front cannot be asked, is open to others, or was edited',
  message(details) {
    switch (details.kind) {
      case 'not-enabled':
        return `Nothing starts the front at boot: neither ${frontSocket} nor ${frontService} is enabled`;
      case 'masked':
        return `${details.unit} is masked: the front cannot be started`;
      case 'missing':
        return `There is no ${details.unit}: the front cannot be started`;
      case 'no-haproxy':
        return `The front is set up, and HAProxy is not at ${details.path}`;
      case 'gone':
        return `The provider ${details.provider} leads to port ${details.port}, where no known service of this machine listens, and of the front only ${details.file} is left`;
      case 'open':
        return `The front listens at ${details.address}, which other machines can reach`;
      case 'edited':
        return `${details.file} is not as daruma wrote it`;
      case 'unguarded':
        return details.lacks === 'refusal'
          ? 'The front does not refuse requests that have been through a front'
          : 'The front does not mark requests that go through it';
      case 'leads-elsewhere':
        return `The front leads to ${details.address}, ${whatIsThere(details.to)}`;
      default:
        return details satisfies never;
    }
  },
  why(details) {
    switch (details.kind) {
      case 'not-enabled':
        return `After the next boot nobody listens where OpenClaw asks. ${openclawAlone}`;
      case 'masked':
      case 'missing':
        return `systemd starts the socket only with its service, and the service only with its socket: nobody listens where OpenClaw asks. ${openclawAlone}`;
      case 'no-haproxy':
        return 'The manager holds its socket all the same: clients are not refused, but wait for an answer that nobody gives.';
      case 'gone':
        return `Unless another program listens there, nobody answers. ${openclawAlone}`;
      case 'open':
        return 'The front asks other machines with their keys, and takes plain HTTP: a client shows its key to whoever is on the way. Where the local LiteLLM needs no key, the front needs none either.';
      case 'edited':
        return 'HAProxy reads it as it is; whether it takes it, this does not ask. "daruma failover apply" keeps it, so that a machine that is new under nodes: does not come into it.';
      case 'unguarded':
        return details.lacks === 'refusal'
          ? 'If a LiteLLM leads to a front, by mistake, requests that nobody answers go round in a circle.'
          : 'By the mark a front knows what has been through one. Without it, requests that nobody answers go round in a circle if a LiteLLM leads to a front.';
      case 'leads-elsewhere':
        return consequences[details.to.what];
      default:
        return details satisfies never;
    }
  },
  remedy(details, about) {
    const apply = daruma('failover apply', about.scope);
    switch (details.kind) {
      case 'not-enabled':
        return `Run "${systemctl(about, 'enable', frontSocket, frontService)}".`;
      case 'masked':
        return `Run "${stop(about)}" and "${systemctl(about, 'unmask', details.unit)}", then "${apply}", which writes what is missing.`;
      case 'missing':
        return `Run "${stop(about)}", then "${apply}", which writes what is missing.`;
      case 'no-haproxy':
        return `Install HAProxy 2.6 or later again ("sudo apt install haproxy", or what your distribution has); where it is elsewhere now, run "${apply}". To be without a front, take it back: ${undo(about)}.`;
      case 'gone':
        return `Run "${stop(about)}", then "${apply}", which sets the front up again. To be without one, write the address of LiteLLM as baseUrl, and remove ${details.file}.`;
      case 'open':
        return `${details.by === 'socket' ? 'Write 127.0.0.1 and the port, or take the line out where there is another' : `The front is to have its address from ${frontSocket}: write fd@3, or take the line out where there is another`}. Then run "${systemctl(about, 'daemon-reload')}" and "${systemctl(about, 'restart', frontSocket, frontService)}".`;
      case 'edited':
        return `If that is meant, see whether HAProxy takes it: "daruma failover" asks it. If not, remove the file, and "${apply}" writes it anew.`;
      case 'unguarded':
        return `Remove the file, and "${apply}" writes it anew. Or write the line into the section "frontend front": "http-request ${details.lacks === 'refusal' ? 'return status 508 if { req.hdr(x-daruma-front) -m found }' : 'set-header x-daruma-front NAME'}".`;
      case 'leads-elsewhere':
        return `Run "${apply}", which writes the front as nodes: has it. A file that you have edited it keeps: correct the line yourself, or remove the file before.`;
      default:
        return details satisfies never;
    }
  },
};

const openclawAlone = 'OpenClaw alone needs some 105 s to fall back, in each turn anew.';

/** A manager that has a unit without its file goes on with what it has read. */
function stop(about: About): string {
  return systemctl(about, 'stop', frontSocket, frontService);
}

/** What made the front is one of several runs. */
function undo({ scope }: About): string {
  return `"${daruma('undo --list', scope)}" shows the ID of the run that made it, and "${daruma('undo ID', scope)}" takes that back`;
}

type LeadsElsewhere = Extract<FailoverFront, { readonly kind: 'leads-elsewhere' }>['to'];

function whatIsThere(to: LeadsElsewhere): string {
  switch (to.what) {
    case 'program':
      return `where ${to.service} answers, which is no LiteLLM`;
    case 'port':
      return `a port on which no known service of this machine listens`;
    case 'itself':
      return 'the address by which others reach this machine';
    case 'other-address':
      return `and nodes: has ${to.url} for ${to.node}`;
    case 'no-node':
      return 'which is no machine under nodes:';
    default:
      return to satisfies never;
  }
}

const consequences: Readonly<Record<LeadsElsewhere['what'], string>> = {
  program:
    'A front takes what is behind it for a LiteLLM, with its models and keys, and by its check (/health/liveliness) holds most other programs to be down.',
  port: 'If nothing listens there, the front asks the next machine in its place.',
  itself: 'When the local LiteLLM does not answer, the front asks its own machine once more.',
  'other-address':
    'What answers there may be something else than the LiteLLM that is meant, and gets its prompts and its key.',
  'no-node': 'What answers there gets prompts, and the key that the front has for the place.',
};
