#!/bin/bash
for i in $(seq 1 30); do
  if curl -s -o /dev/null --max-time 2 -w "%{http_code}" http://127.0.0.1:18789/ | grep -q "200\|401"; then
    break
  fi
  sleep 1
done
curl -s --max-time 10 -X POST "https://hooks.example.com/restarted" -d text="restarted on $(hostname)"
