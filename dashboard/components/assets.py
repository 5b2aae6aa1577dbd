"""Addresses of the viewers' modules: the inline shim and the version that makes them immutable."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

__all__ = ["ASSETS_FOLDER", "asset_version", "shim"]

ASSETS_FOLDER = Path(__file__).resolve().parent


@cache
def asset_version() -> str:
    """The first 12 hex digits of SHA-256 over every asset: a changed file has another address."""
    digest = hashlib.sha256()
    for path in sorted(ASSETS_FOLDER.rglob("*")):
        if path.suffix in {".js", ".css", ".woff2"}:
            digest.update(path.relative_to(ASSETS_FOLDER).as_posix().encode() + b"\0")
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def shim(entry: str) -> str:
    """The inline module of a component: it imports `/assets/<version>/<entry>` and hands over to its `render`.

    The export stays synchronous, as Streamlit wants it; calls made before the module has arrived are answered
    with the newest arguments only.
    """
    address = f"/assets/{asset_version()}/{entry}"
    return f"""
const waiting = new WeakMap();
let module = null;
const loading = import(new URL("{address}", location.origin).href).then((m) => (module = m));
export default function (args) {{
  const key = args.parentElement;
  if (module) return module.render(args);
  const first = !waiting.has(key);
  waiting.set(key, args);
  if (first) loading.then(() => waiting.has(key) && module.render(waiting.get(key)));
  return () => {{ if (module) module.left(key); else waiting.delete(key); }};
}}
"""
