#!/usr/bin/env bash
# setup.sh [dev]: everything that running (or, with "dev", testing) needs.
# Each part is skipped when it is there already.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_folder "$STATE" "$LOGS"
# Two set-ups in one folder wait for each other. The lock ends with this script:
# `9>&-` keeps it from PostgreSQL, which goes on running.
exec 9>"$STATE/lock" || die "$STATE cannot be written: check its rights and the free space, then start again."
flock -n 9 || { say "Another set-up is at work in this folder; waiting for it …" && flock 9; }

start=$SECONDS
rm -f "$LOGS/set-up_times"

# Both wait mostly for others, so they go side by side; what the second says comes when it
# has ended. On a terminal, where progress is shown in place and sudo may ask: one by one.
python=
if [ -t 1 ]; then
  step get_python "${1:-}" 9>&-
else
  step get_python "${1:-}" >"$LOGS/get_python.log" 2>&1 9>&- &
  python=$!
fi
step get_odoo 9>&- || {
  # One thing at a time to mend: what failed beside it is told by the next try.
  [ -z "$python" ] || wait "$python" || true
  exit 1
}
step pg start 9>&-
if [ "${1:-}" = dev ]; then step get_browser 9>&-; fi
if [ -n "$python" ]; then
  wait "$python" || {
    cat "$LOGS/get_python.log" >&2
    exit 1
  }
  cat "$LOGS/get_python.log"
fi
step env 9>&-
printf '%s\t%s\n' "$((SECONDS - start))" "Set-up, all of it" >>"$LOGS/set-up_times"
