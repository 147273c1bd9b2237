#!/usr/bin/env bash
# setup.sh [dev]: everything that running (or, with "dev", testing) needs.
# Each part is skipped when it is there already.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_folder "$STATE" "$LOGS"
# Two set-ups in one folder wait for each other. The lock ends with this script:
# `9>&-` keeps it from PostgreSQL, which goes on running.
exec 9>"$STATE/lock" || die "$STATE cannot be written: check its rights and the free space, then start again."
flock -n 9 || { say "Another set-up is at work in this folder; waiting for it …" && flock 9; }

step get_odoo 9>&-
step get_python "${1:-}" 9>&-
step pg start 9>&-
step env 9>&-
if [ "${1:-}" = dev ]; then step get_browser 9>&-; fi
