#!/usr/bin/env bash
# run.sh [database]: starts Odoo in the foreground on 127.0.0.1 until Ctrl-C.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

PORT=${PORT:-8069}
db=${1:-$DEMO_DB}

[[ $PORT =~ ^[0-9]+$ ]] && [ "$PORT" -ge 1 ] && [ "$PORT" -le 65535 ] ||
  die "PORT=$PORT is no port number: give one from 1024 to 65535, as in \`make run PORT=8070\`."

# Says "taken" or "refused" when the port cannot be had.
port_state() {
  python3 - "$PORT" <<'PY'
import socket, sys
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", int(sys.argv[1])))
    except PermissionError:
        print("refused")
    except OSError:
        print("taken")
PY
}

check_port() {
  case $(port_state) in
  taken) die "Port $PORT is in use: stop what uses it (\`make stop\` if it is an earlier start), or choose another with \`make run PORT=8070\`." ;;
  refused) die "Port $PORT is not allowed for you: choose one above 1023, as in \`make run PORT=8070\`." ;;
  esac
}

# The address is printed once Odoo answers.
announce() {
  local start=$SECONDS
  until curl_ok; do
    sleep 0.3
    kill -0 "$1" 2>/dev/null || return 0
    if ((SECONDS - start > 300)); then return 0; fi
  done
  say ""
  say "Odoo is ready:  http://127.0.0.1:$PORT/"
  say "  login     admin"
  say "  password  admin"
  say "Ctrl-C stops it."
}

curl_ok() {
  python3 - "$PORT" <<'PY' 2>/dev/null
import sys, urllib.request
# No proxy: the server is on this machine.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
opener.open(f"http://127.0.0.1:{sys.argv[1]}/web/health", timeout=5)
PY
}

check_port
load_env
say "Starting Odoo on the database $db …"
# In a session of its own, so that Ctrl-C reaches it once, through us.
setsid "$STATE/odoo-bin" -d "$db" --http-port "$PORT" --log-level="${LOG_LEVEL:-warn}" --max-cron-threads=1 </dev/null &
server=$!
echo "$server" >"$STATE/server-$PORT.pid"
announce "$server" &
herald=$!

finish() {
  trap "" INT TERM HUP
  kill "$server" "$herald" 2>/dev/null || true
  # Odoo ends in an orderly way when asked once; twice makes it drop everything.
  wait "$server" 2>/dev/null || true
  rm -f "$STATE/server-$PORT.pid"
  say ""
  say "Odoo has stopped. The database server goes on; \`make stop\` ends it too."
  exit 0
}
trap finish INT TERM HUP

rc=0
wait "$server" || rc=$?
rm -f "$STATE/server-$PORT.pid"
kill "$herald" 2>/dev/null || true
[ "$rc" -eq 0 ] || die "Odoo ended by itself (status $rc): see the lines above."
