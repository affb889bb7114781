/*
 * The program that all conformance units run: it executes a script, and notes when it starts and ends.
 *
 *   act UNIT ROLE     reads /opt/actor/scripts/UNIT.ROLE, words separated by spaces
 *
 *   ready             READY=1 to the service manager; catches SIGHUP first, as 262 asks of Type=notify-reload
 *   name:NAME         connects to the bus of its manager and owns NAME until it ends
 *   drop              disconnects from the bus, which releases the name
 *   ping:MS           sends WATCHDOG=1 every MS milliseconds while it sleeps or waits; ping:0 stops that
 *   sleep:MS, hang    sleeps for MS milliseconds; hang sleeps without end
 *   daemon:FILE       forks: the parent exits 0 once the child has written FILE (none for "-"); the child goes on
 *   pidfile:FILE      writes FILE for itself
 *   ignore:N          ignores signal N
 *   child             starts a child that does nothing and ignores the same signals
 *   exit:N, kill:N    ends with that exit status or by that signal, without a core dump
 *   core:N            ends by that signal and dumps core
 *
 * It writes a line to /opt/actor/log/UNIT for each start and for each end that its script causes: CLOCK_MONOTONIC in
 * microseconds, the role, "start" or "end". It is linked statically, so that one build runs in every root file system.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static const char *unit, *role;
static long ping_ms;
static int bus = -1;

static long long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void note(const char *what) {
  char path[256], line[256];
  snprintf(path, sizeof path, "/opt/actor/log/%s", unit);
  int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0)
    return;
  int n = snprintf(line, sizeof line, "%lld %s %s\n", now_us(), role, what);
  if (write(fd, line, n) < 0)
    perror(path);
  close(fd);
}

static void notify(const char *state) {
  const char *path = getenv("NOTIFY_SOCKET");
  if (!path)
    return;
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length >= sizeof to.sun_path)
    return;
  memcpy(to.sun_path, path, length);
  if (path[0] == '@')
    to.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to, offsetof(struct sockaddr_un, sun_path) + length);
  close(fd);
}

/* A negative time means without end. */
static void pass(long ms) {
  long long end = now_us() + ms * 1000LL;
  for (;;) {
    long left = ms < 0 ? 3600000 : (end - now_us() + 999) / 1000;
    if (ping_ms > 0)
      notify("WATCHDOG=1");
    if (left <= 0)
      return;
    poll(NULL, 0, ping_ms > 0 && ping_ms < left ? ping_ms : left);
  }
}

static void hear(int signal_number) { (void)signal_number; }

/* Processes that dump core at the same moment must not write to the same file. */
static void enter_own_folder(void) {
  char path[64];
  snprintf(path, sizeof path, "/opt/actor/run/core-%lld", now_us());
  if (mkdir(path, 0755) < 0 || chdir(path) < 0)
    perror(path);
}

static void die(int signal_number, int with_core) {
  struct rlimit limit;
  getrlimit(RLIMIT_CORE, &limit);
  limit.rlim_cur = with_core ? limit.rlim_max : 0;
  if (with_core)
    enter_own_folder();
  else
    limit.rlim_max = 0;
  setrlimit(RLIMIT_CORE, &limit);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal_number);
  signal(signal_number, SIG_DFL);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  note("end");
  raise(signal_number);
  _exit(99);
}

static void write_pid(const char *path) {
  FILE *f = fopen(path, "w");
  if (!f)
    _exit(96);
  fprintf(f, "%d\n", getpid());
  fclose(f);
}

static void become_daemon(const char *pid_file) {
  int ready[2];
  char byte;
  if (pipe(ready) < 0)
    _exit(98);
  pid_t child = fork();
  if (child < 0)
    _exit(98);
  if (child > 0) {
    close(ready[1]);
    if (read(ready[0], &byte, 1) < 1)
      _exit(97);
    _exit(0);
  }
  close(ready[0]);
  setsid();
  if (strcmp(pid_file, "-") != 0)
    write_pid(pid_file);
  if (write(ready[1], "", 1) < 1)
    _exit(95);
  close(ready[1]);
}

/*
 * The part of D-Bus that is needed to own a name. It uses no library, which every root file system would have to contain.
 * https://dbus.freedesktop.org/doc/dbus-specification.html
 */
struct message {
  unsigned char bytes[1024];
  size_t length;
};

static void align(struct message *m, size_t to) {
  while (m->length % to)
    m->bytes[m->length++] = 0;
}

static void put_byte(struct message *m, unsigned char byte) { m->bytes[m->length++] = byte; }

static void put_number(struct message *m, unsigned number) {
  align(m, sizeof number);
  memcpy(m->bytes + m->length, &number, sizeof number);
  m->length += sizeof number;
}

static void put_string(struct message *m, const char *text) {
  put_number(m, strlen(text));
  memcpy(m->bytes + m->length, text, strlen(text) + 1);
  m->length += strlen(text) + 1;
}

/* A type or a list of types: its length is one byte. */
static void put_signature(struct message *m, const char *types) {
  put_byte(m, strlen(types));
  memcpy(m->bytes + m->length, types, strlen(types) + 1);
  m->length += strlen(types) + 1;
}

static void put_field(struct message *m, unsigned char code, const char *type, const char *text) {
  align(m, 8);
  put_byte(m, code);
  put_signature(m, type);
  if (*type == 'g')
    put_signature(m, text);
  else
    put_string(m, text);
}

