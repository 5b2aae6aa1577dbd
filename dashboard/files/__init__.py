"""Digests, atomic writes, safe archives. They know bytes and arrays, not what these mean."""

from .archives import ArchiveLimits, unpack_zip
from .atomic import fsync_folder, is_writable, read_json, write_atomic, write_json
from .digests import array_digest, canonical_digest, canonical_json, digest_bytes, digest_file
from .locks import exclusive_lock, give_lock, take_lock

__all__ = [
    "ArchiveLimits",
    "array_digest",
    "canonical_digest",
    "canonical_json",
    "digest_bytes",
    "digest_file",
    "exclusive_lock",
    "fsync_folder",
    "give_lock",
    "is_writable",
    "read_json",
    "take_lock",
    "unpack_zip",
    "write_atomic",
    "write_json",
]
