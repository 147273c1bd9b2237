#!/usr/bin/env bash
# pylint.sh FILE…   pylint with pylint-odoo, for `make lint` and for the hook before commits
# missing-readme: the addon's text is in readme/; no-search-all: companies are few;
# consider-merging-classes-inherited: each package extends a model in a file of its own,
# and tests/test_structure.py allows one class for a model and package.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
exec .venv/bin/pylint --rcfile=.pylintrc \
  --disable=missing-readme,no-search-all,consider-merging-classes-inherited "$@"
