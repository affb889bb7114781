#!/bin/bash
BOT_TOKEN=$(cat ~/.openclaw/bot-token)
curl -s -X POST "https://api.telegram.org/bot${BOT_TOKEN}/sendMessage" \
  -d chat_id="$CHAT_ID" -d text="restarted"
