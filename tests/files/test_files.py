"""Digests are fixed to the byte; archives are unpacked only where they are safe; writes are whole or not there."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zipfile

import numpy as np
import pytest

from dashboard.errors import UnsafeArchive
from dashboard.files import (
    ArchiveLimits,
    array_digest,
    canonical_digest,
    canonical_json,
    digest_file,
    is_writable,
    read_json,
    unpack_zip,
    write_atomic,
    write_json,
)


def test_an_arrays_digest_is_made_of_stated_bytes():
    array = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    affine = np.diag([1.0, 2.0, 3.0, 1.0])
    by_hand = hashlib.sha256(
        b"overread array 1\n<i2\n2,3,4\n" + struct.pack("<16d", *affine.ravel()) + array.tobytes()
    ).hexdigest()
    assert array_digest(array, affine) == by_hand
    assert array_digest(np.asfortranarray(array), affine) == by_hand
    assert array_digest(array.astype(">i2"), affine) == by_hand


def test_minus_zero_in_an_affine_is_zero_and_one_voxel_counts():
    array = np.zeros((3, 3, 3), dtype=np.float32)
    affine = np.eye(4)
    negative = affine.copy()
    negative[0, 1] = -0.0
    assert array_digest(array, affine) == array_digest(array, negative)
    changed = array.copy()
    changed[1, 1, 1] = 1e-6
    assert array_digest(array, affine) != array_digest(changed, affine)


def test_canonical_json_is_rfc_8785():
    assert (
        canonical_json({"b": 1.0, "a": "é", "c": [1e21, True, None]})
        == '{"a":"é","b":1,"c":[1e+21,true,null]}'.encode()
    )
    assert canonical_digest({"a": 1, "b": 2}) == canonical_digest({"b": 2, "a": 1})


def test_an_atomic_write_keeps_mode_and_replaces_whole(tmp_path):
    path = tmp_path / "inner" / "key"
    write_atomic(path, b"one", mode=0o600)
    write_atomic(path, b"two", mode=0o600)
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["key"]
    write_json(path, {"ä": 1})
    assert read_json(path) == {"ä": 1}
    assert digest_file(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomic(path, b"old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_missing_folder_is_not_writable(tmp_path):
    assert is_writable(tmp_path)
    assert not is_writable(tmp_path / "absent")


def _zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def test_a_good_archive_is_unpacked(tmp_path):
    archive = _zip(tmp_path / "good.zip", [("a/one.txt", b"1"), ("two.txt", b"22")])
    files = unpack_zip(archive, tmp_path / "out")
    assert {f.relative_to(tmp_path / "out").as_posix(): f.read_bytes() for f in files} == {
        "a/one.txt": b"1",
        "two.txt": b"22",
    }


@pytest.mark.parametrize("name", ["../out.txt", "a/../../out.txt", "/etc/out.txt", "..\\out.txt", "C:/out.txt"])
def test_a_path_that_leaves_the_folder_is_refused_before_anything_is_written(tmp_path, name):
    archive = _zip(tmp_path / "bad.zip", [("fine.txt", b"1"), (name, b"2")])
    with pytest.raises(UnsafeArchive, match="leaves"):
        unpack_zip(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.txt").exists()


def test_links_bombs_crowds_and_doubles_are_refused(tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    cases = {
        "link": [(link, b"/etc/passwd")],
        "times its size": [("bomb", b"\0" * 3_000_000)],
        "files, more": [(f"{n}", b"") for n in range(6)],
        "same name": [("a.txt", b"1"), ("A.txt", b"2")],
    }
    for words, members in cases.items():
        archive = _zip(tmp_path / "bad.zip", members)
        with pytest.raises(UnsafeArchive, match=words):
            unpack_zip(archive, tmp_path / "out", ArchiveLimits(files=5))


def test_rubbish_is_no_archive(tmp_path):
    rubbish = tmp_path / "rubbish.zip"
    rubbish.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(UnsafeArchive, match="damaged"):
        unpack_zip(rubbish, tmp_path / "out")
