#!/usr/bin/env bash
# pg.sh start|stop|where|folder: the PostgreSQL server. Either the one the user names
# (PGHOST, PGPORT, PGUSER, PGPASSWORD), which is only ever checked, or a cluster
# of the project's own, on a socket in its own folder and on no TCP port.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd /

# The server refuses to run as root.
as_owner() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# The folder of the cluster. Socket paths are limited to 107 bytes, and the
# user postgres must be able to reach it: else a folder under /var/tmp.
own_folder() {
  local name
  if [ ${#STATE} -le 80 ] && { [ "$(id -u)" -ne 0 ] || as_owner test -x "$STATE" 2>/dev/null; }; then
    echo "$STATE/pg"
  else
    name=$(printf '%s' "$ROOT" | sha256sum | cut -c1-12)
    echo "/var/tmp/crm_extended-$(id -u)-$name"
  fi
}

# The folder with the server's programs, the newest first.
programs() {
  local initdb
  for initdb in ${PG_BIN:+"$PG_BIN/initdb"} $(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -Vr) \
    "$(command -v initdb || true)"; do
    if [ -x "$initdb" ]; then
      dirname "$initdb"
      return
    fi
  done
  return 1
}

named_server() {
  local version
  [ "${PGUSER:-$(id -un)}" != postgres ] ||
    die "Odoo refuses the PostgreSQL role postgres: make another role that may create databases and name it with PGUSER."
  command -v psql >/dev/null || apt_install postgresql-client
  version=$(psql -X -d "${PGDATABASE:-postgres}" -Atc 'SHOW server_version_num' 2>&1) ||
    die "The PostgreSQL server you named (PGHOST=$PGHOST) does not answer: ${version%%$'\n'*} Correct PGHOST, PGPORT, PGUSER and PGPASSWORD, or leave them all out."
  [ "$version" -ge 130000 ] || die "The PostgreSQL server you named is older than 13: name a newer one, or leave PGHOST out."
  [ "$(psql -X -d "${PGDATABASE:-postgres}" -Atc \
    'SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user')" = t ] ||
    die "The role $PGUSER may not create databases: ALTER ROLE … CREATEDB, or leave PGHOST out."
}

settings() {
  cat <<CONF
listen_addresses = ''
unix_socket_directories = '$1'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 512MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
# Demo and test data only: after a power cut it is made anew, so that nothing
# has to wait for the disk.
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
checkpoint_timeout = 30min
CONF
}

# Made beside and renamed, so that an interrupted one is never taken for whole.
make_cluster() {
  local bin=$1 dir=$2
  as_owner rm -rf "$dir/data.part" &&
    as_owner "$bin/initdb" -D "$dir/data.part" -U odoo --auth=trust -E UTF8 --locale=C.UTF-8 --no-sync &&
    settings "$dir" | as_owner tee -a "$dir/data.part/postgresql.conf" >/dev/null &&
    as_owner mv -T "$dir/data.part" "$dir/data"
}

# Standard output of the server must not stay tied to ours, or a pipe behind
# `make` would wait for it for ever.
launch() {
  as_owner "$1/pg_ctl" -D "$2/data" -w -t 120 -l "$2/server.log" start >"$LOGS/pg_ctl.log" 2>&1 </dev/null
}

start() {
  local bin dir owner made
  if [ -n "${PGHOST:-}" ] && [ "$PGHOST" != "$(own_folder)" ]; then
    named_server
    return
  fi
  need_folder "$STATE" "$LOGS"
  if ! bin=$(programs) || { [ "$(id -u)" -eq 0 ] && ! id postgres >/dev/null 2>&1; }; then
    apt_install postgresql
    bin=$(programs) || die "PostgreSQL's programs were not found after installing them: name their folder with PG_BIN=…"
  fi
  dir=$(own_folder)
  owner=postgres
  [ "$(id -u)" -eq 0 ] || owner=$(id -un)
  if [ ! -d "$dir" ]; then
    install -d -m 0700 -o "$owner" "$dir" 2>/dev/null ||
      die "The folder $dir cannot be made: check its rights and the free space, then start again."
  fi
  [ "$(stat -c %U "$dir")" = "$owner" ] ||
    die "The folder $dir belongs to somebody else: remove it (make clean), then start again."
  if [ ! -f "$dir/data/PG_VERSION" ]; then busy "Making a PostgreSQL cluster" make_cluster "$bin" "$dir"; fi
  # A cluster is served by the release that made it.
  made=/usr/lib/postgresql/$(as_owner cat "$dir/data/PG_VERSION")/bin
  if [ -x "$made/pg_ctl" ]; then bin=$made; fi
  up "$bin" "$dir" || {
    as_owner tail -n 5 "$dir/server.log" >&2 || true
    die "The project's PostgreSQL does not start (see $dir/server.log): free disk space or memory, or make it anew with \`make clean\`."
  }
}

# A server that was just killed or is just starting or stopping needs a moment
# before it can be told what it is, and its memory before it can be used again.
up() {
  local bin=$1 dir=$2
  for _ in $(seq 20); do
    if "$bin/pg_isready" -q -h "$dir" -p 5432; then return 0; fi
    if ! as_owner "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; then
      if launch "$bin" "$dir"; then return 0; fi
    fi
    sleep 0.5
  done
  return 1
}

stop() {
  local bin dir
  dir=$(own_folder)
  bin=$(programs) || return 0
  as_owner test -f "$dir/data/postmaster.pid" 2>/dev/null || return 0
  as_owner "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null 2>&1 || true
}

where() {
  if [ -n "${PGHOST:-}" ] && [ "$PGHOST" != "$(own_folder)" ]; then
    printf 'export PGHOST=%q PGPORT=%q PGUSER=%q\n' "$PGHOST" "${PGPORT:-5432}" "${PGUSER:-$(id -un)}"
    [ -z "${PGPASSWORD:-}" ] || printf 'export PGPASSWORD=%q\n' "$PGPASSWORD"
  else
    printf 'export PGHOST=%q PGPORT=5432 PGUSER=odoo\n' "$(own_folder)"
    printf 'export PATH=%q:$PATH\n' "$(programs)"
  fi
}

case "${1:-}" in
start | stop | where) "$1" ;;
folder) own_folder ;;
*) die "Usage: pg.sh start|stop|where|folder" ;;
esac
