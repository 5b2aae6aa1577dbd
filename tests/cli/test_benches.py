"""The benches end, say what they promise, and leave nothing running. No speed is asked for: the machine may be busy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from dashboard.cli import bench_imaging
from dashboard.cli.bench_browser import chromium, free_port, running
from dashboard.cli.bench_rival import rival_command, write_rival
from dashboard.cli.benches import BENCHES
from dashboard.demo import SyntheticEeg
from dashboard.errors import MissingExtra, OverreadError


def _bench(*words):
    """Standard output of `overread bench`, and its exit code."""
    command = [sys.executable, "-m", "dashboard.cli", "bench", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return done.stdout, done.returncode


def _small_rival(folder):
    volume = np.arange(6 * 7 * 8, dtype=np.int16).reshape(6, 7, 8)
    signal = np.random.default_rng(0).normal(0, 20, (3, 200 * 30)).astype(np.float32)
    write_rival(folder, volume, volume % 5 == 0, SyntheticEeg(("Fp1", "Fp2", "Cz"), 200.0, signal, ()))


@pytest.mark.slow
def test_the_ledger_against_sqlite():
    text, code = _bench("ledger", "--rounds", "3", "--json")
    said = json.loads(text)
    assert (code, said["command"], said["ok"]) == (0, "bench", True)
    assert set(said["ratios"]) == {"append_1_process", "append_8_processes"}
    assert all(ratio > 0 for ratio in said["ratios"].values())
    for name in ("1_process", "8_processes"):
        for side in ("ledger", "sqlite", "sqlite_unchained"):
            assert said["figures"][f"{side}_rows_a_second_{name}"] > 0
        quotient = said["figures"][f"ledger_rows_a_second_{name}"] / said["figures"][f"sqlite_rows_a_second_{name}"]
        assert said["ratios"][f"append_{name}"] == pytest.approx(quotient, rel=0.02)
    assert said["figures"]["verify_100000_rows_s"] > 0


def test_reading_against_simpleitk(monkeypatch):
    pytest.importorskip("SimpleITK", reason="SimpleITK is not installed")
    monkeypatch.setattr(bench_imaging, "_SLICES", 5)
    monkeypatch.setattr(bench_imaging, "_SIDE", 32)
    told = []
    measured = bench_imaging.bench_imaging(1, lambda *step: told.append(step))
    assert set(measured["ratios"]) == {"open_uncompressed", "open_jpeg2000"}
    assert all(ratio > 0 for ratio in measured["ratios"].values())
    for kind in ("uncompressed", "jpeg2000"):
        for side in ("ours", "simpleitk", "first_picture", "add"):
            assert measured["figures"][f"{kind}_{side}_ms"] >= 0
            assert measured["figures"][f"{kind}_{side}_peak_mb"] > 10
    assert told[-1][0] == told[-1][1]


@pytest.mark.slow
def test_killed_writers_lose_nothing_in_a_short_run():
    text, code = _bench("ledger", "--kill", "--rounds", "2", "--json")
    found = json.loads(text)["figures"]
    assert (code, found["holds"], found["problems"]) == (0, True, [])
    assert found["rows_acknowledged"] == found["rows_found_once"] >= 400 and found["writers_killed"] >= 8
    assert _bench("ui", "--kill", "--json")[1] == 2


def test_an_unknown_bench_is_wrong_usage():
    text, code = _bench("coffee", "--json")
    assert code == 2 and json.loads(text)["error"]["code"] == "usage"


def test_no_round_is_wrong_usage():
    for name in BENCHES:
        text, code = _bench(name, "--rounds", "0", "--json")
        assert code == 2 and json.loads(text)["ok"] is False


def test_without_playwright_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(MissingExtra, match="pip install playwright"), chromium():
        pass


@pytest.mark.browser
def test_without_chromium_it_says_what_to_install(tmp_path):
    """In a process of its own: Playwright can't be started a second time beside the tests' own browser."""
    pytest.importorskip("playwright.sync_api")
    script = (
        "from dashboard.cli import bench_browser\n"
        "from dashboard.errors import MissingExtra\n"
        "bench_browser._NAMES = ()\n"
        "try:\n"
        "    with bench_browser.chromium():\n"
        "        pass\n"
        "except MissingExtra as error:\n"
        "    raise SystemExit(str(error))\n"
    )
    environment = {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 1 and "playwright install" in done.stderr


def test_a_server_ends_with_all_that_it_started(tmp_path):
    port = free_port()
    script = (
        "import socket, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('child', 'w').write(str(child.pid))\n"
        f"listening = socket.create_server(('127.0.0.1', {port}))\n"
        "time.sleep(60)\n"
    )
    with running([sys.executable, "-c", script], port, tmp_path, "two") as server:
        child = int((tmp_path / "child").read_text())
        assert _is_running(child)
    assert server.poll() is not None
    last = time.monotonic() + 5
    while _is_running(child) and time.monotonic() < last:
        time.sleep(0.05)
    assert not _is_running(child)


def _is_running(pid):
    """Whether a process runs; one that has ended and was not yet waited for does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_server_that_does_not_start_is_told(tmp_path):
    with (
        pytest.raises(OverreadError, match="did not start"),
        running([sys.executable, "-c", "raise SystemExit(3)"], free_port(), tmp_path, "none"),
    ):
        pass


