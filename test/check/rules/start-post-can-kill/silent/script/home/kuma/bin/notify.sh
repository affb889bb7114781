#!/bin/sh
if curl --max-time 4 https://hooks.example.com/; then
  date > /tmp/told
fi
# The message is not worth the service.
exit 0
