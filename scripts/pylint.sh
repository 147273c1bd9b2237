#!/usr/bin/env bash
# pylint.sh FILE…   pylint with pylint-odoo, for `make lint` and for the hook before commits
# missing-readme: the addon's text is in readme/; no-search-all: companies are few;
# consider-merging-classes-inherited: each package extends a model in a file of its own,
# and tests/test_structure.py allows one class for a model and package.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
allowed=missing-readme,no-search-all,consider-merging-classes-inherited
# pylint-odoo lets tests post plain text, but knows them only right inside of tests/: what
# it says of that in the folders below is left out. One run for all, since most of its
# time goes into reading Odoo.
plain='^[^:]*/tests/.*\[[A-Z][0-9]+\(translation-required\)'
mapfile -t files < <(find "$@" -name '*.py')
[ ${#files[@]} -gt 0 ] || exit 0
status=0
said=$(.venv/bin/pylint --rcfile=.pylintrc --disable=$allowed "${files[@]}") || status=$?
found=$(grep -vE "$plain|^\*{13} Module |^$" <<<"$said")
# Everything else that it says is a finding; 1 and 32 mean that it could not do its work.
[ -z "$found" ] || printf '%s\n' "$found"
[ -z "$found" ] && [ $((status & 33)) -eq 0 ]
