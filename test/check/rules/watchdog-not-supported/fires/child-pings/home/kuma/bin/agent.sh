#!/bin/bash
systemd-notify --ready
while sleep 10; do
  /usr/local/bin/agent --once && systemd-notify WATCHDOG=1
done
