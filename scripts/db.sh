#!/usr/bin/env bash
# db.sh template KIND    the prepared database without our addon: plain, demo (with
#                        demo data) or bridged (with all apps there are bridges to)
# db.sh clone FROM TO    a copy of a database and its files
# db.sh addon DB KIND    a clone of that template with the addon installed, and by
#                        themselves the bridges to what it has
# db.sh ready DB KIND    the same, out of a database the installation gate left behind
#                        if there is one of this very state
# db.sh demo             the demo database, made or brought up to date
# db.sh still DB         no autovacuum in a database for tests: what they write is undone, so
#                        that it would record tables full of dead rows as empty, and
#                        PostgreSQL then reads such a table for each row of another
# db.sh drop DB | drop-all   one of ours | all of ours
# A comment on each database says that it is ours and what it was made from;
# a database without that comment is never touched.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
load_env

MARK="crm_extended set-up"
# What the addon and its tests build on; the manifest's own depends are added.
MODULES=(account base_import contacts crm sale_crm sale_management)
# What the addon regards where it is installed, without a bridge.
REGARDED=(delivery)

sql() { psql -X -v ON_ERROR_STOP=1 -d "${2:-postgres}" -Atqc "$1"; }
exists() { [ -n "$(sql "SELECT 1 FROM pg_database WHERE datname = '$1'")" ]; }
comment() { sql "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$1'"; }
mark() { sql "COMMENT ON DATABASE \"$1\" IS '$MARK: $2'"; }

# depends ADDON: what it needs, one a line.
depends() {
  python3 - "$ROOT/$1/__manifest__.py" <<'PY'
import ast, sys
print(*ast.literal_eval(open(sys.argv[1]).read())["depends"], sep="\n")
PY
}

# modules KIND
modules() {
  local addon
  {
    printf '%s\n' "${MODULES[@]}"
    if [ "$1" = bridged ]; then
      printf '%s\n' "${REGARDED[@]}"
      for addon in "${ADDONS[@]}"; do depends "$addon"; done | grep -vxFf <(printf '%s\n' "${ADDONS[@]}")
      # Kits, whose deliveries the costs of lines are read from.
      echo sale_mrp
    else
      depends crm_extended
    fi
  } | sort -u | paste -sd,
}

# Templates list all modules that Odoo can see, with what ours depend on.
template_sum() {
  local addon
  { echo "$1 ${ADDONS[*]}" && for addon in "${ADDONS[@]}"; do depends "$addon"; done && modules "$1" && cat "$ODOO_HOME/odoo/release.py" "$ROOT/requirements-odoo.txt"; } | sha256sum | cut -c1-16
}

# Changes whenever the installed addon would have to be updated.
addon_sum() {
  (cd "$ROOT" && find "${ADDONS[@]}" -type f ! -name '*.pyc' ! -path '*/tests/*' ! -path '*/static/*' \
    -exec sha256sum {} + | LC_ALL=C sort | sha256sum | cut -c1-16)
}

drop() {
  exists "$1" || return 0
  case $(comment "$1") in
  "$MARK"*) ;;
  *) die "The database $1 was not made by this project: rename it, or name another server with PGHOST, then start again." ;;
  esac
  sql "DROP DATABASE \"$1\" WITH (FORCE)"
  rm -rf "${FILESTORE:?}/$1"
}

drop_all() {
  local name
  sql "SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') LIKE '$MARK%'" |
    while read -r name; do drop "$name" </dev/null; done
}

# create NAME SOURCE [OPTIONS]: a database is marked before it gets its name, so
# that wherever this is interrupted, one with that name is known to be ours.
create() {
  local new=crm_extended_new_$$
  drop "$1"
  sql "CREATE DATABASE $new TEMPLATE \"$2\" ${3:-}"
  mark "$new" "unfinished"
  sql "ALTER DATABASE $new RENAME TO \"$1\""
}

clone() {
  create "$2" "$1"
  # Attachment files are never changed in place, so links are as good as copies.
  if [ -d "$FILESTORE/$1" ]; then
    rm -rf "${FILESTORE:?}/$2"
    cp -al "$FILESTORE/$1" "$FILESTORE/$2"
  fi
  mark "$2" "clone of $1"
}

