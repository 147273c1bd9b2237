#!/usr/bin/env bash
# The tests from outside: they start programs and look at what these did.
# Arguments go to pytest: outside.sh -k uninstall. Without any, all of tests/.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
load_env
cd "$ROOT"

# Odoo is not to be loaded into this process.
unset ODOO_RC PYTHONPATH
exec "$VENV/bin/python" -m pytest -p no:odoo --durations=30 "$@"
