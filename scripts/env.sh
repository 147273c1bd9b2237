#!/usr/bin/env bash
# Writes what later steps and people use: .odoo/env (to be sourced),
# .odoo/odoo.conf and .odoo/odoo-bin.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

locate_odoo || die "There is no Odoo yet: run scripts/get_odoo.sh first."
need_folder "$STATE/data" "$LOGS"
where=$(bash "$ROOT/scripts/pg.sh" where)
eval "$where"

{
  echo "# Made by scripts/env.sh; \`. .odoo/env\` gives a shell the project's environment."
  echo "$where"
  printf 'export ODOO_HOME=%q\nexport ODOO_ADDONS=%q\n' "$ODOO_HOME" "$ODOO_ADDONS"
  printf 'export ODOO_RC=%q ODOO_BIN=%q\n' "$STATE/odoo.conf" "$STATE/odoo-bin"
  printf 'export PYTHONPATH=%q\n' "$ODOO_HOME"
  # Python keeps what it compiled, here and not beside the source, whatever the machine's
  # own setting: Odoo starts in half the time.
  printf 'unset PYTHONDONTWRITEBYTECODE\nexport PYTHONPYCACHEPREFIX=%q\n' "$STATE/pycache"
  printf 'case $PATH in %q:*) ;; *) export PATH=%q:$PATH ;; esac\n' "$VENV/bin" "$VENV/bin"
} >"$STATE/env.part"
mv "$STATE/env.part" "$STATE/env"

# Passwords are for this machine only: the server listens on 127.0.0.1.
# limit_memory_hard: Odoo limits addresses, not memory. One process with all tests and their
# browsers has more threads than a worker, each of which reserves some.
{
  cat <<CONF
[options]
addons_path = $ODOO_ADDONS,$ROOT
data_dir = $STATE/data
db_host = $PGHOST
db_port = $PGPORT
db_user = $PGUSER
http_interface = 127.0.0.1
list_db = False
proxy_mode = False
max_cron_threads = 1
limit_memory_hard = 0
CONF
  if [ -n "${PGPASSWORD:-}" ]; then echo "db_password = $PGPASSWORD"; fi
} >"$STATE/odoo.conf.part"
chmod 600 "$STATE/odoo.conf.part"
mv "$STATE/odoo.conf.part" "$STATE/odoo.conf"

{
  echo '#!/usr/bin/env bash'
  echo '# Odoo with the project'\''s source, packages and settings.'
  printf '. %q\nexec %q -m odoo "$@"\n' "$STATE/env" "$VENV/bin/python"
} >"$STATE/odoo-bin.part"
chmod +x "$STATE/odoo-bin.part"
mv "$STATE/odoo-bin.part" "$STATE/odoo-bin"
