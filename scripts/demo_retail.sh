#!/usr/bin/env bash
# A database without demo data, filled by scripts/demo_retail.py, and Odoo on it.
# AGAIN=1 makes it anew; FILL=only ends before Odoo starts.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
load_env

ready=$STATE/retail.done
have() { [ -n "$(psql -X -d postgres -Atqc "SELECT 1 FROM pg_database WHERE datname = '$RETAIL_DB'")" ]; }

fill() { odoo shell -d "$RETAIL_DB" --no-http --log-level=warn --shell-interface=python <"$ROOT/scripts/demo_retail.py"; }

if [ -n "${AGAIN:-}" ] || [ ! -f "$ready" ] || ! have; then
  [ -f "$ROOT/scripts/demo_retail.py" ] || die "scripts/demo_retail.py is missing: restore it from git, then start again."
  rm -f "$ready"
  step db template plain
  busy "Making the database $RETAIL_DB" step db ready "$RETAIL_DB" plain
  say "Filling it with retail data …"
  fill || die "Filling $RETAIL_DB failed: see the lines above, then start again."
  touch "$ready"
fi
if [ "${FILL:-}" = only ]; then exit 0; fi
step run "$RETAIL_DB"
