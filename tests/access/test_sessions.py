"""Sessions: one launch each, hashed on disk, ended by time, by rest, and by nothing else."""

from __future__ import annotations

import hashlib
import json
import threading

import pytest

from dashboard.access import SessionStore
from dashboard.errors import UsageError
from dashboard.terms import Identity, Role


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    return SessionStore(tmp_path / "sessions", clock=clock)


def test_an_invitation_becomes_a_session_of_that_reader(store):
    cookie = store.exchange(store.invite("R-02", Role.NEUROLOGIST))
    session = store.lookup(cookie)
    assert (session.reader, session.role, session.identity) == ("R-02", Role.NEUROLOGIST, Identity.INVITED)


def test_a_launch_token_works_once(store):
    token = store.invite("R-02")
    assert store.exchange(token)
    assert store.exchange(token) is None


def test_of_many_who_open_one_address_at_once_one_enters(store):
    token = store.invite("R-02")
    gate, entered = threading.Barrier(8), []

    def enter():
        gate.wait()
        entered.append(store.exchange(token))

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([cookie for cookie in entered if cookie]) == 1


def test_a_launch_token_runs_out_and_is_forgotten(store, clock):
    token = store.invite("R-02")
    clock.now += 60 * 60 + 1
    assert store.exchange(token) is None
    clock.now -= 120
    assert store.exchange(token) is None


@pytest.mark.parametrize("guess", ["", "x", "../keys/master", "0" * 64, "\udcff"])
def test_a_guess_is_no_token_and_no_cookie(store, guess):
    store.invite("R-02")
    assert store.exchange(guess) is None
    assert store.lookup(guess) is None


def test_a_session_ends_after_its_hours_whatever_happens(store, clock):
    cookie = store.exchange(store.invite("R-02"))
    for _ in range(25):
        clock.now += 29 * 60
        alive = store.lookup(cookie) is not None
    assert not alive
    assert clock.now - 1_800_000_000 > 12 * 3600


def test_a_session_locks_after_an_hour_of_rest(store, clock):
    cookie = store.exchange(store.invite("R-02"))
    clock.now += 59 * 60
    assert store.lookup(cookie)
    clock.now += 59 * 60
    assert store.lookup(cookie)
    clock.now += 61 * 60
    assert store.lookup(cookie) is None


def test_asking_without_touching_is_no_sign_of_life(store, clock):
    cookie = store.exchange(store.invite("R-02"))
    clock.now += 40 * 60
    assert store.lookup(cookie, touch=False)
    clock.now += 40 * 60
    assert store.lookup(cookie, touch=False) is None


def test_lengths_are_the_settings(tmp_path, clock):
    store = SessionStore(tmp_path, hours=1, idle_minutes=5, launch_minutes=1, clock=clock)
    token = store.invite("R-02")
    clock.now += 61
    assert store.exchange(token) is None
    cookie = store.exchange(store.invite("R-02"))
    clock.now += 5 * 60 + 1
    assert store.lookup(cookie) is None


def test_a_session_survives_a_restart(store, clock):
    cookie = store.exchange(store.invite("R-02"))
    again = SessionStore(store.folder, clock=clock)
    assert again.lookup(cookie) == store.lookup(cookie)


def test_the_disk_holds_hashes_only_and_is_closed_to_others(store):
    token = store.invite("R-02")
    other = store.invite("R-03")
    cookie = store.exchange(token)
    assert store.folder.stat().st_mode & 0o777 == 0o700
    files = [path for path in store.folder.iterdir() if path.is_file()]
    assert len(files) == 2
    for path in files:
        assert path.stat().st_mode & 0o777 == 0o600
        for secret in (token, other, cookie):
            assert secret not in path.name + path.read_text()
    assert json.loads((store.folder / f"session-{hashlib.sha256(cookie.encode()).hexdigest()}.json").read_text())


def test_a_file_named_after_a_cookie_but_saying_another_is_none(store):
    """Copying one's own session file over another name gives nothing."""
    cookie = store.exchange(store.invite("R-02"))
    mine = store.folder / f"session-{hashlib.sha256(cookie.encode()).hexdigest()}.json"
    (store.folder / f"session-{hashlib.sha256(b'guess').hexdigest()}.json").write_bytes(mine.read_bytes())
    assert store.lookup("guess") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"secret": 1}', '{"role": "surgeon"}'])
def test_a_damaged_file_is_no_session(store, text):
    cookie = store.exchange(store.invite("R-02"))
    (store.folder / f"session-{hashlib.sha256(cookie.encode()).hexdigest()}.json").write_text(text)
    assert store.lookup(cookie) is None


def test_whoever_starts_the_server_is_asked_once_and_stays_unverified(store, clock):
    cookie = store.exchange(store.invite(local=True))
    assert store.lookup(cookie).reader == ""
    store.name(cookie, "R-04", Role.NEUROLOGIST)
    session = store.lookup(cookie)
    assert (session.reader, session.role, session.identity) == ("R-04", Role.NEUROLOGIST, Identity.UNVERIFIED)
    later = SessionStore(store.folder, clock=clock)
    next_day = later.lookup(later.exchange(later.invite(local=True)))
    assert (next_day.reader, next_day.role, next_day.identity) == ("R-04", Role.NEUROLOGIST, Identity.UNVERIFIED)


def test_a_reader_is_set_once(store):
    cookie = store.exchange(store.invite(local=True))
    store.name(cookie, "R-04", Role.RADIOLOGIST)
    with pytest.raises(UsageError, match="has one"):
        store.name(cookie, "R-05", Role.RADIOLOGIST)
    invited = store.exchange(store.invite("R-02"))
    with pytest.raises(UsageError, match="has one"):
        store.name(invited, "R-05", Role.RADIOLOGIST)
    assert store.lookup(cookie).reader == "R-04"


def test_an_ended_session_takes_no_reader(store, clock):
    cookie = store.exchange(store.invite(local=True))
    clock.now += 13 * 3600
    with pytest.raises(UsageError, match="ended"):
        store.name(cookie, "R-04", Role.RADIOLOGIST)


def test_a_sign_of_life_does_not_undo_a_reader(tmp_path, clock):
    """Both are written by threads of one process; the sign of life is the file's time alone."""
    store = SessionStore(tmp_path, hours=1e6, clock=clock)
    cookie = store.exchange(store.invite(local=True))
    stop = threading.Event()

    def live():
        while not stop.is_set():
            clock.now += 31
            store.lookup(cookie)

    thread = threading.Thread(target=live)
    thread.start()
    store.name(cookie, "R-04", Role.RADIOLOGIST)
    stop.set()
    thread.join()
    kept = json.loads(next(store.folder.glob("session-*.json")).read_text())
    assert kept["reader"] == "R-04"


@pytest.mark.parametrize("code", ["", " R", "R\n04", "<b>", "R" * 41, "../x", "Ré"])
def test_a_reader_is_a_code(store, code):
    with pytest.raises(UsageError, match="letters, digits"):
        store.invite(code)
    with pytest.raises(UsageError, match="letters, digits"):
        store.name(store.exchange(store.invite(local=True)), code, Role.RADIOLOGIST)


def test_what_has_run_out_is_swept_away(store, clock):
    store.exchange(store.invite("R-02"))
    store.invite("R-03")
    clock.now += 13 * 3600
    store.invite("R-04")
    assert len(list(store.folder.glob("*-*.json"))) == 1
