"""A database that lives as long as a test or benchmark, and questions to Odoo on it."""

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ODOO = ROOT / ".odoo" / "odoo-bin"
DB = ROOT / "scripts" / "db.sh"
# The shell executes what it is fed; job and answer are exchanged as files.
FRAME = """
import json
with open({job!r}, encoding="utf-8") as file:
    job = json.load(file)
{script}
with open({answer!r}, "w", encoding="utf-8") as file:
    json.dump(answer, file)
"""


def run(command, **options):
    """Run a command; on failure show the end of what it said.

    :param list command: program and arguments
    """
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        tail = (done.stdout + done.stderr)[-3000:]
        raise AssertionError(f"{command[0]} gave {done.returncode}:\n{tail}")


@contextmanager
def database(name, addon=True, kind="plain"):
    """Make a database, without demo data unless asked for, and drop it at the end.

    :param str name: what it is for
    :param bool addon: whether the addon is installed
    :param str kind: ``demo`` for one with demo data, ``bridged`` for one with the apps
        there are bridges to, and these
    :return: the full name
    """
    name = f"crm_extended_{name}_{os.getpid()}"
    try:
        if addon:
            run(["bash", DB, "ready", name, kind])
        else:
            run(["bash", DB, "template", kind])
            run(["bash", DB, "clone", f"crm_extended_tmpl_{kind}", name])
        yield name
    finally:
        run(["bash", DB, "drop", name])


def ask(name, folder, script, job=None):
    """Run a script in ``odoo shell``.

    :param str name: database
    :param Path folder: where job and answer can be put
    :param str script: finds ``env`` and ``job``, and has to set ``answer``
    :param job: anything JSON can carry
    :return: the answer
    """
    paths = {key: str(folder / f"{key}.json") for key in ("job", "answer")}
    Path(paths["job"]).write_text(json.dumps(job), encoding="utf-8")
    # Refused rows are logged as errors; the tests look at what the user is told.
    command = [ODOO, "shell", "-d", name, "--no-http", "--log-level=critical"]
    # The addon of this checkout, also where several share one set-up.
    command.append(f"--addons-path={os.environ['ODOO_ADDONS']},{ROOT}")
    run(command, input=FRAME.format(script=script, **paths))
    return json.loads(Path(paths["answer"]).read_text(encoding="utf-8"))
