#!/usr/bin/env bash
# Runs every benchmarks/bench_*.py and bench_*.sh in the project's environment.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
load_env

failed=0 found=0
for file in "$ROOT"/benchmarks/bench_*.py "$ROOT"/benchmarks/bench_*.sh; do
  [ -f "$file" ] || continue
  found=$((found + 1))
  say "== ${file##*/}"
  case $file in
  *.py) "$VENV/bin/python" "$file" || failed=$((failed + 1)) ;;
  *.sh) bash "$file" || failed=$((failed + 1)) ;;
  esac
done
say "$((found - failed)) of $found benchmarks ran through."
[ "$failed" -eq 0 ]
