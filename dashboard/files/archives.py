"""Zip archives unpacked with limits: no links, no way out of the folder, no bombs."""

from __future__ import annotations

import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import UnsafeArchive

__all__ = ["ArchiveLimits", "unpack_zip"]


@dataclass(frozen=True)
class ArchiveLimits:
    """How much an archive may hold."""

    files: int = 20_000
    total_bytes: int = 8 << 30
    ratio: float = 200.0


def unpack_zip(archive: Path, folder: Path, limits: ArchiveLimits | None = None) -> list[Path]:
    """Unpack a zip into an empty folder and list its files.

    Raises
    ------
    UnsafeArchive
        A link, an absolute path or `..`, an encrypted member, too many files or bytes, a suspicious ratio, or
        no zip at all. Nothing is written before every member has passed, and sizes are checked again while
        writing.
    """
    limits = limits or ArchiveLimits()
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [m for m in opened.infolist() if not m.is_dir()]
            _check(members, limits)
            return [_write(opened, member, folder) for member in members]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as exc:
        if isinstance(exc, UnsafeArchive):
            raise
        raise _refusal("it is damaged or not a zip") from exc


def _refusal(why: str) -> UnsafeArchive:
    return UnsafeArchive(
        "The archive was not unpacked.",
        f"Reason: {why}.",
        "Unpack it yourself in a folder you trust and add that folder.",
    )


def _check(members: list[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    if len(members) > limits.files:
        raise _refusal(f"it holds {len(members)} files, more than {limits.files}")
    total = sum(m.file_size for m in members)
    if total > limits.total_bytes:
        raise _refusal(f"it unpacks to {total} bytes, more than {limits.total_bytes}")
    packed = max(1, sum(m.compress_size for m in members))
    if total > 1 << 20 and total / packed > limits.ratio:
        raise _refusal(f"it unpacks to {total / packed:.0f} times its size, more than {limits.ratio:.0f}")
    seen: set[str] = set()
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise _refusal("a member's path leaves the folder")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise _refusal("a member is a link")
        if member.flag_bits & 0x1:
            raise _refusal("a member is encrypted")
        if str(path).lower() in seen:
            raise _refusal("two members have the same name")
        seen.add(str(path).lower())


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> Path:
    target = folder / PurePosixPath(member.filename.replace("\\", "/"))
    target.parent.mkdir(parents=True, exist_ok=True)
    left = member.file_size
    with opened.open(member) as source, target.open("wb") as sink:
        while chunk := source.read(1 << 20):
            left -= len(chunk)
            if left < 0:
                raise _refusal("a member is larger than it says")
            sink.write(chunk)
    return target