/* A call to the bus itself; without a name it is Hello(), which has no arguments. */
static void call_bus(unsigned serial, const char *member, const char *name) {
  static const char driver[] = "org.freedesktop.DBus";
  struct message m = {.length = 0}, body = {.length = 0};
  if (name) {
    put_string(&body, name);
    /* ALLOW_REPLACEMENT and REPLACE_EXISTING: an actor that was left behind does not keep the name. */
    put_number(&body, 3);
  }
  put_byte(&m, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B');
  put_byte(&m, 1);
  put_byte(&m, 0);
  put_byte(&m, 1);
  put_number(&m, body.length);
  put_number(&m, serial);
  size_t at = m.length;
  put_number(&m, 0);
  put_field(&m, 1, "o", "/org/freedesktop/DBus");
  put_field(&m, 2, "s", driver);
  put_field(&m, 3, "s", member);
  put_field(&m, 6, "s", driver);
  if (name)
    put_field(&m, 8, "g", "su");
  unsigned fields = m.length - at - sizeof fields;
  memcpy(m.bytes + at, &fields, sizeof fields);
  align(&m, 8);
  memcpy(m.bytes + m.length, body.bytes, body.length);
  m.length += body.length;
  if (send(bus, m.bytes, m.length, MSG_NOSIGNAL) != (ssize_t)m.length)
    _exit(91);
}

static void receive(void *to, size_t length) {
  if (length > 0 && recv(bus, to, length, MSG_WAITALL) != (ssize_t)length)
    _exit(91);
}

/* The first number in the answer to the pending call; signals are ignored. */
static unsigned answer(void) {
  for (;;) {
    unsigned char head[16], rest[4096];
    unsigned body, fields, first;
    receive(head, sizeof head);
    memcpy(&body, head + 4, sizeof body);
    memcpy(&fields, head + 12, sizeof fields);
    size_t begin = (fields + 7) / 8 * 8;
    if (begin > sizeof rest || body > sizeof rest - begin)
      _exit(91);
    receive(rest, begin + body);
    if (head[1] == 3)
      _exit(90);
    if (head[1] != 2 || body < sizeof first)
      continue;
    memcpy(&first, rest + begin, sizeof first);
    return first;
  }
}

static void connect_to_bus(void) {
  struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = "/run/dbus/system_bus_socket"};
  const char *runtime = getenv("XDG_RUNTIME_DIR");
  /* Only a user manager passes this variable on to its services. */
  if (runtime)
    snprintf(to.sun_path, sizeof to.sun_path, "%s/bus", runtime);
  bus = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(bus, (struct sockaddr *)&to, sizeof to) < 0)
    _exit(91);
  char uid[16], line[64] = "";
  snprintf(uid, sizeof uid, "%d", getuid());
  int length = 1 + sprintf(line + 1, "AUTH EXTERNAL ");
  for (const char *digit = uid; *digit; digit++)
    length += sprintf(line + length, "%02x", *digit);
  length += sprintf(line + length, "\r\n");
  if (send(bus, line, length, MSG_NOSIGNAL) != length)
    _exit(91);
  do
    receive(line, 1);
  while (*line != '\n');
  if (send(bus, "BEGIN\r\n", 7, MSG_NOSIGNAL) != 7)
    _exit(91);
  call_bus(1, "Hello", NULL);
  answer();
}

static void own_name(const char *name) {
  connect_to_bus();
  call_bus(2, "RequestName", name);
  /* 1 means that this process owns the name. */
  if (answer() != 1)
    _exit(90);
}

int main(int argc, char **argv) {
  if (argc < 3)
    return 94;
  unit = argv[1];
  role = argv[2];
  note("start");

  char path[256], script[1024];
  snprintf(path, sizeof path, "/opt/actor/scripts/%s.%s", unit, role);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return 93;
  ssize_t length = read(fd, script, sizeof script - 1);
  close(fd);
  if (length < 0)
    return 93;
  script[length] = 0;

  for (char *word = strtok(script, " \n"); word; word = strtok(NULL, " \n")) {
    char *argument = strchr(word, ':');
    if (argument)
      *argument++ = 0;
    long number = argument ? atol(argument) : 0;
    if (!strcmp(word, "ready")) {
      signal(SIGHUP, hear);
      notify("READY=1");
    } else if (!strcmp(word, "name"))
      own_name(argument);
    else if (!strcmp(word, "drop"))
      close(bus);
    else if (!strcmp(word, "ping"))
      ping_ms = number;
    else if (!strcmp(word, "sleep"))
      pass(number);
    else if (!strcmp(word, "hang"))
      pass(-1);
    else if (!strcmp(word, "daemon"))
      become_daemon(argument);
    else if (!strcmp(word, "ignore"))
      signal(number, SIG_IGN);
    else if (!strcmp(word, "child")) {
      if (fork() == 0) {
        close(bus);
        pass(-1);
      }
    } else if (!strcmp(word, "pidfile"))
      write_pid(argument);
    else if (!strcmp(word, "exit")) {
      note("end");
      _exit(number);
    } else if (!strcmp(word, "kill"))
      die(number, 0);
    else if (!strcmp(word, "core"))
      die(number, 1);
    else
      return 92;
  }
  note("end");
  return 0;
}
