#!/usr/bin/env bash
# Stops what this folder started: Odoo servers, then its own PostgreSQL.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

for file in "$STATE"/server-*.pid; do
  [ -f "$file" ] || continue
  pid=$(cat "$file")
  # The number may have gone to another program since: look before stopping.
  if [ -n "$pid" ] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$VENV/bin/python -m odoo"; then
    kill -TERM "$pid"
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
    say "Odoo (process $pid) has stopped."
  fi
  rm -f "$file"
done
step pg stop
say "Nothing of this folder runs any more."
