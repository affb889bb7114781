#!/usr/bin/env bash
# In a session bus of its own: a notification server, a message through the channel, and what the server has got.
set -euo pipefail
cd "$(dirname "$0")"
log=$(mktemp)
/usr/bin/python3 -m dbusmock --session --template notification_daemon >"$log" &
server=$!
trap 'kill "$server"; rm -f "$log"' EXIT
for _ in $(seq 100); do
  busctl --address="$DBUS_SESSION_BUS_ADDRESS" status org.freedesktop.Notifications >/dev/null 2>&1 && break
  sleep 0.1
done
node desktop-message.ts
cat "$log"
