#!/bin/bash
# Wait until the gateway answers, 30 tries, one a second.
for _ in $(seq 1 30); do
  code=$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:18789/ 2>/dev/null)
  if [ "$code" = 200 ] || [ "$code" = 401 ]; then
    break
  fi
  sleep 1
done

# Straight to Telegram, so that the message needs nothing of OpenClaw.
BOT_TOKEN=$(python3 -c "import json; print(json.load(open('$HOME/.openclaw/openclaw.json'))['channels']['telegram']['accounts']['default']['botToken'])")
CHAT_ID="100000001"

curl -s -X POST "https://api.telegram.org/bot${BOT_TOKEN}/sendMessage" \
  -d chat_id="${CHAT_ID}" \
  -d text="🔄 OpenClaw Gateway restarted
🖥️ $(hostname)
🕐 $(date -u '+%Y-%m-%d %H:%M:%S UTC')" \
  -d parse_mode="HTML" >/dev/null 2>&1
