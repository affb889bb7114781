#!/bin/bash
# Says that the gateway's process was started. It does not wait for readiness: whoever waits in ExecStartPost keeps the unit in "activating".
: "${TELEGRAM_BOT_TOKEN:?}" "${TELEGRAM_CHAT_ID:?}"

# The URL holds the token, so it goes in on stdin: arguments can be read by every user of the machine.
printf 'url = "https://api.telegram.org/bot%s/sendMessage"\n' "$TELEGRAM_BOT_TOKEN" |
  curl --silent --show-error --fail --output /dev/null --max-time 4 --config - \
    --data-urlencode "chat_id=$TELEGRAM_CHAT_ID" \
    --data-urlencode "parse_mode=HTML" \
    --data-urlencode "text=🔄 OpenClaw Gateway started
🖥️ $(hostname)
🕐 $(date -u '+%Y-%m-%d %H:%M:%S UTC')"
