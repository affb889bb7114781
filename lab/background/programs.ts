/** The programs whose ways into the background are tried, and the commands that are run of each. */

interface ProgramUnderTrial {
  /** The package whose version is written down. */
  readonly from: { readonly debian: string } | { readonly npm: string };
  /** Files, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** Text for sh that root runs once before all commands, before each and after each. */
  readonly prepare?: string;
  readonly before?: string;
  readonly after?: string;
  /** Who runs it; root otherwise. */
  readonly user?: string;
  /** Whether root's own manager starts it, too: some programs look whether the system's is their parent. */
  readonly byUserManager?: true;
  /** Seconds that its commands are given to end; 3 otherwise. */
  readonly patienceSeconds?: number;
  /** A word with a space in it makes a list necessary. */
  readonly commands: readonly (string | readonly string[])[];
}

/** In a host the kernel allows no BPF program, keyring or sysctl: a container does without its limits. */
const image = `cat >/usr/local/bin/crun-in-host <<'END'
#!/usr/bin/python3
import json, os, sys
words = sys.argv[1:]
if 'create' in words:
    config = os.path.join(words[words.index('--bundle') + 1], 'config.json')
    spec = json.load(open(config))
    spec['linux'].pop('resources', None)
    spec['linux'].pop('sysctl', None)
    json.dump(spec, open(config, 'w'))
    words.insert(words.index('create') + 1, '--no-new-keyring')
os.execvp('crun', ['crun', *words])
END
chmod +x /usr/local/bin/crun-in-host
mkdir -p /srv/image/bin /srv/compose
cp /bin/busybox /srv/image/bin/; ln -sf busybox /srv/image/bin/sleep; ln -sf busybox /srv/image/bin/sh
printf 'name: web\\nservices:\\n  web:\\n    image: box\\n    command: sleep 1000\\n    network_mode: none\\n' >/srv/compose/compose.yaml
`;

const docker = `${image}systemd-run --unit=docker-in-host dockerd --storage-driver=vfs --iptables=false --ip6tables=false --bridge=none --ip-forward=false --add-runtime host=/usr/local/bin/crun-in-host --default-runtime host
for i in 1 2 3 4 5 6 7 8 9; do docker version >/dev/null 2>&1 && break; sleep 1; done
tar -C /srv/image -c . | docker import - box`;

const podman = `${image}mkdir -p /etc/containers
printf '[storage]\\ndriver="vfs"\\nrunroot="/run/containers/storage"\\ngraphroot="/var/lib/containers/storage"\\n' >/etc/containers/storage.conf
printf '[containers]\\npids_limit=0\\nkeyring=false\\ndefault_sysctls=[]\\n[engine]\\nruntime="host"\\n[engine.runtimes]\\nhost=["/usr/local/bin/crun-in-host"]\\n' >/etc/containers/containers.conf
tar -C /srv/image -c . | podman import - box`;

const remove = (engine: string) =>
  `${engine} rm -f web web_web_1 web-web-1 $(${engine} ps -aq) >/dev/null 2>&1 || true`;
const create = (engine: string) =>
  `${remove(engine)}; ${engine} create --net none --name old box sleep 1000 >/dev/null`;

function ofEngine(name: string): readonly string[] {
  const run = `/usr/bin/${name} run --net none --name web`;
  return [
    `${run} -d box sleep 1000`,
    `${run} box sleep 1000`,
    `${run} --detach box sleep 1000`,
    `${run} --detach=false box sleep 1000`,
    `${run} -di box sleep 1000`,
    `${run} -i box sleep 1000`,
    `/usr/bin/${name} container run --net none --name web -d box sleep 1000`,
    `/usr/bin/${name} --log-level error run --net none --name web -d box sleep 1000`,
    `/usr/bin/${name} start old`,
    `/usr/bin/${name} start -a old`,
    `/usr/bin/${name} start --attach old`,
    `/usr/bin/${name} restart old`,
    `/usr/bin/${name} container start old`,
  ];
}

const composed = (command: string) => [
  `${command} -f /srv/compose/compose.yaml up -d`,
  `${command} -f /srv/compose/compose.yaml up`,
  `${command} -f /srv/compose/compose.yaml up --detach`,
];

