"""Progress of a long call, shown to the user who waits for it."""

import logging
from typing import NamedTuple

from odoo import SUPERUSER_ID, api
from odoo.tools.misc import formatLang

_logger = logging.getLogger(__name__)

# Type of the messages on Odoo's bus; ``first_steps.js`` listens to it.
MESSAGE = "crm_extended.progress"


class Phase(NamedTuple):
    #: what is done in it, in the user's language
    label: str
    #: per cent of the whole work that is done before it begins
    percent: int
    #: what it came to, with a place for a number
    result: str = ""


class Progress:
    """The phases of a call, sent to its user each time one of them begins.

    Nothing of the call is committed before its end, so each message is sent with a
    cursor of its own. A message that cannot be sent is left out: the work goes on.
    """

    def __init__(self, env, phases: dict[str, Phase]):
        """
        :param env: environment of the user who waits, in the company that is at work
        :param phases: in their order
        """
        self._env = env
        # The user's own channel: no one else gets the messages.
        self._channel = env.user.partner_id
        self._phases = phases
        self._results = {}
        self._current = None

    def enter(self, key: str, count: int | None = None):
        """A phase begins.

        :param count: what the phase before it came to
        """
        if count is not None:
            number = formatLang(self._env, count, digits=0)
            self._results[self._current] = self._phases[self._current].result % number
        self._current = key
        self._send(self._describe())

    def _describe(self) -> dict:
        keys = list(self._phases)
        current = keys.index(self._current)
        return {
            "company_id": self._env.company.id,
            "percent": self._phases[self._current].percent,
            "phases": [
                {
                    "label": self._phases[key].label,
                    "result": self._results.get(key, ""),
                    "state": self._state(number - current),
                }
                for number, key in enumerate(keys)
            ],
        }

    @staticmethod
    def _state(distance: int) -> str:
        """The state of a phase that comes so many after the current one."""
        if distance < 0:
            return "done"
        return "open" if distance else "running"

    def _send(self, message: dict):
        try:
            with self._env.registry.cursor() as cr:
                # As superuser, who is committed for certain: the user need not be.
                bus = api.Environment(cr, SUPERUSER_ID, {})["bus.bus"]
                bus._sendone(self._channel, MESSAGE, message)
        except Exception:
            _logger.warning("Progress could not be sent.", exc_info=True)


class NoProgress:
    """For calls that no user waits for."""

    def enter(self, key: str, count: int | None = None):
        pass


NO_PROGRESS = NoProgress()
