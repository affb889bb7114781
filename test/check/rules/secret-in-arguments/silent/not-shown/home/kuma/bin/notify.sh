#!/bin/bash
BOT_TOKEN=$(cat ~/.openclaw/bot-token)
# What the shell does itself is no process.
printf 'url = "https://api.telegram.org/bot%s/sendMessage"\n' "$BOT_TOKEN" |
  curl --silent --max-time 4 --config - --data-urlencode "text=started"
export API_KEY="$BOT_TOKEN"
