#!/usr/bin/env bash
# Gate: the addon installs without one warning, without and with demo data, and with
# its bridges. Leaves the databases crm_extended_test, crm_extended_test_demo and
# crm_extended_test_bridged behind.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
load_env

# What Odoo says without the addon too, and no log line of ours can look like.
KNOWN="^Running as user 'root' is a security risk\.$"
RESULTS=$LOGS/install_results
: >"$RESULTS"

# gate KIND DATABASE ADDON…: what must have been installed
gate() {
  local kind=$1 db=$2 log=$LOGS/install_$1.log addon found
  shift 2
  step db template "$kind"
  say "Installing the addon ($kind) …"
  if ! step db addon "$db" "$kind" "$log" >/dev/null; then
    found=$(tail -n 30 "$log")
  else
    # Every level above INFO, Python's own warnings, and whatever is no log line.
    found=$(grep -vE "^[0-9-]+ [0-9:,]+ [0-9]+ (INFO|DEBUG) |$KNOWN" "$log" || true)
    for addon in "$@"; do
      grep -qE " INFO .*odoo\.modules\.loading: Module $addon loaded" "$log" ||
        found+=$'\n'"The log does not say that $addon was loaded."
    done
  fi
  if [ -z "$found" ]; then
    say "ok      installs without a warning ($kind)" | tee -a "$RESULTS"
  else
    say "FAILED  installs without a warning ($kind)" | tee -a "$RESULTS"
    say "$found"
  fi
}

gate demo crm_extended_test_demo crm_extended &
gate plain crm_extended_test crm_extended
gate bridged crm_extended_test_bridged "${ADDONS[@]}"
wait
passed=$(grep -c '^ok' "$RESULTS" || true)
echo "$passed passed, $((3 - passed)) failed"
[ "$passed" -eq 3 ]