const loopback = `mkdir -p /root/.ssh /run/sshd; chmod 700 /root/.ssh
ssh-keygen -A; [ -f /root/.ssh/id_ed25519 ] || ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
printf 'Host here\\n  HostName 127.0.0.1\\n  User root\\n  StrictHostKeyChecking no\\n' >/root/.ssh/config
systemd-run --unit=sshd-in-host /usr/sbin/sshd -D`;

const redis = (program: string): readonly string[] => [
  `${program} --port 6380 --daemonize yes`,
  `${program} --port 6380`,
  `${program} --port 6380 --daemonize no`,
  `${program} /srv/leaves.conf`,
  `${program} /srv/stays.conf`,
  `${program} /srv/leaves.conf --daemonize no`,
  `${program} /srv/stays.conf --daemonize yes`,
];

export const programs: Readonly<Record<string, ProgramUnderTrial>> = {
  sh: {
    from: { debian: 'dash' },
    commands: [
      ['/bin/sh', '-c', 'sleep 1000 &'],
      ['/bin/sh', '-c', 'nohup sleep 1000 >/dev/null 2>&1 &'],
      ['/bin/sh', '-c', '(sleep 1000) & echo started'],
      ['/bin/sh', '-c', 'exec sleep 1000'],
      ['/bin/sh', '-c', 'sleep 1000 & wait'],
      ['/bin/sh', '-c', 'sleep 1000 & sleep 1; exit'],
      ['/bin/sh', '-c', 'sleep 1000 & exec sleep 1001'],
      ['/bin/sh', '-c', 'sleep 1000 & sleep infinity'],
      ['/bin/sh', '-c', 'sleep 1000 & trap "kill $!" TERM; wait'],
      ['/bin/sh', '-c', 'sleep 1000 & trap "kill $!" TERM'],
      ['/bin/sh', '-c', 'trap wait EXIT; sleep 1000 &'],
      ['/bin/sh', '-c', '(sleep 1000 &)'],
      ['/bin/sh', '-c', '{ sleep 1000 & }; wait'],
      ['/bin/sh', '-c', 'setsid sleep 1000 &'],
      ['/bin/sh', '-c', 'setsid sleep 1000; true'],
      ['/bin/sh', '-c', 'exec setsid sleep 1000'],
      ['/bin/sh', '-c', 'sleep 1000 & test -d / || exit 1'],
      ['/bin/sh', '-c', 'sleep 1000 & if true; then exit; fi'],
      ['/bin/sh', '-c', 'sleep 1000 & kill -0 $!'],
      ['/bin/sh', '-c', 'sleep 1000 & while kill -0 $!; do sleep 1; done'],
      ['/bin/sh', '-c', 'for i in 1 2; do sleep 1000 & done'],
      ['/bin/sh', '-c', 'for i in 1 2; do sleep 1000 & done; wait'],
    ],
  },
  bash: {
    from: { debian: 'bash' },
    commands: [
      ['/bin/bash', '-c', 'sleep 1000 & disown'],
      ['/bin/bash', '-c', '(trap "" HUP; exec sleep 1000) & disown -a'],
      ['/bin/bash', '-c', 'exec sleep 1000 &'],
      ['/bin/bash', '-c', 'sleep 1000 & wait -n'],
      ['/bin/bash', '-c', 'sleep 1000 & [[ -d / ]]'],
      ['/bin/bash', '-c', 'coproc sleep 1000'],
      ['/bin/bash', '-c', 'coproc sleep 1000; wait'],
      ['/bin/bash', '-c', 'coproc { sleep 1000; }'],
      ['/bin/bash', '-c', 'coproc bot { sleep 1000; }'],
      ['/bin/bash', '-c', 'setsid sleep 1000; true'],
      ['/bin/bash', '-c', 'exec setsid sleep 1000'],
    ],
  },
  setsid: {
    from: { debian: 'util-linux' },
    commands: [
      '/usr/bin/setsid sleep 1000',
      '/usr/bin/setsid -f sleep 1000',
      '/usr/bin/setsid --fork sleep 1000',
      '/usr/bin/setsid -w sleep 1000',
      '/usr/bin/setsid --wait sleep 1000',
      '/usr/bin/setsid -fw sleep 1000',
      '/usr/bin/env setsid sleep 1000',
      '/usr/bin/nice setsid sleep 1000',
      '/usr/bin/timeout 500 setsid sleep 1000',
      ['/bin/sh', '-c', 'setsid sleep 1000'],
      ['/bin/bash', '-c', 'setsid sleep 1000'],
    ],
  },
  screen: {
    from: { debian: 'screen' },
    commands: [
      '/usr/bin/screen -dmS bot sleep 1000',
      '/usr/bin/screen -DmS bot sleep 1000',
      '/usr/bin/screen -S bot -d -m sleep 1000',
      '/usr/bin/screen -S bot -D -m sleep 1000',
      '/usr/bin/screen -dm sleep 1000',
      '/usr/bin/screen -Dm sleep 1000',
      '/usr/bin/screen -mdS bot sleep 1000',
      '/usr/bin/screen -mDS bot sleep 1000',
      '/usr/bin/screen -AdmS bot sleep 1000',
      '/usr/bin/screen -ADmS bot sleep 1000',
      '/usr/bin/screen -L -Logfile /tmp/log -dmS bot sleep 1000',
      '/usr/bin/screen -L -Logfile /tmp/log -DmS bot sleep 1000',
      '/usr/bin/screen -t dm -S bot sleep 1000',
      '/usr/bin/screen -S bot sleep 1000',
    ],
  },
  tmux: {
    from: { debian: 'tmux' },
    commands: [
      '/usr/bin/tmux new-session -d -s bot sleep 1000',
      '/usr/bin/tmux new -d sleep 1000',
      '/usr/bin/tmux -L own new-session -d sleep 1000',
      '/usr/bin/tmux -2u new-session -ds bot sleep 1000',
      '/usr/bin/tmux new-session -s bot -d sleep 1000',
      '/usr/bin/tmux new-s -d sleep 1000',
      '/usr/bin/tmux new-session -s bot sleep -d',
      '/usr/bin/tmux start-server',
      '/usr/bin/tmux start-server ; new-session -d sleep 1000',
      '/usr/bin/tmux -D',
    ],
  },
  daemonize: {
    from: { debian: 'daemonize' },
    commands: ['/usr/bin/daemonize /bin/sleep 1000', '/usr/bin/daemonize -p /run/pid /bin/sleep 1000'],
  },
  daemon: {
    from: { debian: 'daemon' },
    byUserManager: true,
    commands: [
      '/usr/bin/daemon -- sleep 1000',
      '/usr/bin/daemon -n bot -- sleep 1000',
      '/usr/bin/daemon -rn bot -- sleep 1000',
      '/usr/bin/daemon -f -- sleep 1000',
      '/usr/bin/daemon --foreground -- sleep 1000',
    ],
  },
  'start-stop-daemon': {
    from: { debian: 'dpkg' },
    commands: [
      '/sbin/start-stop-daemon --start --background --exec /bin/sleep -- 1000',
      '/sbin/start-stop-daemon --start --exec /bin/sleep -- 1000',
      '/sbin/start-stop-daemon -S -b -x /bin/sleep -- 1000',
      '/sbin/start-stop-daemon -S -x /bin/sleep -- 1000',
      '/sbin/start-stop-daemon -Sbx /bin/sleep -- 1000',
      '/sbin/start-stop-daemon -S -b -m -p /run/pid -x /bin/sleep -- 1000',
      '/sbin/start-stop-daemon -S -m -p /run/pid -x /bin/sleep -- 1000',
      '/sbin/start-stop-daemon -S -x /bin/sleep -nbob -- 1000',
    ],
  },
  at: {
    from: { debian: 'at' },
    files: {
      '/srv/job': 'sleep 1000\n',
    },
    prepare: 'systemd-run --unit=atd-in-host /usr/sbin/atd -f',
    after: 'for i in $(atq | cut -f1); do atrm $i; done',
    commands: ['/usr/bin/at now -f /srv/job', '/usr/bin/at -f /srv/job now', '/usr/bin/batch -f /srv/job'],
  },
  systemctl: {
    from: { debian: 'systemd' },
    files: {
      '/etc/systemd/system/other.service': '[Service]\nExecStart=sleep 1000\n',
    },
    after: 'systemctl stop other.service',
    commands: [
      '/usr/bin/systemctl start other.service',
      '/usr/bin/systemctl --no-block start other.service',
      '/usr/bin/systemctl restart other.service',
      '/usr/bin/systemctl reload-or-restart other.service',
      '/usr/bin/systemctl try-restart other.service',
      '/usr/bin/systemctl start --wait other.service',
      '/usr/bin/systemctl --wait restart other.service',
    ],
  },
  'systemd-run': {
    from: { debian: 'systemd' },
    after: 'systemctl stop own.service own.scope "run-*" 2>/dev/null || true',
    commands: [
      '/usr/bin/systemd-run sleep 1000',
      '/usr/bin/systemd-run --scope sleep 1000',
      '/usr/bin/systemd-run --unit own sleep 1000',
      '/usr/bin/systemd-run --scope --unit own sleep 1000',
      '/usr/bin/systemd-run --unit=own -p Nice=1 sleep 1000',
      '/usr/bin/systemd-run --wait sleep 1000',
      '/usr/bin/systemd-run -P sleep 1000',
      '/usr/bin/systemd-run -qP sleep 1000',
      '/usr/bin/systemd-run --pipe sleep 1000',
    ],
  },
  docker: {
    from: { debian: 'docker.io' },
    prepare: docker,
    before: create('docker'),
    after: remove('docker'),
    patienceSeconds: 6,
    commands: [
      ...ofEngine('docker'),
      ...composed('/usr/bin/docker compose'),
      ...composed('/usr/bin/docker-compose'),
    ],
  },
  podman: {
    from: { debian: 'podman' },
    prepare: podman,
    before: create('podman'),
    after: remove('podman'),
    patienceSeconds: 6,
    commands: [...ofEngine('podman'), ...composed('/usr/bin/podman-compose')],
  },
  pm2: {
    from: { npm: 'pm2' },
    files: {
      '/srv/app.js': 'setInterval(() => {}, 1000)\n',
    },
    before: 'rm -rf /root/.pm2',
    patienceSeconds: 10,
    commands: [
      '/opt/npm/node_modules/.bin/pm2 start /srv/app.js',
      '/opt/npm/node_modules/.bin/pm2 -s start /srv/app.js',
      '/opt/npm/node_modules/.bin/pm2 start /srv/app.js --no-daemon',
      '/opt/npm/node_modules/.bin/pm2 --no-daemon start /srv/app.js',
      '/opt/npm/node_modules/.bin/pm2 startOrRestart /srv/app.js',
      '/opt/npm/node_modules/.bin/pm2 resurrect',
      '/opt/npm/node_modules/.bin/pm2-runtime start /srv/app.js',
      '/opt/npm/node_modules/.bin/pm2-runtime /srv/app.js',
    ],
  },
  forever: {
    from: { npm: 'forever' },
    files: { '/srv/app.js': 'setInterval(() => {}, 1000)\n' },
    patienceSeconds: 10,
    commands: [
      '/opt/npm/node_modules/.bin/forever start /srv/app.js',
      '/opt/npm/node_modules/.bin/forever /srv/app.js',
      '/opt/npm/node_modules/.bin/forever -a start /srv/app.js',
    ],
  },
  supervisord: {
    from: { debian: 'supervisor' },
    files: {
      '/srv/nodaemon.conf': '[supervisord]\nnodaemon=true\n',
    },
    commands: [
      '/usr/bin/supervisord',
      '/usr/bin/supervisord -n',
      '/usr/bin/supervisord --nodaemon',
      '/usr/bin/supervisord -c /etc/supervisor/supervisord.conf',
      '/usr/bin/supervisord -c /etc/supervisor/supervisord.conf -n',
      '/usr/bin/supervisord -c /srv/nodaemon.conf',
    ],
  },
  nginx: {
    from: { debian: 'nginx-light' },
    files: {
      '/srv/nginx.conf': 'events {}\n',
      '/srv/off.conf': 'daemon off;\nevents {}\n',
    },
    commands: [
      '/usr/sbin/nginx',
      ['/usr/sbin/nginx', '-g', 'daemon off;'],
      ['/usr/sbin/nginx', '-g', 'daemon on;'],
      ['/usr/sbin/nginx', '-g', 'daemon on; master_process on;'],
      '/usr/sbin/nginx -c /srv/nginx.conf',
      ['/usr/sbin/nginx', '-c', '/srv/nginx.conf', '-g', 'daemon off;'],
      '/usr/sbin/nginx -c /srv/off.conf',
      '/usr/sbin/nginx -t',
    ],
  },
  'redis-server': {
    from: { debian: 'redis-server' },
    files: {
      '/srv/leaves.conf': 'port 6380\ndaemonize yes\ndir /tmp\n',
      '/srv/stays.conf': 'port 6380\ndaemonize no\ndir /tmp\n',
    },
    before: 'rm -f /tmp/dump.rdb /dump.rdb',
    commands: redis('/usr/bin/redis-server'),
  },
  'valkey-server': {
    from: { debian: 'valkey-server' },
    files: {
      '/srv/leaves.conf': 'port 6380\ndaemonize yes\ndir /tmp\n',
      '/srv/stays.conf': 'port 6380\ndaemonize no\ndir /tmp\n',
    },
    before: 'rm -f /tmp/dump.rdb /dump.rdb',
    commands: redis('/usr/bin/valkey-server'),
  },
  gunicorn: {
    from: { debian: 'gunicorn' },
    files: {
      '/srv/demo.py': 'def app(e, s):\n    s("200 OK", [])\n    return []\n',
      '/srv/gunicorn.py': 'daemon = True\n',
    },
    commands: [
      '/usr/bin/gunicorn --chdir /srv --daemon demo:app',
      '/usr/bin/gunicorn --chdir /srv demo:app',
      '/usr/bin/gunicorn --chdir /srv -D demo:app',
      '/usr/bin/gunicorn --chdir /srv -Db 127.0.0.1:8000 demo:app',
      '/usr/bin/gunicorn --chdir /srv -b 127.0.0.1:8000 demo:app',
      '/usr/bin/gunicorn --chdir /srv -nDemo demo:app',
      '/usr/bin/gunicorn --chdir /srv -c /srv/gunicorn.py demo:app',
      '/usr/bin/gunicorn --chdir /srv --config=/srv/gunicorn.py demo:app',
    ],
  },
  uwsgi: {
    from: { debian: 'uwsgi' },
    files: {
      '/srv/leaves.ini': '[uwsgi]\nhttp-socket=127.0.0.1:9090\ndaemonize=/tmp/log\n',
      '/srv/stays.ini': '[uwsgi]\nhttp-socket=127.0.0.1:9090\n',
    },
    commands: [
      '/usr/bin/uwsgi --http-socket 127.0.0.1:9090 --daemonize=/tmp/log',
      '/usr/bin/uwsgi --http-socket 127.0.0.1:9090 --logto=/tmp/log',
      '/usr/bin/uwsgi --http-socket 127.0.0.1:9090 --daemonize /tmp/log',
      '/usr/bin/uwsgi --http-socket 127.0.0.1:9090 --logto /tmp/log',
      '/usr/bin/uwsgi --http-socket 127.0.0.1:9090 --daemonize2 /tmp/log',
      '/usr/bin/uwsgi --http-socket 127.0.0.1:9090 -d /tmp/log',
      '/usr/bin/uwsgi --http-socket 127.0.0.1:9090',
      '/usr/bin/uwsgi --ini /srv/leaves.ini',
      '/usr/bin/uwsgi /srv/leaves.ini',
      '/usr/bin/uwsgi --ini /srv/stays.ini',
    ],
  },
  celery: {
    from: { debian: 'celery' },
    files: {
      '/srv/demo.py': 'from celery import Celery\napp = Celery("demo", broker="memory://")\n',
    },
    before: 'rm -f /tmp/*.pid',
    patienceSeconds: 15,
    commands: [
      '/usr/bin/celery --workdir /srv -A demo worker --pidfile /tmp/w.pid --logfile /tmp/w.log --detach',
      '/usr/bin/celery --workdir /srv -A demo worker --pidfile /tmp/w.pid --logfile /tmp/w.log',
      '/usr/bin/celery --workdir /srv -A demo worker --pidfile /tmp/w.pid --logfile /tmp/w.log -D',
      '/usr/bin/celery --workdir /srv -A demo beat --pidfile /tmp/w.pid --logfile /tmp/w.log -s /tmp/beat --detach',
      '/usr/bin/celery --workdir /srv -A demo beat --pidfile /tmp/w.pid --logfile /tmp/w.log -s /tmp/beat',
      '/usr/bin/celery multi start w1 -A demo --pidfile=/tmp/%n.pid --logfile=/tmp/%n.log --workdir=/srv',
      '/usr/bin/celery multi restart w1 -A demo --pidfile=/tmp/%n.pid --logfile=/tmp/%n.log --workdir=/srv',
      '/usr/bin/celery multi stop w1 -A demo --pidfile=/tmp/%n.pid --logfile=/tmp/%n.log',
    ],
  },
  apache2: {
    from: { debian: 'apache2' },
    files: {
      '/srv/a.conf':
        'ServerName a\nServerRoot /etc/apache2\nListen 8080\nPidFile /run/a.pid\nErrorLog /tmp/a.log\nUser www-data\nGroup www-data\nLoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so\nLoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so\n',
    },
    before: 'rm -f /run/a.pid',
    commands: [
      '/usr/sbin/apache2 -f /srv/a.conf',
      '/usr/sbin/apache2 -f /srv/a.conf -DFOREGROUND',
      '/usr/sbin/apache2 -f /srv/a.conf -D FOREGROUND',
      '/usr/sbin/apache2 -f /srv/a.conf -D NO_DETACH',
      '/usr/sbin/apache2 -f /srv/a.conf -D ONE_PROCESS',
      '/usr/sbin/apache2 -f /srv/a.conf -D DEBUG',
      '/usr/sbin/apache2 -f /srv/a.conf -X',
      '/usr/sbin/apache2 -f /srv/a.conf -k start',
      '/usr/sbin/apache2 -f /srv/a.conf -k start -DFOREGROUND',
      '/usr/sbin/apache2 -f /srv/a.conf -t',
    ],
  },
  apachectl: {
    from: { debian: 'apache2' },
    after: 'systemctl stop apache2.service',
    commands: [
      '/usr/sbin/apachectl start',
      '/usr/sbin/apachectl -DFOREGROUND',
      '/usr/sbin/apachectl -D FOREGROUND',
      '/usr/sbin/apachectl -k start',
      '/usr/sbin/apachectl -k start -DFOREGROUND',
      '/usr/sbin/apachectl restart',
    ],
  },
  lighttpd: {
    from: { debian: 'lighttpd' },
    files: {
      '/srv/lighttpd.conf': 'server.document-root = "/srv"\nserver.port = 8081\n',
    },
    commands: [
      '/usr/sbin/lighttpd -f /srv/lighttpd.conf',
      '/usr/sbin/lighttpd -f /srv/lighttpd.conf -D',
      '/usr/sbin/lighttpd -Df /srv/lighttpd.conf',
      '/usr/sbin/lighttpd -tf /srv/lighttpd.conf',
    ],
  },
  caddy: {
    from: { debian: 'caddy' },
    files: {
      '/srv/Caddyfile': ':8082 {\n}\n',
    },
    commands: ['/usr/bin/caddy start --config /srv/Caddyfile', '/usr/bin/caddy run --config /srv/Caddyfile'],
  },
  haproxy: {
    from: { debian: 'haproxy' },
    files: {
      '/srv/h.cfg':
        'defaults\n timeout connect 1s\n timeout client 1s\n timeout server 1s\nlisten a\n mode tcp\n bind 127.0.0.1:8083\n',
      '/srv/daemon.cfg':
        'global\n daemon\ndefaults\n timeout connect 1s\n timeout client 1s\n timeout server 1s\nlisten a\n mode tcp\n bind 127.0.0.1:8083\n',
    },
    commands: [
      '/usr/sbin/haproxy -f /srv/h.cfg -D',
      '/usr/sbin/haproxy -f /srv/h.cfg',
      '/usr/sbin/haproxy -D -f /srv/h.cfg',
      '/usr/sbin/haproxy -W -D -f /srv/h.cfg',
      '/usr/sbin/haproxy -W -f /srv/h.cfg',
      '/usr/sbin/haproxy -Ws -D -f /srv/h.cfg',
      '/usr/sbin/haproxy -Ws -f /srv/h.cfg',
      '/usr/sbin/haproxy -db -D -f /srv/h.cfg',
      '/usr/sbin/haproxy -db -f /srv/h.cfg',
      '/usr/sbin/haproxy -f /srv/daemon.cfg',
      '/usr/sbin/haproxy -W -f /srv/daemon.cfg',
      '/usr/sbin/haproxy -Ws -f /srv/daemon.cfg',
      '/usr/sbin/haproxy -db -f /srv/daemon.cfg',
      '/usr/sbin/haproxy -c -f /srv/h.cfg',
    ],
  },
  memcached: {
    from: { debian: 'memcached' },
    commands: [
      '/usr/bin/memcached -u nobody -d',
      '/usr/bin/memcached -u nobody',
      '/usr/bin/memcached -u nobody --daemon',
      '/usr/bin/memcached -dvu nobody',
      '/usr/bin/memcached -vu nobody',
      '/usr/bin/memcached -unobody',
    ],
  },
  mosquitto: {
    from: { debian: 'mosquitto' },
    commands: [
      '/usr/sbin/mosquitto -d',
      '/usr/sbin/mosquitto',
      '/usr/sbin/mosquitto --daemon',
      '/usr/sbin/mosquitto -v',
    ],
  },
  dnsmasq: {
    from: { debian: 'dnsmasq' },
    files: {
      '/srv/dnsmasq.conf': 'port=5353\nkeep-in-foreground\n',
    },
    commands: [
      '/usr/sbin/dnsmasq -p 5353 -C /dev/null',
      '/usr/sbin/dnsmasq -p 5353 -C /dev/null -k',
      '/usr/sbin/dnsmasq -p 5353 -C /dev/null --keep-in-foreground',
      '/usr/sbin/dnsmasq -p 5353 -C /dev/null -d',
      '/usr/sbin/dnsmasq -p 5353 -C /dev/null --no-daemon',
      '/usr/sbin/dnsmasq -p 5353 -C /dev/null -unobody',
      '/usr/sbin/dnsmasq -p 5353 -C /dev/null -udnsmasq',
      '/usr/sbin/dnsmasq -p 5353 -C /dev/null -udnsmasq -k',
      '/usr/sbin/dnsmasq -C /srv/dnsmasq.conf',
      '/usr/sbin/dnsmasq --test -C /dev/null',
    ],
  },
  'php-fpm8.4': {
    from: { debian: 'php8.4-fpm' },
    files: {
      '/srv/p.conf':
        '[global]\nerror_log=/tmp/p.log\n[www]\nuser=nobody\nlisten=/tmp/p.sock\npm=static\npm.max_children=1\n',
      '/srv/stays-p.conf':
        '[global]\nerror_log=/tmp/p.log\ndaemonize=no\n[www]\nuser=nobody\nlisten=/tmp/p.sock\npm=static\npm.max_children=1\n',
    },
    commands: [
      '/usr/sbin/php-fpm8.4 -y /srv/p.conf',
      '/usr/sbin/php-fpm8.4 -y /srv/p.conf -F',
      '/usr/sbin/php-fpm8.4 -y /srv/p.conf --nodaemonize',
      '/usr/sbin/php-fpm8.4 -y /srv/p.conf -D',
      '/usr/sbin/php-fpm8.4 -y /srv/stays-p.conf',
      '/usr/sbin/php-fpm8.4 -y /srv/stays-p.conf -D',
      '/usr/sbin/php-fpm8.4 -y /srv/stays-p.conf --daemonize',
      '/usr/sbin/php-fpm8.4 -y /srv/p.conf -t',
    ],
  },
  rsync: {
    from: { debian: 'rsync' },
    files: {
      '/srv/rsyncd.conf': '[a]\npath=/srv\n',
    },
    commands: [
      '/usr/bin/rsync --daemon --config=/srv/rsyncd.conf --port=8730',
      '/usr/bin/rsync --daemon --config=/srv/rsyncd.conf --port=8730 --no-detach',
      '/usr/bin/rsync --daemon --no-detach --config=/srv/rsyncd.conf --port=8730',
    ],
  },
  ssh: {
    from: { debian: 'openssh-client' },
    prepare: loopback,
    commands: [
      '/usr/bin/ssh -fN here',
      '/usr/bin/ssh -N here',
      '/usr/bin/ssh -f -N -L 9001:127.0.0.1:22 here',
      '/usr/bin/ssh -N -L 9001:127.0.0.1:22 here',
      '/usr/bin/ssh -fNT -o ExitOnForwardFailure=yes -R 9002:127.0.0.1:22 here',
      '/usr/bin/ssh -NT -o ExitOnForwardFailure=yes -R 9002:127.0.0.1:22 here',
      '/usr/bin/ssh here -f -N',
      '/usr/bin/ssh here -N',
      '/usr/bin/ssh -N here -f',
      '/usr/bin/ssh -f here sleep 1000',
      '/usr/bin/ssh here sleep 1000',
      '/usr/bin/ssh -NT -o ForkAfterAuthentication=yes here',
    ],
  },
  autossh: {
    from: { debian: 'autossh' },
    commands: [
      '/usr/bin/autossh -M 0 -f -N here',
      '/usr/bin/autossh -M 0 -N here',
      '/usr/bin/autossh -M 0 -fN here',
      '/usr/bin/autossh -f -M 0 -N here',
      '/usr/bin/autossh -M0 -fNT -o ServerAliveInterval=30 here',
      '/usr/bin/autossh -M0 -NT -o ServerAliveInterval=30 here',
    ],
  },
  openvpn: {
    from: { debian: 'openvpn' },
    files: {
      '/srv/vpn.conf': 'dev null\ncipher AES-256-CBC\nremote 127.0.0.1\nnobind\nsecret /srv/key\n',
      '/srv/daemon.conf': 'daemon\ndev null\ncipher AES-256-CBC\nremote 127.0.0.1\nnobind\nsecret /srv/key\n',
    },
    prepare: 'openvpn --genkey secret /srv/key',
    commands: [
      '/usr/sbin/openvpn --config /srv/vpn.conf --daemon',
      '/usr/sbin/openvpn --config /srv/vpn.conf',
      '/usr/sbin/openvpn --daemon --config /srv/vpn.conf',
      '/usr/sbin/openvpn --config /srv/vpn.conf --daemon vpn',
      '/usr/sbin/openvpn --config /srv/daemon.conf',
      '/usr/sbin/openvpn /srv/vpn.conf',
      '/usr/sbin/openvpn /srv/daemon.conf',
    ],
  },
  monerod: {
    from: { debian: 'monero' },
    patienceSeconds: 6,
    commands: [
      '/usr/bin/monerod --offline --data-dir /tmp/monero --detach',
      '/usr/bin/monerod --offline --data-dir /tmp/monero --non-interactive',
      '/usr/bin/monerod --offline --data-dir /tmp/monero',
    ],
  },
  aria2c: {
    from: { debian: 'aria2' },
    commands: [
      '/usr/bin/aria2c --enable-rpc --daemon',
      '/usr/bin/aria2c --enable-rpc',
      '/usr/bin/aria2c --enable-rpc --daemon=true',
      '/usr/bin/aria2c --enable-rpc --daemon=false',
      '/usr/bin/aria2c --enable-rpc -D',
    ],
  },
  emacs: {
    from: { debian: 'emacs-nox' },
    patienceSeconds: 8,
    commands: [
      '/usr/bin/emacs --daemon',
      '/usr/bin/emacs --fg-daemon',
      '/usr/bin/emacs --daemon=own',
      '/usr/bin/emacs --fg-daemon=own',
      '/usr/bin/emacs --bg-daemon',
    ],
  },
  'transmission-daemon': {
    from: { debian: 'transmission-daemon' },
    commands: [
      '/usr/bin/transmission-daemon -g /tmp/t',
      '/usr/bin/transmission-daemon -g /tmp/t -f',
      '/usr/bin/transmission-daemon -g /tmp/t --foreground',
    ],
  },
  pg_ctl: {
    from: { debian: 'postgresql' },
    prepare:
      'install -d -o postgres /srv/pg; su postgres -c "/usr/lib/postgresql/17/bin/initdb -D /srv/pg/data"',
    before: 'rm -f /srv/pg/data/postmaster.pid /tmp/.s.PGSQL*; install -d -o postgres /run/postgresql',
    user: 'postgres',
    patienceSeconds: 6,
    commands: [
      '/usr/lib/postgresql/17/bin/pg_ctl -D /srv/pg/data start',
      '/usr/lib/postgresql/17/bin/pg_ctl start -D /srv/pg/data -l /tmp/pg.log',
      '/usr/lib/postgresql/17/bin/pg_ctl -D /srv/pg/data restart',
      '/usr/lib/postgresql/17/bin/pg_ctl -D /srv/pg/data status',
      '/usr/lib/postgresql/17/bin/postgres -D /srv/pg/data',
    ],
  },
};

/** What a host needs besides: the programs that the preparations call. */
const further = [
  'busybox-static',
  'catatonit',
  'crun',
  'docker-cli',
  'docker-compose',
  'openssh-server',
  'php-fpm',
  'podman-compose',
  'uwsgi-plugin-python3',
];

/** The packages of Debian whose programs are run. */
export const packages: readonly string[] = [
  ...new Set([
    ...Object.values(programs).flatMap(({ from }) => ('debian' in from ? [from.debian] : [])),
    ...further,
  ]),
].toSorted();
