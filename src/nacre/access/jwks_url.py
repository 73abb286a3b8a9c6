# SPDX-License-Identifier: Apache-2.0
"""A key set that another issuer publishes on the web, fetched without holding up anybody else."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import structlog

from nacre.access.fetch import fetch
from nacre.access.jwks import KeySet
from nacre.errors import SettingsError

RETRY_AFTER = 60.0
"""Seconds between two attempts to fetch, whatever the reasons."""

_log = structlog.get_logger(__name__)


class JwksUrl:
    """
    The key set at an address, with the last good one kept when fetching fails.

    Args:
        url: An HTTPS address; HTTP for this machine only, because who can change the keys on
            their way can make themselves admin.
        clock: Tells Unix seconds.
        on_change: Called when other keys have come, before anybody can use them.

    Raises:
        SettingsError: *url* is no such address.

    Attributes:
        url: As given.
        keys: The newest good set, empty before the first fetch.
    """

    def __init__(self, url: str, *, clock: Callable[[], float], on_change: Callable[[], None]) -> None:
        self._target = _checked(url)
        self.url = url
        self.keys = KeySet()
        self._clock = clock
        self._on_change = on_change
        self._raw = b""
        self._tried_at = -math.inf
        self._failed = False
        self._fetching: asyncio.Task[None] | None = None

    async def refresh(self, keep: float) -> None:
        """Fetch the keys if they are older than *keep* seconds, or if the last attempt failed a minute ago."""
        await self._fetch_unless_tried_within(RETRY_AFTER if self._failed else max(keep, RETRY_AFTER))

    async def refetch(self) -> None:
        """Fetch the keys because a token names one that we lack, at most once a minute."""
        await self._fetch_unless_tried_within(RETRY_AFTER)

    async def _fetch_unless_tried_within(self, seconds: float) -> None:
        if self._fetching is None:
            if 0 <= self._clock() - self._tried_at < seconds:
                return
            self._tried_at = self._clock()
            self._fetching = asyncio.create_task(self._fetch())
        # Shielded, because everybody waits for the same fetch: a caller who asks and hangs up
        # once a minute would otherwise keep new keys away from all.
        await asyncio.shield(self._fetching)

    async def _fetch(self) -> None:
        try:
            raw = await fetch(self._target)
            keys = KeySet.parse(raw)
        except (OSError, ValueError) as error:
            self._failed = True
            problem = str(error) or type(error).__name__
            _log.warning("jwks_fetch_failed", host=self._target.hostname, problem=problem, kept=bool(self._raw))
        else:
            self._failed = False
            if raw != self._raw:
                self._raw, self.keys = raw, keys
                self._on_change()
                _log.info("jwks_changed", host=self._target.hostname)
        finally:
            self._fetching = None


def _checked(url: str) -> SplitResult:
    try:
        target = urlsplit(url)
        sound = bool(target.hostname) and (target.port is None or target.port > 0)
    except ValueError:
        sound = False
    if not sound or not url.isascii() or not url.isprintable() or " " in url or "@" in target.netloc:
        raise SettingsError("this is no address of the form https://host/path", field="auth.jwks_url")
    if target.scheme != "https" and not (target.scheme == "http" and _is_this_machine(target.hostname or "")):
        raise SettingsError(
            "keys are fetched over https only; http will do for 127.0.0.1 and localhost", field="auth.jwks_url"
        )
    return target


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
