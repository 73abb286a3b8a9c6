# SPDX-License-Identifier: Apache-2.0
"""
``crypto``: digests, Base64 and AES-CBC, as hexadecimal digits or, if asked for, as bytes.

DES, which the original has too, protects nothing today and is left out.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from nacre.hooks.call import Module, Seat
from nacre.hooks.library.arguments import number, raw, text, truth
from nacre.hooks.library.gll_base64 import decode, encode

RAW_DATA = 1
_DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sha512": lambda data: hashlib.sha512(data).digest(),
}
_BLOCK_BITS = 128


def digest(algorithm: str, data: bytes) -> bytes:
    r"""
    Return a digest.

    >>> digest("crc32", b"nacre").hex(), digest("md5", b"1\n").hex()
    ('09fa558d', 'b026324c6904b2a9cb4b88d6d61c81d1')
    """
    return _DIGESTS[algorithm](data)


def encrypt(data: bytes, method: str, key: bytes, iv: bytes) -> bytes:
    """
    Return data under a cipher, padded as PKCS #7 says.

    Args:
        data: Any.
        method: ``aes-cbc``; no other is known.
        key: 16, 24 or 32 bytes.
        iv: 16 bytes.

    Raises:
        ValueError: the method is not known, or key or iv have another length.
    """
    padder = PKCS7(_BLOCK_BITS).padder()
    work = _cipher(method, key, iv).encryptor()
    return work.update(padder.update(data) + padder.finalize()) + work.finalize()


def decrypt(data: bytes, method: str, key: bytes, iv: bytes) -> bytes:
    """
    Return what was encrypted.

    Raises:
        ValueError: the method is not known, key or iv have another length, or this was not encrypted under them.
    """
    unpadder = PKCS7(_BLOCK_BITS).unpadder()
    work = _cipher(method, key, iv).decryptor()
    return unpadder.update(work.update(data) + work.finalize()) + unpadder.finalize()


def open_crypto(seat: Seat) -> Module:
    """Return the module."""
    del seat  # nothing here depends on who asks

    def of_digest(name: str) -> Callable[[object, object], object]:
        return lambda data, plain: _shown(digest(name, raw(data, 1, name)), truth(plain))

    def hmac_(algorithm: object, data: object, key: object, plain: object) -> object:
        name = text(algorithm, 1, "hmac")
        if name not in {"md5", "sha1", "sha256", "sha512"}:
            return None, "unsupported algorithm"
        return _shown(hmac.digest(raw(key, 3, "hmac"), raw(data, 2, "hmac"), name), truth(plain))

    def base64_decode(name: str, *, url: bool) -> Callable[[object], object]:
        def work(data: object) -> object:
            try:
                return decode(raw(data, 1, name), url=url, padded=True)
            except ValueError as error:
                return None, str(error)

        return work

    return {
        **{name: of_digest(name) for name in _DIGESTS},
        "hmac": hmac_,
        "encrypt": _encrypt,
        "decrypt": _decrypt,
        "base64_encode": lambda data: encode(raw(data, 1, "base64_encode"), url=False, padded=True),
        "base64_url_encode": lambda data: encode(raw(data, 1, "base64_url_encode"), url=True, padded=True),
        "base64_decode": base64_decode("base64_decode", url=False),
        "base64_url_decode": base64_decode("base64_url_decode", url=True),
        "RAW_DATA": RAW_DATA,
    }


def _encrypt(data: object, method: object, key: object, options: object, iv: object) -> object:
    name = "encrypt"
    secret, start = raw(key, 3, name), raw(iv, 5, name)
    try:
        made = encrypt(raw(data, 1, name), text(method, 2, name), secret, start)
    except ValueError as error:
        return None, str(error)
    return _shown(made, _bytes_wanted(options, name))


def _decrypt(data: object, method: object, key: object, options: object, iv: object) -> object:
    name = "decrypt"
    given, secret, start = raw(data, 1, name), raw(key, 3, name), raw(iv, 5, name)
    try:
        hidden = given if _bytes_wanted(options, name) else bytes.fromhex(given.decode("latin-1"))
        return decrypt(hidden, text(method, 2, name), secret, start)
    except ValueError as error:
        return None, str(error)


def _cipher(method: str, key: bytes, iv: bytes) -> Cipher[modes.CBC]:
    if method != "aes-cbc":
        raise ValueError("unsupported encrypt method")
    return Cipher(algorithms.AES(key), modes.CBC(iv))


def _shown(data: bytes, plain: bool) -> bytes:  # noqa: FBT001  Lua hands it on as it got it
    return data if plain else data.hex().encode()


def _bytes_wanted(options: object, function: str) -> bool:
    return options is not None and bool(int(number(options, 4, function)) & RAW_DATA)
