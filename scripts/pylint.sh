#!/usr/bin/env bash
# pylint.sh FILE…   pylint with pylint-odoo, for `make lint` and for the hook before commits
# missing-readme: the addon's text is in readme/; no-search-all: companies are few;
# consider-merging-classes-inherited: each package extends a model in a file of its own,
# and tests/test_structure.py allows one class for a model and package.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
allowed=missing-readme,no-search-all,consider-merging-classes-inherited
mapfile -t files < <(find "$@" -name '*.py' -not -path '*/tests/*/*')
mapfile -t tests < <(find "$@" -name '*.py' -path '*/tests/*/*')
status=0
if [ ${#files[@]} -gt 0 ]; then
  .venv/bin/pylint --rcfile=.pylintrc --disable=$allowed "${files[@]}" || status=$?
fi
# pylint-odoo lets tests post plain text, but knows them only right inside of tests/.
if [ ${#tests[@]} -gt 0 ]; then
  .venv/bin/pylint --rcfile=.pylintrc --disable=$allowed,translation-required "${tests[@]}" ||
    status=$?
fi
exit $status
