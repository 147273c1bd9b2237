#!/usr/bin/env bash
# The gates on the source alone: style, mistakes, Odoo's upgrade scripts.
# The last line counts them.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
load_env
cd "$ROOT"

passed=0 failed=0
gate() {
  local name=$1 out
  shift
  if out=$("$@" 2>&1 </dev/null); then
    passed=$((passed + 1))
    printf 'ok      %s\n' "$name"
  else
    failed=$((failed + 1))
    printf 'FAILED  %s\n%s\n' "$name" "$out"
  fi
}

# Redone only when the lock file changed.
node_packages() {
  local sum
  sum=$(sha256sum package-lock.json | cut -c1-16)
  [ "$(cat node_modules/.complete 2>/dev/null)" != "$sum" ] || return 0
  busy "Installing the JavaScript linters" npm ci --no-audit --no-fund --cache "$CACHE/npm"
  echo "$sum" >node_modules/.complete
}

# Odoo's own scripts for moving to 19 find nothing left to rewrite. They print
# the files they would change; progress goes to a terminal only.
upgrade_code() {
  local addon out
  out=$(for addon in "${ADDONS[@]}"; do
    odoo upgrade_code --from 17.0 --dry-run --glob "$addon/**/*" 2>/dev/null || true
  done)
  printf '%s' "$out"
  [ -z "$out" ]
}

# No address of a registry in what everybody gets.
no_registry() { ! git grep -nE '"resolved":|--(extra-)?index-url|registry *=' -- package-lock.json 'requirements*.txt' .npmrc; }

node_packages
gate "ruff check" ruff check .
gate "ruff format" ruff format --check .
gate "pylint with pylint-odoo" bash scripts/pylint.sh "${ADDONS[@]}"
gate "prettier (XML, JavaScript, SCSS)" node_modules/.bin/prettier --check --no-error-on-unmatched-pattern \
  "${ADDONS[@]/%//**/*.{xml,js,scss\}}" '*.{js,json}'
gate "eslint" node_modules/.bin/eslint --no-error-on-unmatched-pattern "${ADDONS[@]}"
gate "odoo upgrade_code finds nothing" upgrade_code
gate "shellcheck" shellcheck scripts/*.sh .ci/run
gate "lock files name no registry" no_registry
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
