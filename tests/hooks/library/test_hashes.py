# SPDX-License-Identifier: Apache-2.0
"""Password hashes as databases hold them."""

from __future__ import annotations

import base64
import hashlib
import os

import bcrypt
import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2i, Argon2id

from nacre.hooks.library.hashes import UnknownHash, matches

PASSWORD = "Köln, 4711!"


def argon2(kind: type[Argon2i | Argon2id]) -> str:
    """Return a cheap hash."""
    return kind(salt=os.urandom(16), length=32, iterations=1, lanes=1, memory_cost=64).derive_phc_encoded(
        PASSWORD.encode()
    )


def salted(algorithm: str, *, hexadecimal: bool = False) -> str:
    """Return digest and salt together."""
    packed = hashlib.new(algorithm, PASSWORD.encode() + b"salt").digest() + b"salt"
    return packed.hex() if hexadecimal else base64.b64encode(packed).decode()


HASHES = [
    f"{{SSHA}}{salted('sha1')}",
    f"{{SSHA256}}{salted('sha256')}",
    f"{{ssha512.b64}}{salted('sha512')}",
    f"{{SSHA512.HEX}}{salted('sha512', hexadecimal=True)}",
    f"{{SHA256.HEX}}{hashlib.sha256(PASSWORD.encode()).hexdigest()}",
    f"{{PLAIN}}{PASSWORD}",
    argon2(Argon2i),
    f"{{ARGON2ID}}{argon2(Argon2id)}",
    bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode(),
    f"{{BLF-CRYPT}}{bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()}",
]


@pytest.mark.parametrize("stored", HASHES, ids=lambda stored: stored[:6])
def test_the_right_password_matches_and_no_other(stored: str) -> None:
    """
    The schemes are those that Dovecot and the original know.
    """
    assert matches(stored, PASSWORD)
    assert not matches(stored, PASSWORD + "x")
    assert not matches(stored, "")


@pytest.mark.parametrize(
    ("stored", "password"),
    [
        # U. Drepper, SHA-crypt.txt, the vectors at its end.
        ("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!"),
        ("$5$rounds=10000$saltstringsaltst$3xv.VbSCBX41eDL9L3voZB3pT2RiqXZAOVrM3pWwh6", None),
        (
            "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
            "Hello world!",
        ),
        # openssl passwd -1 -salt saltsalt password, and -apr1
        ("$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", "password"),
        ("{MD5-CRYPT}$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", "password"),
    ],
)
def test_published_vectors_match(stored: str, password: str | None) -> None:
    """
    What we wrote ourselves is compared with what others computed.
    """
    if password is None:
        assert not matches(stored, "x")
    else:
        assert matches(stored, password)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "plain text",
        "{NOBODY}x",
        "{SSHA256}!!!",
        "{SSHA256}YQ==",
        "{SHA256.HEX}zz",
        "$6$",
        "$5$rounds=x$salt$hash",
        "$2b$04$short",
        "$argon2id$v=19$m=64$broken",
        "$argon2id$v=19$m=99999999,t=1,p=1$c2FsdHNhbHQ$aGFzaA",
        "$7$unknown",
    ],
)
def test_what_is_no_hash_is_an_error(stored: str) -> None:
    """
    It is no "wrong password": somebody has to look at the database.
    """
    with pytest.raises(UnknownHash):
        matches(stored, PASSWORD)
