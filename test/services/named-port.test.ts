/** The port that a command line names as its own, of programs that daruma does not know. */
import { describe, expect, it } from 'vitest';
import { namedPort } from '../../src/services/named-port.ts';

const named = (line: string) => {
  const argv = line.split(' ');
  return namedPort({ argv, args: argv.slice(1) });
};

describe('a command line', () => {
  it.each([
    ['agent serve --port 8080', undefined, 8080],
    ['agent serve --port=8080', undefined, 8080],
    ['agent -port 8080', undefined, 8080],
    ['agent -p 8080', undefined, 8080],
    ['agent -p8080', undefined, 8080],
    ['agent --host 0.0.0.0 --port 8080', '0.0.0.0', 8080],
    ['agent --host ::1 --port 8080', '::1', 8080],
    ['agent --listen :8080', undefined, 8080],
    ['agent --listen 8080', undefined, 8080],
    ['agent --listen 127.0.0.2:8080', '127.0.0.2', 8080],
    ['agent --listen=[::1]:8080', '::1', 8080],
    ['agent --listen http://127.0.0.1:8080/', '127.0.0.1', 8080],
    ['prometheus --web.listen-address=0.0.0.0:9090', '0.0.0.0', 9090],
    ['agent --bind 192.168.1.5:8080', '192.168.1.5', 8080],
    ['agent -addr :8080', undefined, 8080],
    ['agent --port 8080 --listen :8080', undefined, 8080],
    ['/usr/bin/python3 -m http.server', undefined, 8000],
    ['python3.13 -u -m http.server 9000 --directory 8080', undefined, 9000],
    ['python3 -m http.server --bind 127.0.0.1 8080', '127.0.0.1', 8080],
  ])('names its port: %s', (line, address, port) => {
    expect(named(line)).toEqual({ address, port });
  });

  it.each([
    'agent serve',
    'agent --port $PORT',
    'agent --port 0',
    'agent --port 70000',
    'agent --portable 8080',
    'agent --workers 8080',
    'agent -p 4',
    'agent --listen /run/user/1000/agent.sock',
    // Two ports: which of them answers is not known.
    'agent --port 8080 --http-port 9090',
    // A client names the port of its server.
    'worker --host db.example.org --port 5432',
    'worker -addr vault:8200',
    'agent --listen user:secret@kuma:8080',
    'mosquitto_sub -p 1883 -L mqtt://broker/topic',
    'ssh -N -p 2222 machine',
    'autossh -M 0 -p 2222 neko@machine',
    // Inside of the container; what it is outside -p says.
    'podman run image --port 8080',
    'docker run -p 8081:8080 image',
  ])('names none that is certainly its own: %s', line => {
    expect(named(line)).toBeUndefined();
  });
});
