#!/usr/bin/env bash
# Removes all that the set-up made in this folder: databases, Odoo, packages.
# The downloads in the user's cache stay, unless CACHE=1 is given.
wipe=${CACHE:-}
unset CACHE
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# On a server the user named, our databases are dropped one by one.
if [ -n "${PGHOST:-}" ] && [ -f "$STATE/env" ]; then
  (step db drop-all) || say "Some databases on $PGHOST are left: drop those named crm_extended_… yourself."
fi
step stop
own=$(bash "$ROOT/scripts/pg.sh" folder)
rm -rf "$own" "$STATE" "$VENV" "$ROOT/node_modules" "$ROOT/.pytest_cache" "$ROOT/.ruff_cache"
find "${ADDONS[@]/#/$ROOT/}" "$ROOT/tests" -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
if [ "$wipe" = 1 ]; then rm -rf "$CACHE"; fi
say "Clean. \`make run\` sets everything up again."
