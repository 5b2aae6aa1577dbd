"""Keys and pseudonyms: one random key a subject, found through an index that only the master key can make.

Erasure deletes a subject's entry: what its key made can then be linked to nobody.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from ..domain import keyed_pseudonym, random_pseudonym
from ..errors import StudyNotFound
from ..files import exclusive_lock, read_json, write_atomic, write_json

__all__ = ["KeyRing", "Subject"]


@dataclass(frozen=True)
class Subject:
    """A subject's pseudonym and the key that makes its studies' pseudonyms."""

    id: str
    key: bytes


class KeyRing:
    """The keys of one workspace, files of mode 0600 in a folder of mode 0700; two processes never make one twice."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)

    def key(self, name: str) -> bytes:
        """The workspace's random 32-byte key of that name, made at its first use."""
        path = self.folder / f"{name}.key"
        if not path.exists():
            with exclusive_lock(self.folder / "keys.lock"):
                if not path.exists():
                    write_atomic(path, secrets.token_bytes(32), mode=0o600)
        return path.read_bytes()

    def subject_for(self, issuer: str, patient_id: str) -> Subject:
        """The subject of a patient id, made at its first use."""
        message = f"{issuer}\0{patient_id}".encode()
        index = hmac.new(self.key("master"), message, hashlib.sha256).hexdigest()
        return self._find_or_make(index)

    def new_subject(self) -> Subject:
        """A subject of its own, for files that name no patient."""
        return self._find_or_make("anonymous-" + secrets.token_hex(16))

    def subject(self, pseudonym: str) -> Subject:
        """The subject of that pseudonym.

        Raises
        ------
        StudyNotFound
            No such subject, or it was erased.
        """
        for entry in self._entries().values():
            if entry["subject"] == pseudonym:
                return Subject(pseudonym, bytes.fromhex(entry["key"]))
        raise StudyNotFound(
            f"There is no subject {pseudonym} here.",
            "The pseudonym is unknown in this workspace.",
            "`overread cases` lists the studies with their subjects.",
        )

    def forget(self, pseudonym: str) -> bool:
        """Destroy a subject's key and its entry in the index, for good. Whether it was there."""
        with exclusive_lock(self.folder / "keys.lock"):
            entries = self._entries()
            kept = {index: entry for index, entry in entries.items() if entry["subject"] != pseudonym}
            if len(kept) < len(entries):
                write_json(self.folder / "subjects.json", kept, mode=0o600)
        return len(kept) < len(entries)

    def study_pseudonym(self, subject: Subject, message: str) -> str:
        """The pseudonym of a study that the subject's key makes from its UID or digest."""
        return keyed_pseudonym("S", subject.key, message)

    def _entries(self) -> dict[str, dict[str, str]]:
        path = self.folder / "subjects.json"
        return read_json(path) if path.exists() else {}

    def _find_or_make(self, index: str) -> Subject:
        with exclusive_lock(self.folder / "keys.lock"):
            entries = self._entries()
            if index not in entries:
                taken = {entry["subject"] for entry in entries.values()}
                pseudonym = random_pseudonym("P")
                while pseudonym in taken:
                    pseudonym = random_pseudonym("P")
                entries[index] = {"subject": pseudonym, "key": secrets.token_hex(32)}
                write_json(self.folder / "subjects.json", entries, mode=0o600)
        return Subject(entries[index]["subject"], bytes.fromhex(entries[index]["key"]))
