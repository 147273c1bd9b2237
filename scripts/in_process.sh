#!/usr/bin/env bash
# Tests of the addon under pytest-odoo, browser tours included.
# Arguments go to pytest: in_process.sh -k rfm
# BRIDGES=1: those of all its bridges instead, where all of these are installed.
# ONCE=1: without those that odoo_runner.sh runs.
# TESTS=crm_extended/tests/care: those of a folder alone. FROM=…: in a copy of that database.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
load_env
cd "$ROOT"

addons=(crm_extended) from=crm_extended_test
if [ -n "${BRIDGES:-}" ]; then addons=("${ADDONS[@]:1}") from=crm_extended_test_bridged; fi
db=${from/test/test_pytest}
step db clone "${FROM:-$from}" "$db"
step db still "$db"
# What tests would otherwise make anew, each class or each tour for itself.
cat "$ROOT"/scripts/{world,bundles}.py |
  odoo shell -d "$db" --no-http --log-level=warn
# --odoo-http: without it, tests of pages and tours are silently left out.
if [ -n "${TESTS:-}" ]; then tests=("$TESTS"); else tests=("${addons[@]/%//tests}"); fi
plugins=(-p no:cacheprovider -p scripts.one_browser)
if [ -n "${ONCE:-}" ]; then plugins+=(-p scripts.leave_to_runner); fi
exec "$VENV/bin/python" -m pytest "${tests[@]}" "${plugins[@]}" \
  --odoo-config="$ODOO_RC" --odoo-database="$db" --odoo-http --odoo-log-level=warn --durations=30 "$@"
