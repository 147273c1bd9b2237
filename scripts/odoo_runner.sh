#!/usr/bin/env bash
# odoo_runner.sh       Odoo's own test runner on what differs there: the tests that it runs
#                      while an addon is being updated, before those that come after it
#                      are loaded (at_install). pytest, which runs all others, knows
#                      only a database in which everything is loaded.
# odoo_runner.sh all   on all tests of all addons, as Odoo's own CI would (`make test-odoo`)
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
load_env

tag=at_install
if [ "${1:-}" = all ]; then tag=; fi
log=$LOGS/odoo_runner.log
db=crm_extended_test_runner
step db clone crm_extended_test_bridged "$db"
step db still "$db"
# Companies and people of the tests, which each class would make for itself.
odoo shell -d "$db" --no-http --log-level=warn <"$ROOT/scripts/world.py"
# Odoo gives each new company the providers of the user's, also while the addon that knows
# this one's kind (delivery) is not loaded yet.
psql -X -v ON_ERROR_STOP=1 -qd "$db" -c "DELETE FROM payment_provider WHERE custom_mode = 'cash_on_delivery'"
port=$(python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
rc=0
odoo -d "$db" -u crm_extended --test-tags "$(printf ",$tag/%s" "${ADDONS[@]}" | cut -c2-)" --stop-after-init \
  --http-port "$port" --max-cron-threads=0 >"$log" 2>&1 || rc=$?
grep -E ' (WARNING|ERROR|CRITICAL) |^[^0-9]' "$log" | grep -v "security risk" || true
# "0 failed, 0 error(s) of 45 tests when loading database 'x'"
line=$(grep -oE '[0-9]+ failed, [0-9]+ error\(s\) of [0-9]+ tests' "$log" | tail -n 1 || true)
[ -n "$line" ] || die "Odoo's runner did not come to its end (status $rc): see $log."
read -r failed _ errors _ _ total _ <<<"$line"
bad=$((failed + errors))
say "$line"
if [ "$total" -eq 0 ]; then die "Odoo's runner found no test: see tests/__init__.py of each addon."; fi
echo "$((total - bad)) passed, $bad failed"
[ "$bad" -eq 0 ] && [ "$rc" -eq 0 ]
