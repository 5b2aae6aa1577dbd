"""The one process: Streamlit's pages, our routes and the Guard before both, on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from .components import asset_version
from .errors import UsageError
from .files import read_json, write_json
from .routes import Guard, build_routes, serve_workspace, session_store
from .terms import Role
from .workspace import Workspace

__all__ = ["CONFIG", "LOOPBACK", "asgi_app", "invitation", "serve"]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
CONFIG: dict[str, Any] = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "viewer",
    "logger.hideWelcomeMessage": True,
    "runner.magicEnabled": False,
    "server.address": "127.0.0.1",
    "server.allowRunOnSave": False,
    "server.allowedHosts": ["127.0.0.1", "localhost", "::1"],
    "server.corsAllowedOrigins": [],
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableWebsocketCompression": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": 2048,
    "server.runOnSave": False,
    "server.scriptHealthCheckEnabled": False,
    "theme.base": "dark",
    "theme.baseFontSize": 14,
    "theme.baseRadius": "7px",
    "theme.font": "Inter, system-ui, sans-serif",
    "theme.showWidgetBorder": True,
    "theme.dark.backgroundColor": "#0c0f13",
    "theme.dark.borderColor": "#354050",
    "theme.dark.linkColor": "#6cb6ff",
    "theme.dark.primaryColor": "#2f6fb0",
    "theme.dark.secondaryBackgroundColor": "#12161c",
    "theme.dark.textColor": "#e8edf3",
    "theme.light.backgroundColor": "#f4f6f8",
    "theme.light.borderColor": "#b3bfcc",
    "theme.light.linkColor": "#0b5cad",
    "theme.light.primaryColor": "#0b5cad",
    "theme.light.secondaryBackgroundColor": "#ffffff",
    "theme.light.textColor": "#151b22",
}
"""Every option that we set; `.streamlit/config.toml` says the same, and a test compares."""

_HERE = Path(__file__).resolve().parent
_PORT = 8501
_STARTS_WITHIN_S = 60.0


def asgi_app(
    workspace: Workspace,
    *,
    hosts: frozenset[str] = LOOPBACK,
    script: Path = _HERE / "app.py",
    with_worker: bool = True,
) -> Any:
    """The ASGI application of a workspace.

    Parameters
    ----------
    hosts : frozenset of str
        Names under which it answers.
    script : Path
        The Streamlit script.
    with_worker : bool
        Start the process that runs queued predictions beside it.
    """
    import streamlit as st
    from starlette.middleware import Middleware

    at = serve_workspace(workspace)

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
        threading.Thread(target=_warm, args=(at.workspace,), daemon=True).start()
        worker = _start_worker(workspace.root) if with_worker else None
        try:
            yield {}
        finally:
            if worker is not None:
                _stop(worker)

    return st.App(
        script,
        routes=build_routes(at, asset_version()),
        middleware=[Middleware(Guard, sessions=at.sessions, hosts=hosts)],
        lifespan=lifespan,
    )


def serve(root: Path, *, host: str, port: int, open_browser: bool) -> None:
    """Serve a workspace until stopped; print the address with its one-time token once it answers.

    The address goes to standard error.

    Raises
    ------
    UsageError
        The host is not loopback, since sign-in for other computers is not part of this version; or no port is free.
    """
    if host not in LOOPBACK:
        raise UsageError(
            "The pages were not opened.",
            "Other computers need sign-in, which this version does not have.",
            "Leave --host at 127.0.0.1.",
        )
    workspace = Workspace.open(root)
    chosen = _free_port(host, port)
    application = asgi_app(workspace)
    where = root / "sessions" / "server.json"

    def announce() -> None:
        address = _address(host, chosen, session_store(workspace).invite(local=True))
        sys.stderr.write(f"Overread is open at {address}\nThe address works once. Stop with Ctrl+C.\n")
        sys.stderr.flush()
        if open_browser:
            webbrowser.open(address)

    write_json(where, {"host": host, "port": chosen}, mode=0o600)
    threading.Thread(target=_when_answering, args=(host, chosen, announce), daemon=True).start()
    try:
        application.run(config={**CONFIG, "server.address": host, "server.port": chosen})
    finally:
        where.unlink(missing_ok=True)


def invitation(root: Path, reader: str, role: Role) -> str:
    """A one-time address for a further reader of the pages that are being served, or will be at the usual port."""
    workspace = Workspace.open(root)
    path = root / "sessions" / "server.json"
    where = read_json(path) if path.exists() else {"host": "127.0.0.1", "port": _PORT}
    return _address(where["host"], where["port"], session_store(workspace).invite(reader, role))


def _address(host: str, port: int, token: str) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/?launch={token}"


def _warm(workspace: Workspace) -> None:
    """Import what the pages need, and read the ledger, while the browser is opening: seconds that no reader waits for."""
    for name in ("worklist", "mri", "eeg", "agreement", "ledger", "models", "help"):
        import_module(f"dashboard.panels.{name}")
    workspace.ledger.entries()


def _start_worker(root: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dashboard.cli", "work", "--workspace", str(root)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _stop(worker: subprocess.Popen[bytes]) -> None:
    """End the worker; its job is queued again by the next one."""
    worker.terminate()
    try:
        worker.wait(timeout=5)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


def _when_answering(host: str, port: int, then: Callable[[], None]) -> None:
    """Do something once the server takes connections; nothing where it never does."""
    last = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < last:
        try:
            with socket.create_connection((host, port), timeout=1):
                then()
                return
        except OSError:
            time.sleep(0.05)


def _free_port(host: str, wanted: int) -> int:
    """The wanted port, or a free one where it is taken."""
    for port in (wanted, 0):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise UsageError("The pages were not opened.", "No port is free.", "Close another program and try again.")
