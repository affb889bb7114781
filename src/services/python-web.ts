import type { KnownService, Listener } from './known-service.ts';
import { listenerOf, type ListeningWays, onCommandLine, portOf } from './listening.ts';
import { byDefault } from './origin.ts';
import { hasFlag, optionOf, type Program } from './program.ts';

/** Any application that runs on one of Python's web servers. */
export const pythonWeb: KnownService = {
  id: 'python-web',
  name: 'Python web service',
  sources: [
    'run: uvicorn, gunicorn, hypercorn, flask and fastapi-cli, their defaults and variables',
    'https://www.uvicorn.org/settings/',
    'https://docs.gunicorn.org/en/stable/settings.html#bind',
    'https://hypercorn.readthedocs.io/en/latest/how_to_guides/configuring.html',
    'https://flask.palletsprojects.com/en/stable/cli/',
    'https://fastapi.tiangolo.com/fastapi-cli/',
    'https://docs.streamlit.io/develop/api-reference/configuration/config.toml',
  ],
  recognises: program => serverOf(program) !== undefined && !hasFlag(program, '--help', '--version', '-v'),
  listens: program => serverOf(program)?.listens(program) ?? [],
  // Only the application knows which paths it answers.
  probes: { liveness: undefined, readiness: undefined, warmUpSeconds: 60 },
  sendsKeepAlive: undefined,
  sendsReady: undefined,
  memory: { usualMebibytes: undefined, grows: false },
  pitfalls: {},
  recommended: undefined,
};

interface Server {
  readonly name: string;
  /** The word that starts the server. */
  readonly command?: string;
  listens(program: Program): readonly Listener[];
}

function serverOf({ name, args }: Program): Server | undefined {
  return servers.find(
    server => server.name === name && (server.command === undefined || args.includes(server.command)),
  );
}

const servers: readonly Server[] = [
  {
    name: 'uvicorn',
    listens: program =>
      hasFlag(program, '--fd', '--uds') || optionOf(program, '--fd', '--uds') !== undefined
        ? []
        : listenerOf(program, {
            port: { options: ['--port'], variables: ['UVICORN_PORT'], otherwise: 8000 },
            address: { options: ['--host'], variables: ['UVICORN_HOST'], otherwise: '127.0.0.1' },
            ipv6Only: true,
          }),
  },
  // Without -b, a gunicorn.conf.py in the working directory may set the address.
  { name: 'gunicorn', listens: program => bound(program) ?? [] },
  {
    name: 'hypercorn',
    listens: program =>
      bound(program) ??
      (program.isComplete && optionOf(program, '-c', '--config') === undefined
        ? [
            {
              address: '127.0.0.1',
              port: 8000,
              ipv6Only: true,
              portOrigin: byDefault,
              addressOrigin: byDefault,
            },
          ]
        : []),
  },
  {
    name: 'flask',
    command: 'run',
    listens: program =>
      listenerOf(program, {
        port: { options: ['--port', '-p'], variables: ['FLASK_RUN_PORT'], otherwise: 5000 },
        address: { options: ['--host', '-h'], variables: ['FLASK_RUN_HOST'], otherwise: '127.0.0.1' },
        ipv6Only: true,
      }),
  },
  { name: 'fastapi', command: 'run', listens: program => listenerOf(program, fastapi('0.0.0.0')) },
  { name: 'fastapi', command: 'dev', listens: program => listenerOf(program, fastapi('127.0.0.1')) },
  {
    name: 'streamlit',
    command: 'run',
    listens: program =>
      listenerOf(program, {
        // ~/.streamlit/config.toml, or the one beside the script, may set either.
        port: {
          options: ['--server.port'],
          variables: ['STREAMLIT_SERVER_PORT'],
          otherwise: undefined,
        },
        address: {
          options: ['--server.address'],
          variables: ['STREAMLIT_SERVER_ADDRESS'],
          otherwise: undefined,
        },
        ipv6Only: true,
      }),
  },
];

function fastapi(address: string): ListeningWays {
  return {
    port: { options: ['--port'], variables: ['PORT'], otherwise: 8000 },
    address: { options: ['--host'], otherwise: address },
    ipv6Only: true,
  };
}

/** The addresses of `-b HOST:PORT`, which may be given several times; undefined when it is not given. */
function bound(program: Program): readonly Listener[] | undefined {
  const written = program.args.flatMap((argument, index) => {
    if (argument === '-b' || argument === '--bind') return program.args[index + 1] ?? [];
    return /^(?:--bind=|-b)(.+)$/.exec(argument)?.[1] ?? [];
  });
  if (written.length === 0) return undefined;
  const origin = onCommandLine(program);
  return written.flatMap(text => {
    // A Unix socket or a descriptor has no port; the default port is 8000.
    const [, host = '', number = '8000'] = /^(?!unix:|fd:)([^/]*?)(?::(\d+))?$/.exec(text) ?? [];
    const port = portOf(number);
    if (host === '' || port === undefined) return [];
    return [
      {
        address: host.replaceAll(/[[\]]/g, ''),
        port,
        ipv6Only: true,
        portOrigin: origin,
        addressOrigin: origin,
      },
    ];
  });
}
