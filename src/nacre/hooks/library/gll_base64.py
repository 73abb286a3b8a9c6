# SPDX-License-Identifier: Apache-2.0
"""``base64``: the four usual encodings, each with ``encode_to_string`` and ``decode_string``."""

from __future__ import annotations

import base64
import binascii

from nacre.hooks.call import Module, Seat
from nacre.hooks.library.arguments import raw, thing


def encode(data: bytes, *, url: bool, padded: bool) -> bytes:
    """
    Return bytes as Base64.

    >>> encode(b"<tag>?", url=True, padded=False), encode(b"foo", url=False, padded=True)
    (b'PHRhZz4_', b'Zm9v')
    """
    text = base64.urlsafe_b64encode(data) if url else base64.b64encode(data)
    return text if padded else text.rstrip(b"=")


def decode(text: bytes, *, url: bool, padded: bool) -> bytes:
    r"""
    Return what was encoded.

    Raises:
        ValueError: this is no such encoding.

    >>> decode(b"Zm9vAWJhcg", url=False, padded=False)
    b'foo\x01bar'
    """
    missing = b"" if padded else b"=" * (-len(text) % 4)
    if not padded and text.endswith(b"="):
        raise ValueError("illegal base64 data: padding where none belongs")
    try:
        return base64.b64decode(text + missing, altchars=b"-_" if url else None, validate=True)
    except binascii.Error as error:
        raise ValueError(f"illegal base64 data: {error}") from error


def open_base64(seat: Seat) -> Module:
    """Return the module."""

    def encoding(*, url: bool, padded: bool) -> object:
        def decode_string(_: object, data: object) -> object:
            try:
                return decode(raw(data, 1, "decode_string"), url=url, padded=padded)
            except ValueError as error:
                return None, str(error)

        return thing(
            seat,
            {
                "encode_to_string": lambda _, data: encode(raw(data, 1, "encode_to_string"), url=url, padded=padded),
                "decode_string": decode_string,
            },
        )

    return {
        "StdEncoding": encoding(url=False, padded=True),
        "RawStdEncoding": encoding(url=False, padded=False),
        "URLEncoding": encoding(url=True, padded=True),
        "RawURLEncoding": encoding(url=True, padded=False),
    }
