"""The options that the server passes are those of `.streamlit/config.toml`, and they are the closed ones."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from dashboard.errors import UsageError
from dashboard.server import CONFIG, serve

ROOT = Path(__file__).resolve().parents[1]


def _flat(tables: dict, prefix: str = "") -> dict:
    found = {}
    for name, value in tables.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def test_the_file_and_the_server_say_the_same():
    text = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert _flat(tomllib.loads(text)) == CONFIG


def test_streamlit_knows_every_option():
    from streamlit.config import get_config_options

    assert set(CONFIG) - set(get_config_options()) == set()


def test_nothing_is_open_by_default():
    assert CONFIG["server.address"] == "127.0.0.1"
    assert CONFIG["browser.gatherUsageStats"] is False
    assert CONFIG["client.showErrorDetails"] == "none"
    assert CONFIG["server.enableAgentApi"] is False


def test_other_addresses_are_refused_until_there_is_sign_in(tmp_path):
    with pytest.raises(UsageError, match="sign-in"):
        serve(tmp_path, host="0.0.0.0", port=8501, open_browser=False)
