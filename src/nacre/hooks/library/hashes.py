# SPDX-License-Identifier: Apache-2.0
"""
Password hashes as databases hold them, and whether a password belongs to one.

Source:
    U. Drepper, "Unix crypt using SHA-256 and SHA-512", 2016.  https://www.akkadia.org/drepper/SHA-crypt.txt
    P.-H. Kamp, the MD5 crypt of FreeBSD, 1994.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode
from binascii import Error
from typing import Any

import bcrypt
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2d, Argon2i, Argon2id

_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SCHEME = re.compile(r"\{([A-Za-z0-9-]+)(?:\.(b64|hex))?\}", re.IGNORECASE)
_DIGESTS = {"SHA": "sha1", "SHA1": "sha1", "SHA256": "sha256", "SHA512": "sha512", "MD5": "md5"}
_SALTED = {"SSHA": "sha1", "SSHA256": "sha256", "SSHA512": "sha512", "SMD5": "md5"}
_CRYPT = frozenset(
    {"CRYPT", "BLF-CRYPT", "MD5-CRYPT", "SHA256-CRYPT", "SHA512-CRYPT", "ARGON2I", "ARGON2D", "ARGON2ID", "ARGON2"}
)
_PLAIN = frozenset({"PLAIN", "CLEAR", "CLEARTEXT"})
_ARGON2: dict[str, Any] = {"argon2i": Argon2i, "argon2d": Argon2d, "argon2id": Argon2id}
_ARGON2_FORM = re.compile(r"\$argon2(?:id|i|d)\$v=\d+\$m=(\d+),t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")
_MOST_ROUNDS = 1_000_000
_MOST_MEMORY = 262_144
"""KiB of memory, and rounds of SHA, that a stored hash may ask for."""


class UnknownHash(ValueError):
    """The stored text is no hash that we know."""


def matches(stored: str, password: str) -> bool:
    """
    Tell whether a password belongs to a stored hash.

    Known are ``{SSHA256}`` and its relatives with the suffixes ``.HEX`` and ``.B64``, and the crypt formats of MD5,
    SHA-256, SHA-512, bcrypt and Argon2, with a scheme in braces before them or without.

    Args:
        stored: As the database holds it.
        password: As it was typed.

    Raises:
        UnknownHash: the stored text is none of these.

    >>> matches("{SHA256.HEX}5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8", "password")
    True
    >>> matches("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!")
    True
    """
    secret = password.encode("utf-8", "surrogateescape")
    scheme = _SCHEME.match(stored)
    if scheme is None:
        return _crypted(stored, secret)
    name, coding, rest = scheme[1].upper(), (scheme[2] or "b64").lower(), stored[scheme.end() :]
    if name in _CRYPT:
        return _crypted(rest, secret)
    if name in _PLAIN:
        return hmac.compare_digest(rest.encode(), secret)
    algorithm = _DIGESTS.get(name) or _SALTED.get(name)
    if algorithm is None:
        raise UnknownHash(f"unsupported password scheme {{{name[:32]}}}")
    packed = _decoded(rest, coding)
    size = hashlib.new(algorithm, usedforsecurity=False).digest_size
    if len(packed) < size or (name in _DIGESTS and len(packed) != size):
        raise UnknownHash(f"this is no hash of the scheme {{{name}}}")
    made = hashlib.new(algorithm, secret + packed[size:], usedforsecurity=False).digest()
    return hmac.compare_digest(made, packed[:size])


def _decoded(text: str, coding: str) -> bytes:
    try:
        return bytes.fromhex(text) if coding == "hex" else b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (ValueError, Error) as error:
        raise UnknownHash("the password hash cannot be decoded") from error


def _crypted(stored: str, secret: bytes) -> bool:
    _, _, rest = stored.partition("$")
    kind = rest.partition("$")[0]
    try:
        if kind in _ARGON2:
            return _argon2(kind, stored, secret)
        if kind in {"2", "2a", "2b", "2x", "2y"}:
            return bcrypt.checkpw(secret[:72], stored.encode())
        if kind in {"1", "apr1"}:
            made = _md5_crypt(secret, rest.split("$")[1].encode()[:8], kind)
        elif kind in {"5", "6"}:
            made = _sha_crypt(secret, rest, kind)
        else:
            raise UnknownHash("unsupported password hash")
    except (ValueError, IndexError, TypeError) as error:
        raise error if isinstance(error, UnknownHash) else UnknownHash("this is no complete password hash") from error
    return hmac.compare_digest(made.encode(), stored.rpartition("$")[2].encode())


def _argon2(kind: str, stored: str, secret: bytes) -> bool:
    memory = _ARGON2_FORM.fullmatch(stored)
    if memory is None or int(memory[1]) > _MOST_MEMORY:
        raise UnknownHash(f"no Argon2 hash that asks for {_MOST_MEMORY} KiB at most")
    try:
        _ARGON2[kind].verify_phc_encoded(secret, stored)
    except InvalidKey:
        return False
    return True


def _sha_crypt(secret: bytes, rest: str, kind: str) -> str:
    """Return the SHA-crypt of a password; the letters name the steps of the specification."""
    algorithm = hashlib.sha256 if kind == "5" else hashlib.sha512
    parts = rest.split("$")[1:]
    if len(parts) < 2 or not parts[-1]:
        raise UnknownHash("this is no complete password hash")
    rounds = 5000
    if parts[0].startswith("rounds="):
        rounds = min(max(int(parts.pop(0)[7:]), 1000), _MOST_ROUNDS)
    salt = parts[0].encode()[:16]
    size = algorithm().digest_size
    b = algorithm(secret + salt + secret).digest()
    a = algorithm(secret + salt + _stretched(b, len(secret)))
    length = len(secret)
    while length:
        a.update(b if length & 1 else secret)
        length >>= 1
    state = a.digest()
    p = _stretched(algorithm(secret * len(secret)).digest(), len(secret))
    s = _stretched(algorithm(salt * (16 + state[0])).digest(), len(salt))
    for turn in range(rounds):
        piece = (p if turn & 1 else state) + (s if turn % 3 else b"") + (p if turn % 7 else b"")
        state = algorithm(piece + (state if turn & 1 else p)).digest()
    return _lettered(state, _order(size))


def _order(size: int) -> list[tuple[int, ...]]:
    """Return which bytes stand together in the text of a SHA-crypt."""
    if size == 64:
        triples = [(22 * n % 63, (22 * n + 21) % 63, (22 * n + 42) % 63) for n in range(21)]
        return [*triples, (63,)]
    triples = [(21 * n % 30, (21 * n + 10) % 30, (21 * n + 20) % 30) for n in range(10)]
    return [*triples, (31, 30)]


def _md5_crypt(secret: bytes, salt: bytes, kind: str) -> str:
    a = hashlib.md5(secret + b"$" + kind.encode() + b"$" + salt, usedforsecurity=False)
    a.update(_stretched(hashlib.md5(secret + salt + secret, usedforsecurity=False).digest(), len(secret)))
    length = len(secret)
    while length:
        a.update(b"\0" if length & 1 else secret[:1])
        length >>= 1
    state = a.digest()
    for turn in range(1000):
        piece = (secret if turn & 1 else state) + (salt if turn % 3 else b"") + (secret if turn % 7 else b"")
        state = hashlib.md5(piece + (state if turn & 1 else secret), usedforsecurity=False).digest()
    return _lettered(state, [(0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5), (11,)])


def _stretched(digest: bytes, length: int) -> bytes:
    return (digest * (length // len(digest) + 1))[:length]


def _lettered(state: bytes, order: list[tuple[int, ...]]) -> str:
    letters = []
    for places in order:
        number = int.from_bytes(bytes(state[place] for place in places), "big")
        for _ in range(len(places) + 1):
            letters.append(_ALPHABET[number & 63])
            number >>= 6
    return "".join(letters)
