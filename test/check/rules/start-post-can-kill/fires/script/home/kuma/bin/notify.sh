#!/bin/bash
set -e
curl --max-time 4 -d "text=agent started" https://hooks.example.com/
exit 0
