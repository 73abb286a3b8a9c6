# SPDX-License-Identifier: Apache-2.0
"""``crypto``, as scripts use it."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from nacre.hooks.library.gluacrypto import open_crypto

HEAD = 'local C = require("crypto")\n'


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512"])
def test_digests_are_digits_or_bytes(lua: Any, name: str) -> None:
    """
    The haveibeenpwned plug-in takes the first five digits of a SHA-1.
    """
    expected = hashlib.new(name, b"secret", usedforsecurity=False)
    mac = hmac.new(b"key", b"secret", name).hexdigest()

    seen = lua(
        f'{HEAD}return C.{name}("secret"), #C.{name}("secret", true), C.hmac("{name}", "secret", "key")',
        crypto=open_crypto,
    )

    assert seen == (expected.hexdigest(), expected.digest_size, mac)


def test_other_functions(lua: Any) -> None:
    """
    Checksums, Base64 in both alphabets, an unknown algorithm.
    """
    seen = lua(
        f"""{HEAD}
        return C.crc32("nacre"), C.base64_encode("a?>"), C.base64_url_encode("a?>"), C.base64_decode("YT8+"),
            C.base64_url_decode("YT8-"), select(2, C.hmac("x", "a", "b")), select(2, C.base64_decode("!")) ~= nil
        """,
        crypto=open_crypto,
    )

    assert seen == ("09fa558d", "YT8+", "YT8-", "a?>", "a?>", "unsupported algorithm", True)


@pytest.mark.parametrize("options", ["0", "C.RAW_DATA"])
def test_what_was_encrypted_is_decrypted(lua: Any, options: str) -> None:
    """
    Digits by default, bytes if asked for.
    """
    source = f"""{HEAD}
        local key, iv = string.rep("k", 32), string.rep("i", 16)
        local hidden = C.encrypt("secret", "aes-cbc", key, {options}, iv)
        return #hidden, C.decrypt(hidden, "aes-cbc", key, {options}, iv)
    """

    assert lua(source, crypto=open_crypto) == (32 if options == "0" else 16, "secret")


@pytest.mark.parametrize(
    "call",
    [
        'C.encrypt("x", "des-ecb", "12345678", 0, "")',
        'C.encrypt("x", "aes-cbc", "short", 0, string.rep("i", 16))',
        'C.decrypt("zz", "aes-cbc", string.rep("k", 16), 0, string.rep("i", 16))',
        'C.decrypt("00", "aes-cbc", string.rep("k", 16), 0, string.rep("i", 16))',
    ],
)
def test_what_cannot_be_done_is_nil_and_a_reason(lua: Any, call: str) -> None:
    """
    An unknown method, a key of no length, what was never encrypted.
    """
    value, error = lua(f"{HEAD}return {call}", crypto=open_crypto)

    assert value is None
    assert error
