# SPDX-License-Identifier: Apache-2.0
"""HTTP for scripts: to hosts that the settings allow, within time and size."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from nacre.hooks.library.question import Answer, Question
from nacre.hooks.library.reach import Reach

if TYPE_CHECKING:
    from nacre.hooks.library.web_client import Client


class Web:
    """
    Asks servers.

    Args:
        reach: Decides which.
        verify: Whether certificates are looked at.
    """

    def __init__(self, reach: Reach, *, verify: bool = True) -> None:
        self._reach = reach
        self._verify = verify

    @cached_property
    def _client(self) -> Client:
        from nacre.hooks.library.web_client import Client  # noqa: PLC0415  slow to import, and few scripts need it

        return Client(self._reach, verify=self._verify)

    def ask(self, question: Question) -> Answer:
        """
        Return the answer of a server.

        Raises:
            WebError: the host is not allowed or does not answer, or what it says is too long.
        """
        return self._client.ask(question)

    def close(self) -> None:
        """Close the connections."""
        if "_client" in self.__dict__:
            self._client.close()
