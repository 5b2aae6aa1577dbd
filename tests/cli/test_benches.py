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

from dashboard.cli import bench_eeg, bench_imaging
from dashboard.cli.answers import answer_schema
from dashboard.cli.bench_browser import chromium, free_port, running
from dashboard.cli.bench_long_recording import LONG_LABELS, a_long_edf
from dashboard.cli.bench_mne_browser import MneBrowser, mne_browser
from dashboard.cli.bench_rival import rival_command, write_eeg_rival, write_rival
from dashboard.cli.bench_sides import by_turns, medians, teller, turns
from dashboard.cli.benches import BENCHES
from dashboard.demo import SyntheticEeg
from dashboard.errors import MissingExtra, OverreadError
from tests.builders.eeg_files import read_one


def _bench(*words):
    """Standard output of `overread bench`, and its exit code."""
    command = [sys.executable, "-m", "dashboard.cli", "bench", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return done.stdout, done.returncode


def _small_rival(folder):
    volume = np.arange(6 * 7 * 8, dtype=np.int16).reshape(6, 7, 8)
    signal = np.random.default_rng(0).normal(0, 20, (3, 200 * 30)).astype(np.float32)
    write_rival(folder, volume, volume % 5 == 0)
    write_eeg_rival(folder, SyntheticEeg(("Fp1", "Fp2", "Cz"), 200.0, signal, ()))


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


class TestTurns:
    """What both sides of a comparison go through."""

    @pytest.mark.parametrize("rounds", [1, 9, 10, 11, 37])
    def test_every_side_takes_every_step_and_none_more_than_ten_at_a_time(self, rounds):
        order = []

        def side(name):
            return lambda count: order.append((name, count)) or [1.0] * count

        times = by_turns(rounds, {"ours": side("ours"), "other": side("other")}, lambda: order.append(("turn", 0)))
        assert {name: len(taken) for name, taken in times.items()} == {"ours": rounds, "other": rounds}
        assert [name for name, _ in order] == ["turn", "ours", "other"] * len(turns(rounds))
        assert sum(turns(rounds)) == rounds and max(turns(rounds)) <= 10

    def test_medians_and_our_slowest(self):
        assert medians("flip", {"ours": [10.0, 30.04, 20.0], "plotly": [400.0, 200.0]}) == {
            "flip_ms": 20.0, "flip_slowest_ms": 30.0, "flip_plotly_ms": 300.0,
        }  # fmt: skip

    def test_steps_are_told_from_none_to_all(self):
        told = []
        tell = teller(2, lambda *step: told.append(step))
        for words in ("a", "b", "done"):
            tell(words)
        assert told == [(0, 2, "a"), (1, 2, "b"), (2, 2, "done")]

    def test_a_ratio_is_told_only_where_both_sides_were_measured(self):
        found = bench_eeg._ratios({"open": [100.0, 300.0, 200.0], "open_mne": [], "plain": [10.0], "noted": [12.0]})
        assert found == {"annotations_slow": 1.2}


def test_a_long_recording_is_one_that_is_read_without_a_flaw(tmp_path):
    recording = read_one(a_long_edf(tmp_path / "a.edf", hours=0.05))
    assert (recording.duration_s, len(recording.channels), recording.issues) == (180, len(LONG_LABELS), ())
    signal = recording.source.read(0, 180, recording.eeg_channels)
    assert 20 < signal.std() < 40 and np.abs(signal).max() < 3000
    steps = np.abs(np.diff(signal, axis=1))
    assert steps[:, 60 * 256 - 1].mean() < 2 * steps.mean(), "minutes follow on"


class TestMneBrowser:
    """The other side may be missing, or fall over its own feet: the bench goes on without it."""

    def test_where_it_is_not_installed_there_is_none(self, tmp_path, monkeypatch):
        (tmp_path / "pyqtgraph.py").write_text("raise ImportError", encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        with mne_browser(tmp_path) as browser:
            assert browser is None

    def test_what_it_says_before_it_ends_is_kept(self, tmp_path):
        script = "import sys; sys.stdin.readline(); print('[1.5, 2.5]', flush=True); sys.stdin.readline()"
        child = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        browser = MneBrowser(child, "a browser")
        assert browser.open(tmp_path / "a.edf", 2) == [1.5, 2.5]
        assert browser.flips(tmp_path / "a.edf")(3) == []
        assert browser.name == "a browser; it came to an end when asked to flip a.edf"
        assert browser.open(tmp_path / "a.edf") == []


_EEG_SMOKE = """
import json, sys
from dashboard.cli import bench_eeg, bench_walk_eeg
bench_eeg.ALERTS = bench_walk_eeg.ALERTS = (1,)
told = []
found = bench_eeg.bench_eeg(1, lambda *step: told.append(step), hours=0.05)
print(json.dumps({"told": told, **found}))
"""


@pytest.mark.browser
@pytest.mark.slow
def test_eeg_in_a_short_run():
    """Three minutes instead of a day, one alert; in a process of its own, as Playwright wants it."""
    jsonschema = pytest.importorskip("jsonschema")
    pytest.importorskip("playwright.sync_api")
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        pytest.skip("chromium is not installed")
    done = subprocess.run([sys.executable, "-c", _EEG_SMOKE], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    told = said.pop("told")
    assert [step for step, _, _ in told] == list(range(told[-1][1] + 1))
    jsonschema.validate({"command": "bench", "version": "0", "ok": True, **said}, answer_schema("bench"))
    ratios, figures = said["ratios"], said["figures"]
    assert ratios.keys() >= {"eeg_flip", "annotations_slow"} and all(ratio > 0 for ratio in ratios.values())
    assert ratios["eeg_flip"] == pytest.approx(figures["eeg_flip_plotly_ms"] / figures["eeg_flip_ms"], rel=0.02)
    for name in (
        "day_open",
        "day_flip",
        "day_jump",
        "day_montage",
        "day_filter",
        "annotations_plain",
        "annotations_noted",
    ):
        assert 0 < figures[f"{name}_ms"] < 10_000
    assert figures["import_rss_mib"] > 10 and figures["detection_rss_mib"] > 10
    assert figures["detection_windows"] == (180 - 10) / 2 + 1
    assert 2 <= figures["walk_keys"] <= 4
    assert ("mne_flip" in ratios) == ("day_flip_mne_ms" in figures) == (not figures["mne_qt_browser"].startswith("not"))
