#!/usr/bin/env bash
# get_python.sh [dev]: the Python packages, in .venv, from the pinned files;
# with "dev" also what the checks and tests need. Wheels are kept in the
# user's cache. A marker file, written last, says what is complete.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }
# Unless one is named: the distribution's own where it fits, since it is compiled with the
# optimisations that pyenv leaves out. Odoo runs about a tenth faster.
if [ -z "${PYTHON:-}" ]; then
  PYTHON=python3
  if fits /usr/bin/python3 && /usr/bin/python3 -c 'import ensurepip' 2>/dev/null; then PYTHON=/usr/bin/python3; fi
fi
RUN_FILES=(requirements-odoo.txt requirements.txt)
DEV_FILES=(requirements-dev.txt)
cd "$ROOT"

command -v "$PYTHON" >/dev/null ||
  die "$PYTHON is not there: install Python 3.11, or name one with PYTHON=…"
fits "$PYTHON" ||
  die "$("$PYTHON" --version) does not fit: Odoo $SERIES with this addon needs Python 3.11 to 3.13; name one with PYTHON=…"

checksum() { { "$PYTHON" --version && cat "$@"; } | sha256sum | cut -c1-16; }

make_venv() {
  rm -rf "$VENV" && "$PYTHON" -m venv "$VENV"
}

# --use-pep517: the pip of some Pythons cannot build wheels on its own.
# `busy` runs these where bash ignores `set -e`, hence the &&.
collect_wheels() {
  local wheels=$1
  shift
  "$VENV/bin/pip" wheel --disable-pip-version-check --use-pep517 -w "$wheels.part" "$@" &&
    mv -T "$wheels.part" "$wheels"
}

install_wheels() {
  # --no-compile: Python compiles what is imported, which is far less than all there is.
  "$VENV/bin/pip" install --disable-pip-version-check --no-index --no-compile "$@"
}

# level name sum pip-options…: makes the venv hold what they name, unless its
# marker says so.
level() {
  local name=$1 sum=$2 wheels=$CACHE/wheels/$1-$2
  shift 2
  FOUND+=(--find-links "$wheels")
  [ "$(cat "$VENV/.complete-$name" 2>/dev/null)" != "$sum" ] || return 0
  need_folder "$CACHE/wheels" "$STATE"
  rm -f "$VENV/.complete-$name"
  if [ ! -d "$wheels" ]; then
    exec 8>"$CACHE/wheels.lock"
    flock 8
    [ -d "$wheels" ] || busy "Downloading Python packages ($name)" collect_wheels "$wheels" "$@"
    exec 8>&-
  fi
  busy "Installing Python packages ($name)" install_wheels "${FOUND[@]}" "$@"
  echo "$sum" >"$VENV/.complete-$name"
}

# Debian splits this module off; other Pythons have it.
"$PYTHON" -c 'import ensurepip' 2>/dev/null || apt_install python3-venv

base=$("$PYTHON" -c 'import sys; print(sys.base_prefix, sys.version)' | sha256sum | cut -c1-16)
if [ "$(cat "$VENV/.complete-venv" 2>/dev/null)" != "$base" ] || ! "$VENV/bin/python" -c '' 2>/dev/null; then
  need_folder "$STATE"
  busy "Making the virtual environment" make_venv
  echo "$base" >"$VENV/.complete-venv"
fi
FOUND=()
level run "$(checksum "${RUN_FILES[@]}")" "${RUN_FILES[@]/#/-r}"
if [ "${1:-}" = dev ]; then
  level dev "$(checksum "${RUN_FILES[@]}" "${DEV_FILES[@]}")" "${DEV_FILES[@]/#/-r}" "${RUN_FILES[@]/#/-c}"
fi
