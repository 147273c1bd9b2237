#!/usr/bin/env bash
# test.sh          everything that must pass, stage by stage, two at a time; a failure does
#                  not keep the others from running. At the end a table of the stages, what
#                  the set-up took, and the slowest tests. The last line counts all tests.
# test.sh PILLAR   the gates on the source, the rules of the house and the in-process tests
#                  of one package (care, rfm …), for people at work on it
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
load_env

ROWS=$LOGS/stages
rm -rf "$ROWS" "$LOGS"/stage_*.log
need_folder "$ROWS"
# What was begun here ends with this script.
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

# The last number before a word in the closing line of a stage's log.
count() { grep -E '[0-9]+ (passed|failed|skipped|errors?)\b' "$1" | tail -n 1 | grep -oE "[0-9]+ $2\b" | grep -oE '[0-9]+' || echo 0; }

# stage KEY "Name" command…: what it says comes in one piece when it has ended.
stage() {
  local key=$1 name=$2 start=$SECONDS rc=0 log=$LOGS/stage_$1.log p f s
  shift 2
  say "Begun: $name"
  printf '0 1 0 %-38s was broken off\n' "$name" >"$ROWS/$key"
  "$@" </dev/null >"$log" 2>&1 || rc=$?
  p=$(count "$log" passed) s=$(count "$log" skipped)
  f=$(($(count "$log" failed) + $(count "$log" 'errors?')))
  # A stage that broke off, or in which nothing ran, has failed too.
  if [ "$f" -eq 0 ] && { [ "$rc" -ne 0 ] || [ "$p" -eq 0 ]; }; then f=1; fi
  printf '%s %s %s %-38s %6s passed %4s failed %4s skipped %6s s\n' \
    "$p" "$f" "$s" "$name" "$p" "$f" "$s" "$((SECONDS - start))" >"$ROWS/$key"
  flock "$ROWS" sh -c 'printf "\n=== %s\n" "$1" && cat "$2"' sh "$name" "$log"
}

# In a copy: others make copies meanwhile of what nobody may be using.
test_lint() {
  step db clone crm_extended_test_bridged crm_extended_test_lint
  python "$ROOT/scripts/odoo_lint.py" crm_extended_test_lint "${ADDONS[@]}"
}

# Each test runs once: those at_install under Odoo's runner, all others under pytest.
in_process() { ONCE=1 step in_process; }
bridges() { ONCE=1 BRIDGES=1 step in_process; }

# Each lane takes the next stage when it is done with one: the long ones come first.
lane() {
  local number
  while number=$(flock "$ROWS" sh -c 'n=$(cat "$1" 2>/dev/null || echo 0); echo $((n + 1)) >"$1"; echo "$n"' sh "$LOGS/next_stage") &&
    [ "$number" -lt "${#STAGES[@]}" ]; do
    # shellcheck disable=SC2086 # a command and its arguments
    stage "${KEYS[$number]}" "${STAGES[$number]}" ${COMMANDS[$number]}
  done
}

KEYS=() STAGES=() COMMANDS=()
# queue KEY "Name" "command…"
queue() { KEYS+=("$1") STAGES+=("$2") COMMANDS+=("$3"); }

# Tests from outside in groups, so that both lanes are busy to the end. A file that is in
# no group of its own is in the last one. One group alone makes the demo database and
# uses the fixed names of databases in test_lifecycle.py.
BENCHMARKS=(tests/test_benchmarks.py tests/test_faults.py tests/test_faults_loyalty.py)
LIFE=(tests/test_lifecycle.py tests/test_docs_commands.py tests/test_translations.py)

everything() {
  local install
  queue 4_pytest "In-process tests and tours (pytest)" "in_process"
  queue 7_outside_life "From outside: it comes and goes" "step outside ${LIFE[*]}"
  queue 7_outside_load "From outside: load and faults" "step outside ${BENCHMARKS[*]}"
  queue 6_runner "Odoo's own runner (at_install)" "step odoo_runner"
  queue 7_outside_rest "From outside: all others" \
    "step outside tests $(printf -- '--ignore=%s ' "${LIFE[@]}" "${BENCHMARKS[@]}")"
  queue 5_bridges "Tests of the bridges (pytest)" "bridges"
  queue 3_test_lint "Odoo's own gates (test_lint)" "test_lint"
  rm -f "$LOGS/next_stage"

  # The installations make the databases that all others start from. The first lane has
  # the source to look at meanwhile; the second begins as soon as they are there.
  stage 2_install "Installation without a warning" step gate_install &
  install=$!
  {
    stage 1_lint "Gates on the source" step lint
    tail --pid="$install" -f /dev/null
    lane
  } &
  wait "$install"
  lane
  wait $!
}

table() {
  local row p f s line passed=0 failed=0 skipped=0
  say "" && say "Slowest tests (seconds)"
  grep -hE '^[0-9]+\.[0-9]+s +(call|setup|teardown) ' "$LOGS"/stage_*.log | sort -rn | head -n 30 || true
  if [ -s "$LOGS/set-up_times" ]; then
    say "" && say "Set-up (seconds)"
    cat "$LOGS/set-up_times"
  fi
  say ""
  python "$ROOT/scripts/count_tests.py"
  say ""
  for row in "$ROWS"/*; do
    read -r p f s line <"$row"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    say "$line"
  done
  say "Whole run after the set-up: $((SECONDS / 60)) min $((SECONDS % 60)) s"
  say ""
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}

one_pillar() {
  local tests=crm_extended/tests/$1
  [ -f "$ROOT/$tests/__init__.py" ] ||
    die "There are no tests of $1. Name one of: $(cd "$ROOT/crm_extended/tests" && echo */ | tr -d /)."
  stage 1_lint "Gates on the source" step lint &
  stage 2_structure "Rules of the house" step outside tests/test_structure.py
  stage 3_install "Installation" installed
  TESTS=$tests FROM=crm_extended_test_pillar stage 4_pytest "In-process tests of $1" step in_process
  wait $!
}

installed() { step db ready crm_extended_test_pillar plain && echo "1 passed"; }

if [ -n "${1:-}" ]; then one_pillar "$1"; else everything; fi
table