still() {
  sql "DO \$\$ DECLARE name text; BEGIN
         FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
           EXECUTE format('ALTER TABLE public.%I SET (autovacuum_enabled = false)', name);
         END LOOP;
       END \$\$" "$1"
}

demo_option() { if [ "$1" = demo ]; then echo --with-demo; else echo --without-demo; fi; }

# Built under another name and renamed when whole.
build_template() {
  local kind=$1 name=crm_extended_tmpl_$1 part=crm_extended_part_$1
  if [ "$kind" = bridged ]; then
    template plain
    clone crm_extended_tmpl_plain "$part"
  else
    create "$part" template0 "LC_COLLATE 'C'"
    sql "CREATE EXTENSION IF NOT EXISTS pg_trgm" "$part"
  fi
  odoo -d "$part" -i "$(modules "$kind")" "$(demo_option "$kind")" --stop-after-init --no-http --log-level=warn
  [ -z "$(sql "SELECT name FROM ir_module_module WHERE state LIKE 'to %'" "$part")" ]
  drop "$name"
  sql "ALTER DATABASE \"$part\" RENAME TO \"$name\""
  if [ -d "$FILESTORE/$part" ]; then
    rm -rf "${FILESTORE:?}/$name"
    mv "$FILESTORE/$part" "$FILESTORE/$name"
  fi
  mark "$name" "template $(template_sum "$kind")"
}

template() {
  local name=crm_extended_tmpl_$1
  if exists "$name" && [ "$(comment "$name")" = "$MARK: template $(template_sum "$1")" ]; then return; fi
  busy "Preparing a database with Odoo's own modules ($1), about 2 minutes" step db build-template "$1"
}

# The addon of this checkout, also where several share one set-up.
with_addon() { odoo --addons-path="$ODOO_ADDONS,$ROOT" "$@"; }

# addon DB KIND [LOG]: what Odoo says goes to the log as well.
addon() {
  template "$2"
  clone "crm_extended_tmpl_$2" "$1"
  with_addon -d "$1" -i crm_extended "$(demo_option "$2")" --stop-after-init --no-http 2>&1 | tee "${3:-/dev/null}"
  mark "$1" "addon $2 $(template_sum "$2") $(addon_sum)"
}

ready() {
  local from=crm_extended_test_$2 state
  if [ "$2" = plain ]; then from=crm_extended_test; fi
  state="addon $2 $(template_sum "$2") $(addon_sum)"
  if exists "$from" && [ "$(comment "$from")" = "$MARK: $state" ]; then
    clone "$from" "$1"
    mark "$1" "$state"
  else
    addon "$@"
  fi
}

build_demo() {
  ready crm_extended_part_demo_addon demo
  drop "$DEMO_DB"
  sql "ALTER DATABASE crm_extended_part_demo_addon RENAME TO \"$DEMO_DB\""
  rm -rf "${FILESTORE:?}/$DEMO_DB"
  if [ -d "$FILESTORE/crm_extended_part_demo_addon" ]; then
    mv "$FILESTORE/crm_extended_part_demo_addon" "$FILESTORE/$DEMO_DB"
  fi
}

update_demo() {
  with_addon -d "$DEMO_DB" -u crm_extended --stop-after-init --no-http --log-level=warn
  mark "$DEMO_DB" "addon demo $(template_sum demo) $(addon_sum)"
}

# What people entered in the demo database is kept when only the addon changed.
demo() {
  local now
  now=$(exists "$DEMO_DB" && comment "$DEMO_DB" || true)
  case $now in
  "$MARK: addon demo $(template_sum demo) $(addon_sum)") return ;;
  "$MARK: addon demo $(template_sum demo) "*) busy "Updating the addon in the demo database" step db update-demo ;;
  *)
    template demo
    busy "Making the demo database" step db build-demo
    ;;
  esac
}

case "${1:-}" in
template | clone | addon | ready | still | demo | drop) "$@" ;;
drop-all) drop_all ;;
build-template) build_template "$2" ;;
build-demo) build_demo ;;
update-demo) update_demo ;;
*) die "Usage: db.sh template|clone|addon|ready|still|demo|drop|drop-all …" ;;
esac
