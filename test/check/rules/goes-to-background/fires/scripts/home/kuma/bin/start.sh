#!/usr/bin/env bash
set -e
cd "$HOME/bot"
log() { echo "$1"; }
if [ -n "$DEBUG" ]; then
  python3 bot.py --debug &
else
  nohup python3 bot.py > /tmp/bot.log 2>&1 &
fi
echo $! > /tmp/bot.pid
exit 0
