"""Time stamps: read from what openssl makes as an authority, and refused where they are none."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from dashboard.errors import NotRecognised
from dashboard.files import read_stamp, stamped_digest
from tests.builders.stamps import an_authority

HEAD = (12, "ab" * 32)
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the stamps")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return an_authority(tmp_path_factory.mktemp("authority"))


def test_what_is_stamped_is_what_the_command_prints(authority):
    assert stamped_digest(*HEAD) == hashlib.sha256(b"12 " + b"ab" * 32).hexdigest()
    stamp = read_stamp(authority(b"12 " + b"ab" * 32))
    assert stamp.digest == stamped_digest(*HEAD) and stamp.time.endswith("Z")


def test_a_token_alone_is_read_as_well(authority, tmp_path):
    (tmp_path / "a.tsr").write_bytes(authority(b"x"))
    subprocess.run(["openssl", "ts", "-reply", "-in", "a.tsr", "-token_out", "-out", "a.tst"], cwd=tmp_path, check=True)
    token = (tmp_path / "a.tst").read_bytes()
    assert read_stamp(token) == read_stamp((tmp_path / "a.tsr").read_bytes())


def test_what_is_no_stamp_is_refused(authority):
    whole = authority(b"x")
    others = [b"", b"hello", b"\x30", b"\x30\x80\x00\x00", b"\x30\x00", whole[:-1], whole + b"x", whole[:200]]
    others.append(Path("/bin/true").read_bytes()[:5000])
    others.append(authority(b"x", "-sha512"))
    others.append(bytes.fromhex("30053003020102"))  # A response that was rejected.
    for data in others:
        with pytest.raises(NotRecognised):
            read_stamp(data)


def test_no_cut_of_a_stamp_ends_otherwise_than_refused(authority):
    whole = authority(b"x")
    for end in range(0, len(whole), 7):
        with pytest.raises(NotRecognised):
            read_stamp(whole[:end])
