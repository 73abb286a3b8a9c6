# SPDX-License-Identifier: Apache-2.0
"""
Heads of hot requests that were read before.

A daemon sends the same head with every login, but for the length of the body, of which there are some dozens.
To read it anew, name by name, took a quarter of what a check costs.
"""

from __future__ import annotations

from nacre.api.hot import Head

_KEPT = 1_024
_LONGEST = 4_096
"""Bytes: heads are chosen by callers, and some megabytes are all that they get."""
_END = b"\r\n\r\n"


class Heads:
    r"""
    Remembers what heads said, byte for byte.

    What a head says does not depend on what came before it, as long as it came between two requests.  What follows
    from it (who may ask, how long a body may be) is looked at each time.

    >>> heads = Heads()
    >>> heads.learn(b"POST /check HTTP/1.1\r\nlength: 2\r\n\r\n{}", Head(None, {}, 2, keep_alive=True))
    >>> heads.find(b"POST /check HTTP/1.1\r\nlength: 2\r\n\r\n[]")
    (Head(answer=None, headers={}, length=2, keep_alive=True, admitted=None), b'[]')
    >>> heads.find(b"POST /check HTTP/1.1\r\nlength: 2\r\n\r\n[1]"), heads.find(b"POST /check")
    (None, None)
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Head] = {}

    def find(self, data: bytes) -> tuple[Head, bytes] | None:
        """Return head and body of a whole request whose head is known; ``None`` for anything else."""
        text, _, body = data.partition(_END)
        head = self._known.get(text)
        return (head, body) if head is not None and head.length == len(body) else None

    def learn(self, data: bytes, head: Head) -> None:
        """
        Remember what a head said.

        Args:
            data: One whole request, and nothing else.
            head: What the reader of HTTP made of it.
        """
        text, _, body = data.partition(_END)
        if not head.keep_alive or len(text) > _LONGEST or len(body) != head.length:
            return
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[text] = head
