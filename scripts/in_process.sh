#!/usr/bin/env bash
# Tests of an addon under pytest-odoo, browser tours included.
# Arguments go to pytest: in_process.sh -k rfm
# ADDON=… names a bridge: its tests run where all bridges are installed.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
load_env
cd "$ROOT"

addon=${ADDON:-crm_extended}
from=crm_extended_test
if [ "$addon" != crm_extended ]; then from=crm_extended_test_bridged; fi
db=crm_extended_test_pytest
step db clone "${FROM:-$from}" "$db"
# --odoo-http: without it, tests of pages and tours are silently left out.
exec "$VENV/bin/python" -m pytest "$addon/tests" -p no:cacheprovider \
  --odoo-config="$ODOO_RC" --odoo-database="$db" --odoo-http --odoo-log-level=warn "$@"
