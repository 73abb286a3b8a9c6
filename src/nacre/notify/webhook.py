# SPDX-License-Identifier: Apache-2.0
"""
Posts to a program of the operator's, signed.

The signature covers the time and the body, so that a receiver can refuse what is forged and what is old.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
from collections.abc import Callable

import httpx

from nacre.notify.means import Undelivered
from nacre.notify.message import Message

TIMEOUT = 10.0
"""Seconds for each step of a post."""

_ASK_AGAIN = frozenset({408, 425, 429})
"""Answers from 400 on that do not mean the message."""


class WebhookMeans:
    """
    Posts messages.

    Redirects are not followed: what is signed for one receiver is not for another.

    Args:
        url: Where to; it stands in no log, as it may be a secret itself.
        secret: Signs.
        clock: Unix seconds.
        trust: Whom the receiver has to be certified by.
    """

    def __init__(self, url: str, *, secret: bytes, clock: Callable[[], float], trust: ssl.SSLContext) -> None:
        self._url = url
        self._secret = secret
        self._clock = clock
        self._client = httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, verify=trust)

    async def send(self, message: Message) -> None:
        """
        Post a message.

        Raises:
            Undelivered: there was no answer, or another one than 2xx.
        """
        stamp = f"{self._clock():.0f}"
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "nacre",
            "X-Nacre-Id": message.key,
            "X-Nacre-Timestamp": stamp,
            "X-Nacre-Signature": f"sha256={signature(self._secret, stamp, message.body)}",
        }
        try:
            answer = await self._client.post(self._url, content=message.body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Undelivered(f"the receiver could not be reached: {type(error).__name__}") from None
        if not answer.is_success:
            refused = 400 <= answer.status_code < 500 and answer.status_code not in _ASK_AGAIN
            raise Undelivered(f"the receiver answered {answer.status_code}", refused=refused)

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()


def signature(secret: bytes, stamp: str, body: bytes) -> str:
    """
    Return the signature of a post: HMAC-SHA256 of time, a dot and the body, in hexadecimal digits.

    >>> signature(b"secret", "1800000000", b"{}")[:16]
    'bb7079132825ac79'
    """
    return hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
