"""Digests, atomic writes, safe archives. They know bytes and arrays, not what these mean."""

from .appending import append_whole, move_tail, moved_tails, overwrite, rewrite_from
from .archives import ArchiveLimits, unpack_zip
from .atomic import fsync_folder, is_writable, read_json, write_atomic, write_json
from .csv_fields import decode_field, encode_field, join_fields, plain_decimal, split_fields
from .digests import array_digest, canonical_digest, canonical_json, digest_bytes, digest_file
from .following import Following, TakenBack
from .locks import LockFile, exclusive_lock, give_lock, take_lock
from .shared_sync import SharedSync
from .stamps import Stamp, read_stamp, stamped_digest
from .texts import TextFile
from .together import Together

__all__ = [
    "ArchiveLimits",
    "Following",
    "LockFile",
    "SharedSync",
    "Stamp",
    "TakenBack",
    "TextFile",
    "Together",
    "append_whole",
    "array_digest",
    "canonical_digest",
    "canonical_json",
    "decode_field",
    "digest_bytes",
    "digest_file",
    "encode_field",
    "exclusive_lock",
    "fsync_folder",
    "give_lock",
    "is_writable",
    "join_fields",
    "move_tail",
    "moved_tails",
    "overwrite",
    "plain_decimal",
    "read_json",
    "read_stamp",
    "rewrite_from",
    "split_fields",
    "stamped_digest",
    "take_lock",
    "unpack_zip",
    "write_atomic",
    "write_json",
]
