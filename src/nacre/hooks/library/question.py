# SPDX-License-Identifier: Apache-2.0
"""What scripts ask servers over HTTP, and what these say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class WebError(OSError):
    """There is no answer that could be returned."""


class Answer(NamedTuple):
    """
    What a server said.

    Attributes:
        status: Of the last answer, after redirects.
        headers: By name as Go writes it, the first value of each.
        cookies: By name.
        body: Decoded.
        url: That was answered last.
    """

    status: int
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: bytes
    url: str


class Question(NamedTuple):
    """
    What a server is asked.

    Attributes:
        method: Any.
        url: With ``http`` or ``https``.
        timeout: Seconds for all of it.
        headers: Beside the usual ones.
        body: Sent as it is.
        auth: User and password.
        cookies: By name.
    """

    method: str
    url: str
    timeout: float
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    auth: tuple[str, str] | None = None
    cookies: Mapping[str, str] = {}
