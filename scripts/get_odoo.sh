#!/usr/bin/env bash
# Gets Odoo 19: the user's own (ODOO_SRC), what was fetched before, Debian's
# package unpacked into .odoo/, or a shallow clone. Nothing is installed
# system-wide, and a folder gets its final name only when it is whole.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

ODOO_GIT=${ODOO_GIT:-https://github.com/odoo/odoo.git}
# What Debian took out of its Odoo package and links to instead.
PIECES=(fonts-font-awesome fonts-roboto-unhinted fonts-montserrat fonts-inconsolata
  fonts-glyphicons-halflings fonts-ocr-b libjs-jquery libjs-jquery-form libjs-underscore)

series_of() {
  sed -nE "s/^version_info = \('?([^',]+)'?, *([0-9]+),.*/\1.\2/p" "$1/odoo/release.py"
}

check_series() {
  [ -d "$1" ] || die "ODOO_SRC=$1 is not a folder: name the folder of an Odoo $SERIES source, or leave ODOO_SRC out."
  [ -f "$1/odoo/release.py" ] ||
    die "ODOO_SRC=$1 holds no odoo/release.py: name the folder that has the odoo package in it, or leave ODOO_SRC out."
  local found
  found=$(series_of "$1")
  [ "$found" = "$SERIES" ] ||
    die "ODOO_SRC=$1 is Odoo ${found:-of an unknown series}: this addon needs $SERIES; name such a source, or leave ODOO_SRC out."
}

# apt with lists and downloads in our own folder: needs no right and changes
# nothing of the machine's.
own_apt() {
  apt-get -q -o Dir::State::lists="$CACHE/apt/lists" -o Dir::Cache="$CACHE/apt" \
    -o Dir::Etc::sourceparts="$CACHE/apt/sources" -o APT::Sandbox::User=root \
    -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# The machine's own Debian mirror and suite, as "address suite".
debian_mirror() {
  own_apt indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(CODENAME)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $3 == $4 && $3 !~ /-/ { print $2, $3; exit }'
}

download_debs() {
  local mirror suite keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  rm -rf "$CACHE/apt/sources"
  mkdir -p "$CACHE/apt/lists/partial" "$CACHE/apt/archives/partial" "$CACHE/apt/sources" "$CACHE/debs.part"
  find /etc/apt/sources.list.d -maxdepth 1 \( -name '*.list' -o -name '*.sources' \) \
    -exec ln -s {} "$CACHE/apt/sources/" \;
  own_apt update
  read -r mirror suite < <(debian_mirror)
  [ -n "$mirror" ] && [ -f "$keyring" ]
  printf 'deb [signed-by=%s] %s unstable main\n' "$keyring" "$mirror" >"$CACHE/apt/sources/crm_extended.list"
  own_apt update
  # The machine's own suite first: unstable's Font Awesome is too new for Odoo.
  cd "$CACHE/debs.part"
  own_apt -o APT::Default-Release="$suite" download odoo-19 "${PIECES[@]}"
  rm -rf "$CACHE/debs"
  mv "$CACHE/debs.part" "$CACHE/debs"
}

unpack_debs() {
  local deb dangling mail=odoo.part/usr/lib/python3/dist-packages/odoo/addons/mail
  cd "$STATE"
  rm -rf odoo.part
  for deb in "$CACHE"/debs/*.deb; do dpkg -x "$deb" odoo.part; done
  # Debian leaves this out (no source); the web client reports an error when it
  # is missing, which fails every browser test. It blurs video backgrounds only.
  mkdir -p "$mail/static/lib/selfie_segmentation"
  [ -f "$mail/static/lib/selfie_segmentation/selfie_segmentation.js" ] ||
    echo '/* not part of this package */' >"$mail/static/lib/selfie_segmentation/selfie_segmentation.js"
  # A second, incomplete copy of the addons, which Odoo would find and read.
  rm -rf odoo.part/usr/lib/python3/dist-packages/addons
  dangling=$(find odoo.part/usr/lib/python3 -xtype l)
  if [ -n "$dangling" ]; then
    echo "These links of Odoo's package lead nowhere; a font or script package has changed:"
    echo "$dangling"
    return 1
  fi
  [ "$(series_of odoo.part/usr/lib/python3/dist-packages)" = "$SERIES" ]
  mv odoo.part odoo
}

from_git() {
  cd "$STATE"
  rm -rf odoo.part
  git clone --depth 1 --branch "$SERIES" "$ODOO_GIT" odoo.part
  [ "$(series_of odoo.part)" = "$SERIES" ]
  mv odoo.part odoo
}

# Runs a step under `set -e`, which bash switches off inside conditions.
strict() { bash -euo pipefail -c ". '$0'; $1"; }

main() {
  if [ -n "${ODOO_SRC:-}" ]; then
    check_series "$ODOO_SRC"
    return
  fi
  if locate_odoo; then return; fi
  need_folder "$STATE" "$CACHE"
  if command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
    # One clone downloads at a time; the others then find the files.
    exec 8>"$CACHE/lock"
    flock 8
    if [ -d "$CACHE/debs" ] || (busy "Downloading Odoo $SERIES (Debian's package, 123 MB)" strict download_debs); then
      exec 8>&-
      busy "Unpacking Odoo $SERIES" strict unpack_debs
      return
    fi
    exec 8>&-
    say "Debian's package cannot be had here; trying a clone instead."
  fi
  command -v git >/dev/null || die "git is missing: install it, or name an Odoo $SERIES source with ODOO_SRC=…"
  busy "Cloning Odoo $SERIES (shallow)" strict from_git
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then main; fi
