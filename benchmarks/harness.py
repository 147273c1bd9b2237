"""What the benchmarks share: their databases, their questions to Odoo, their verdicts."""

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(ROOT / "tests"))
from odoo_shell import DB, ask, database, run  # noqa: E402

# Put before each script in ``odoo shell``, so that it can import what is in here.
IMPORT = f"""
import sys
sys.path.insert(0, {str(BENCHMARKS)!r})
"""


def question(name, script, job=None):
    """Run a script in ``odoo shell`` on a database.

    :param str name: database
    :param str script: finds ``env`` and ``job``, and has to set ``answer``
    :param job: anything JSON can carry
    :return: the answer
    """
    with tempfile.TemporaryDirectory() as folder:
        return ask(name, Path(folder), IMPORT + script, job)


def prepare_companies(name):
    """Put a second company beside the one there is."""
    question(name, "import generate\nanswer = generate.prepare_companies(env)")


def companies(name):
    """Company, currency and sales journal of the companies of a database.

    :rtype: list[list[int]]
    """
    return question(name, "import generate\nanswer = generate.companies(env)")


@contextmanager
def base():
    """Make a database with the addon and two companies, to make others from.

    :return: its name
    """
    with database("bench_base") as name:
        prepare_companies(name)
        yield name


@contextmanager
def clone(source, purpose):
    """Make a copy of a database that is dropped at the end.

    :param str source: the full name of a database of ours
    :param str purpose: told apart by it
    :return: the full name of the copy
    """
    name = f"{source}_{purpose}"
    try:
        run(["bash", DB, "clone", source, name])
        yield name
    finally:
        run(["bash", DB, "drop", name])


class Verdict:
    """Figures beside their targets; prints each as it comes."""

    def __init__(self):
        self.missed = 0

    def most(self, what, figure, target, unit="", digits=2):
        """A figure that must not be above its target."""
        self._say(
            what, figure, f"at most {target:,}{unit}", figure <= target, unit, digits
        )

    def none(self, what, figure):
        """A number of things that must not happen."""
        self._say(what, figure, "none", figure == 0, "", 0)

    def _say(self, what, figure, target, met, unit, digits):
        self.missed += not met
        verdict = "ok" if met else "MISSED"
        print(
            f"{what:<58}{figure:>10,.{digits}f}{unit}  {target:<18}{verdict}",
            flush=True,
        )

    @property
    def exit_code(self):
        return int(bool(self.missed))
