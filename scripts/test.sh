#!/usr/bin/env bash
# Everything that must pass, stage by stage; a failure does not keep the later
# stages from running. The last line counts all of them.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
load_env

table=() passed=0 failed=0 skipped=0

# The last number before a word in the closing line of a stage's log.
count() { grep -E '[0-9]+ (passed|failed|skipped|errors?)\b' "$1" | tail -n 1 | grep -oE "[0-9]+ $2\b" | grep -oE '[0-9]+' || echo 0; }

# stage "Name" command…
stage() {
  local name=$1 start=$SECONDS rc=0 log p f s
  shift
  log=$LOGS/stage_$(printf '%s' "$name" | tr -cs 'A-Za-z0-9' '_').log
  say ""
  say "=== $name"
  { "$@" </dev/null 2>&1 || echo "$?" >"$log.rc"; } | tee "$log"
  if [ -f "$log.rc" ]; then
    rc=$(cat "$log.rc")
    rm -f "$log.rc"
  fi
  p=$(count "$log" passed) s=$(count "$log" skipped)
  f=$(($(count "$log" failed) + $(count "$log" 'errors?')))
  # A stage that broke off, or in which nothing ran, has failed too.
  if [ "$f" -eq 0 ] && { [ "$rc" -ne 0 ] || [ "$p" -eq 0 ]; }; then f=1; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  table+=("$(printf '%-34s %7s passed %5s failed %5s skipped %6s s' "$name" "$p" "$f" "$s" "$((SECONDS - start))")")
}

stage "Gates on the source" step lint
stage "Installation without a warning" step gate_install
stage "Odoo's own gates (test_lint)" python "$ROOT/scripts/odoo_lint.py" crm_extended_test_bridged "${ADDONS[@]}"
stage "In-process tests and tours (pytest)" step in_process
for addon in "${ADDONS[@]:1}"; do
  stage "$addon (pytest)" env ADDON="$addon" bash "$ROOT/scripts/in_process.sh"
done
stage "Odoo's own runner" step odoo_runner
stage "Tests from outside" step outside

say ""
printf '%s\n' "${table[@]}"
say "Whole run: $((SECONDS / 60)) min $((SECONDS % 60)) s"
say ""
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
