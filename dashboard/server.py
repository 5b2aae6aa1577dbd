"""The one process: Streamlit's pages, our routes and the Guard before both, on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from .errors import UsageError
from .files import read_json, write_json
from .routes import Guard, build_routes, serve_workspace, session_store
from .terms import Role
from .workspace import Workspace

__all__ = ["CONFIG", "asgi_app", "invitation", "serve"]

_HERE = Path(__file__).resolve().parent
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

CONFIG: dict[str, Any] = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "runner.magicEnabled": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": 2048,
    "server.runOnSave": False,
    "theme.base": "dark",
    "theme.baseFontSize": 14,
    "theme.baseRadius": "7px",
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


def asgi_app(workspace: Workspace, hosts: frozenset[str] = _LOOPBACK) -> Any:
    """The ASGI application of a workspace; it starts the worker for predictions beside itself."""
    import streamlit as st
    from starlette.middleware import Middleware

    at = serve_workspace(workspace)

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
        command = [sys.executable, "-m", "dashboard.cli", "work", "--workspace", str(workspace.root)]
        worker = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            yield {}
        finally:
            worker.terminate()
            worker.wait(timeout=10)

    return st.App(
        _HERE / "app.py",
        routes=build_routes(at),
        middleware=[Middleware(Guard, sessions=at.sessions, hosts=hosts)],
        lifespan=lifespan,
    )


def serve(root: Path, *, host: str, port: int, open_browser: bool) -> None:
    """Serve a workspace until stopped; print the address with its one-time token on standard error.

    Raises
    ------
    UsageError
        The host is not loopback: sign-in for other computers is not part of this version.
    """
    if host not in _LOOPBACK:
        raise UsageError(
            "The pages were not opened.",
            "Other computers need sign-in, which this version does not have.",
            "Leave --host at 127.0.0.1.",
        )
    workspace = Workspace.open(root)
    chosen = _free_port(host, port)
    application = asgi_app(workspace)
    write_json(root / "sessions" / "server.json", {"host": host, "port": chosen}, mode=0o600)
    token = session_store(workspace).invite(local=True)
    address = f"http://{host}:{chosen}/?launch={token}"
    sys.stderr.write(f"Overread is open at {address}\nThe address works once. Stop with Ctrl+C.\n")
    sys.stderr.flush()
    if open_browser:
        webbrowser.open(address)
    application.run(config={**CONFIG, "server.address": host, "server.port": chosen})


def invitation(root: Path, reader: str, role: Role) -> str:
    """A one-time address for a further reader of the pages that are being served."""
    workspace = Workspace.open(root)
    path = root / "sessions" / "server.json"
    where = read_json(path) if path.exists() else {"host": "127.0.0.1", "port": 8501}
    token = session_store(workspace).invite(reader, role)
    return f"http://{where['host']}:{where['port']}/?launch={token}"


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
