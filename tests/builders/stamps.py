"""A time-stamping authority for tests, by openssl: no network."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

__all__ = ["an_authority"]

_SETTINGS = """
[tsa]
default_tsa = one
[one]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha512
ess_cert_id_chain = no
[req]
distinguished_name = name
[name]
[usage]
extendedKeyUsage = critical, timeStamping
"""


def an_authority(folder: Path) -> Callable[..., bytes]:
    """A function from what is to be stamped, and openssl's name of the digest, to the authority's response."""

    def run(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    (folder / "settings").write_text(_SETTINGS)
    (folder / "serial").write_text("01\n")
    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=Test",
        "-days", "2", "-config", "settings", "-extensions", "usage")  # fmt: skip

    def stamp(data: bytes, digest: str = "-sha256") -> bytes:
        (folder / "data").write_bytes(data)
        run("ts", "-query", "-data", "data", digest, "-out", "query")
        run("ts", "-reply", "-config", "settings", "-queryfile", "query", "-signer", "cert.pem", "-inkey", "key.pem",
            "-out", "reply")  # fmt: skip
        return (folder / "reply").read_bytes()

    return stamp
