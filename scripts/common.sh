# shellcheck shell=bash
# Shared by all scripts (sourced, never run): where things are, and how to
# speak to the person at the terminal.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
STATE=$ROOT/.odoo
VENV=$ROOT/.venv
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/crm_extended
SERIES=19.0
LOGS=$STATE/log
FILESTORE=$STATE/data/filestore
DEMO_DB=crm_extended_demo
RETAIL_DB=crm_extended_retail
# The addon, then its bridges to other Odoo apps: folders beside it, named after the app
# first, that are installed by themselves where both are.
# shellcheck disable=SC2034 # used where this is sourced
ADDONS=(crm_extended)
for manifest in "$ROOT"/*_crm_extended/__manifest__.py; do
  if [ -f "$manifest" ]; then ADDONS+=("$(basename "$(dirname "$manifest")")"); fi
done
export ROOT STATE VENV CACHE SERIES LOGS FILESTORE DEMO_DB RETAIL_DB

say() { printf '%s\n' "$*"; }
die() {
  printf 'Error: %s\n' "$*" >&2
  exit 1
}

need_folder() {
  local made
  for made in "$@"; do
    mkdir -p "$made" 2>/dev/null ||
      die "The folder $made cannot be made: check its rights and the free space, then start again."
  done
}

# The usual reasons a step fails, each as one sentence with the way out.
why() {
  local log=$1
  if grep -qiE 'no space left on device|disk quota exceeded' "$log"; then
    say "The disk is full: free some space (3 GB are needed), then start again."
  elif grep -qiE 'could not resolve|failure resolving|name resolution|network is unreachable|connection refused|failed to establish|timed? ?out|ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|unable to connect|failed to fetch|no matching distribution' "$log"; then
    say "A package source cannot be reached or lacks a package: check the network and the machine's own settings for apt, pip and npm, then start again."
  elif grep -qiE 'permission denied|operation not permitted|are you root' "$log"; then
    say "A right is missing: see the lines above for the file or command, grant it, then start again."
  else
    say "See the lines above and $log, then start again."
  fi
}

# busy "What is done" command…: runs the command with its output in a log,
# shows that time passes, and on failure shows the end of the log and why.
busy() {
  local what=$1 log ticker rc=0 start=$SECONDS
  shift
  need_folder "$LOGS"
  log=$LOGS/$(printf '%s' "$what" | tr -cs 'A-Za-z0-9' '_').log
  : >"$log" || die "$log cannot be written: check the rights and the free space, then start again."
  (
    # Ends by itself when the script was killed. The output of `sleep` is cut
    # off, or whoever reads ours would wait for it.
    while sleep 5 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
      if [ -t 1 ]; then
        printf '\r%s … %s s' "$what" "$((SECONDS - start))"
      elif ((((SECONDS - start) % 30) < 5)); then
        say "  … $((SECONDS - start)) s"
      fi
    done
  ) &
  ticker=$!
  if [ -t 1 ]; then printf '%s …' "$what"; else say "$what …"; fi
  "$@" >"$log" 2>&1 </dev/null || rc=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  if [ -t 1 ]; then printf '\r\033[K%s … ' "$what"; fi
  if [ "$rc" -ne 0 ]; then
    printf 'failed\n'
    tail -n 15 "$log" >&2
    die "$what failed. $(why "$log")"
  fi
  printf '  done (%s s)\n' "$((SECONDS - start))"
  # What a complete run prints at its end.
  printf '%s\t%s\n' "$((SECONDS - start))" "$what" >>"$LOGS/set-up_times"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "Installing system packages needs root or sudo: install ${*: -1} yourself, then start again."
  fi
}

# apt_install package…: the only thing this project ever does to the system.
apt_install() {
  command -v apt-get >/dev/null ||
    die "This machine has no apt-get: install the equivalent of $* yourself, then start again."
  # Ask for the sudo password in the open, not inside a step whose output is logged.
  [ "$(id -u)" -eq 0 ] || ! command -v sudo >/dev/null || sudo -v ||
    die "Installing $* needs sudo: install it yourself, then start again."
  busy "Reading the package lists" as_root apt-get update -q
  busy "Installing $*" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=120 install -y -q --no-install-recommends "$@"
}

# The Odoo package folder and its addons folders, from the user's own source
# (ODOO_SRC) or from what get_odoo.sh fetched. Fails quietly when there is none.
locate_odoo() {
  local home
  for home in ${ODOO_SRC:+"$ODOO_SRC"} "$STATE/odoo/usr/lib/python3/dist-packages" "$STATE/odoo"; do
    [ -f "$home/odoo/release.py" ] || continue
    ODOO_HOME=$(cd "$home" && pwd -P)
    ODOO_ADDONS=$ODOO_HOME/odoo/addons
    # A git checkout keeps all but the base modules beside the package.
    [ -d "$ODOO_ADDONS/crm" ] || ODOO_ADDONS+=,$ODOO_HOME/addons
    export ODOO_HOME ODOO_ADDONS
    return 0
  done
  return 1
}

# The environment every later step works in; written by env.sh.
load_env() {
  [ -f "$STATE/env" ] || die "The set-up is not complete: run \`make setup\` first."
  # shellcheck disable=SC1091
  . "$STATE/env"
}

odoo() { "$STATE/odoo-bin" "$@"; }

# step name…: another of these scripts.
step() {
  local script=$1
  shift
  bash "$ROOT/scripts/$script.sh" "$@"
}