@pytest.mark.parametrize(("name", "title"), [("mri", "slice"), ("eeg", "page")])
def test_the_other_side_s_pages_run(tmp_path, monkeypatch, name, title):
    """Both are whole Streamlit scripts, and their control changes what is drawn."""
    from streamlit.testing.v1 import AppTest

    _small_rival(tmp_path)
    monkeypatch.chdir(tmp_path)
    app = AppTest.from_file(str(tmp_path / f"{name}.py"), default_timeout=30).run()
    assert not app.exception

    def drawn():
        figure = json.loads(app.get("plotly_chart")[0].proto.spec)
        return figure["layout"]["title"]["text"], json.dumps(figure["data"])

    before = drawn()
    if name == "mri":
        app.slider[0].set_value(5).run()
    else:
        app.button[0].click().run()
    assert not app.exception
    assert before[0].startswith(title) and drawn()[0] != before[0] and drawn()[1] != before[1]


def test_the_other_side_is_served_without_a_watcher(tmp_path):
    command = " ".join(rival_command("mri", 1234))
    assert "--server.fileWatcherType none" in command and "--server.port 1234" in command
    assert "--browser.gatherUsageStats false" in command


@pytest.mark.browser
@pytest.mark.slow
def test_the_pages_beside_plotly(tmp_path):
    pytest.importorskip("playwright.sync_api")
    pytest.importorskip("nilearn")
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        pytest.skip("chromium is not installed")
    text, code = _bench("ui", "--rounds", "3", "--json")
    said = json.loads(text)
    assert code == 0, said
    assert said["ratios"].keys() >= {"slice_step", "eeg_flip"}
    for name in ("slice_step", "eeg_flip"):
        figures = said["figures"]
        assert 0 < figures[f"{name}_ms"] <= figures[f"{name}_slowest_ms"] < 10_000
        assert said["ratios"][name] == pytest.approx(figures[f"{name}_plotly_ms"] / figures[f"{name}_ms"], rel=0.02)
    for name in ("opacity", "flash", "threshold"):
        assert 0 < said["figures"][f"{name}_ms"] <= said["figures"][f"{name}_slowest_ms"] < 10_000
    assert 0 < said["figures"]["first_picture_ms"] <= said["figures"]["first_picture_slowest_ms"]
    assert said["figures"]["processor"] and "Chromium" in said["figures"]["browser"]
    assert 13 <= said["figures"]["walk_keys"] <= 20, "ten findings, three studies, at most two keys a finding"
    assert said["figures"]["large_first_picture_ms"] > 0 and said["figures"]["large_page_mb"] > 400
