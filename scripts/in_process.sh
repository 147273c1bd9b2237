#!/usr/bin/env bash
# The addon's tests under pytest-odoo, browser tours included.
# Arguments go to pytest: in_process.sh -k rfm
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
load_env
cd "$ROOT"

db=crm_extended_test_pytest
step db clone "${FROM:-crm_extended_test}" "$db"
# --odoo-http: without it, tests of pages and tours are silently left out.
exec "$VENV/bin/python" -m pytest crm_extended/tests -p no:cacheprovider \
  --odoo-config="$ODOO_RC" --odoo-database="$db" --odoo-http --odoo-log-level=warn "$@"
