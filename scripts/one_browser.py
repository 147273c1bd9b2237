"""A plugin of pytest, ``-p scripts.one_browser``: all tests of a process share a browser.

Odoo's ``HttpCase`` starts a browser for each page that a test opens. Here each page gets
a new tab instead, of the size the test asks for, in which it finds no cookie, storage or
service worker of another. What the browser keeps is its cache of files, so that it
compiles Odoo's scripts once. All else is Odoo's own: what counts as a failure, what is
logged, how long a page may take.
"""

import contextlib
import logging
import shutil
import signal
import time

import psutil
import requests
import websocket

from odoo.tests import common

# Odoo waits as long for an answer of the browser.
PATIENCE = 10
_logger = logging.getLogger(__name__)


class Chrome:
    """The process, and what is needed to talk to it and to clean up after it."""

    def __init__(self, process, port, folder, options):
        self.process, self.port = process, port
        self.folder, self.options = folder, options
        # Stays open to the end: without any tab a browser ends.
        [first] = self.tabs()
        self.first = first["id"]

    def ask(self, path, method="GET"):
        url = f"http://{common.HOST}:{self.port}/json/{path}"
        answer = requests.request(method, url, timeout=PATIENCE)
        answer.raise_for_status()
        return answer

    def tabs(self):
        return [tab for tab in self.ask("list").json() if tab["type"] == "page"]

    def close_tabs(self):
        """All but the first, with those that pages opened."""
        deadline = time.monotonic() + PATIENCE
        while others := [tab for tab in self.tabs() if tab["id"] != self.first]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(others)} tabs stay open")
            for tab in others:
                requests.get(
                    f"http://{common.HOST}:{self.port}/json/close/{tab['id']}",
                    timeout=PATIENCE,
                )
            time.sleep(0.02)

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except Exception:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Tab(common.ChromeBrowser):
    """A tab that stands in for a browser of its own."""

    chrome_shared = None

    def __init__(self, test_case, *args, **kwargs):
        super().__init__(test_case, *args, **kwargs)
        end_connections_safely()
        # What others left, cookies too, before the test sets its own.
        self._websocket_request(
            "Storage.clearDataForOrigin",
            params={"origin": test_case.base_url(), "storageTypes": "all"},
        )

    def _chrome_start(self, user_data_dir, **options):
        shared = Tab.chrome_shared
        if shared and (shared.options != options or shared.process.poll() is not None):
            end_browser()
        if Tab.chrome_shared:
            shutil.rmtree(user_data_dir, ignore_errors=True)
        else:
            process, port = super()._chrome_start(user_data_dir, **options)
            self.devtools_port, self.chrome = port, process
            self._json_command("version")
            Tab.chrome_shared = Chrome(process, port, user_data_dir, options)
        return Tab.chrome_shared.process, Tab.chrome_shared.port

    def _open_websocket(self):
        tab = Tab.chrome_shared.ask("new?about:blank", "PUT").json()
        ws = websocket.create_connection(
            tab["webSocketDebuggerUrl"], enable_multithread=True, suppress_origin=True
        )
        ws.settimeout(0.01)
        return ws

    def stop(self):
        """Close the tab, as Odoo closes a browser: when what it was asked has come."""
        if Tab.chrome_shared is None:
            super().stop()
            return
        try:
            self.screencaster.stop()
            self._websocket_request("Page.stopLoading")
            common.wait(self._responses.values(), PATIENCE)
            self._result.cancel()
            Tab.chrome_shared.close_tabs()
        except Exception:
            # The next test gets a browser that answers.
            _logger.warning("A tab could not be closed", exc_info=True)
            end_browser()
        if hasattr(self, "ws"):
            self.ws.close()
        signal.signal(signal.SIGXCPU, self.sigxcpu_handler)


def end_connections_safely():
    """Odoo ends the connections of the bus after each page, and fails where one has ended
    by itself just then, since its tab was closed."""
    # Not before: Odoo has to know its addons.
    from odoo.addons.bus import websocket as bus  # noqa: PLC0415

    def kick_all(code):
        for connection in list(bus._websocket_instances):
            if connection.state is bus.ConnectionState.OPEN:
                with contextlib.suppress(OSError):
                    connection.close(code)

    bus._kick_all = kick_all


def end_browser():
    if Tab.chrome_shared:
        Tab.chrome_shared.end()
        Tab.chrome_shared = None


def _children(of_process, *args, children=psutil.Process.children, **kwargs):
    """Without the browser, which Odoo would end after each class as left behind."""
    shared = Tab.chrome_shared
    return [
        child
        for child in children(of_process, *args, **kwargs)
        if not shared or child.pid != shared.process.pid
    ]


def pytest_sessionstart():
    common.ChromeBrowser = Tab
    psutil.Process.children = _children


def pytest_sessionfinish():
    end_browser()
