# SPDX-License-Identifier: Apache-2.0
"""Keys published on the web: when they are fetched, and which ones count."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from nacre.access.jwks_url import RETRY_AFTER, JwksUrl
from nacre.errors import SettingsError

if TYPE_CHECKING:
    from access.conftest import JwksServer, Keycloak
    from builders import Clock

HOUR = 3600.0


@pytest.fixture
def make_url(clock: Clock, jwks_server: JwksServer) -> Callable[[], JwksUrl]:
    """Build what is tested here."""
    return lambda: JwksUrl(jwks_server.url, clock=clock, on_change=lambda: None)


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example/certs",
        "http://127.0.0.1.example/certs",
        "http://0.0.0.0/certs",
        "file:///etc/passwd",
        "ftp://localhost/certs",
        "//id.example/certs",
        "https://",
        "https://user:secret@id.example/certs",
        "https://id.example:port/certs",
        "https://id.example:0/certs",
        "https://id.example/a b",
        "https://id.example/\r\nX:y",
        "https://id.exämple/certs",
        "https://[::1/certs",
        "certs",
    ],
)
def test_an_address_that_is_not_safe_to_ask_is_refused_at_the_start(clock: Clock, url: str) -> None:
    """
    Over plain http anybody on the way could answer; in the settings it is a slip.
    """
    with pytest.raises(SettingsError, match=r"^auth\.jwks_url: ") as refused:
        JwksUrl(url, clock=clock, on_change=lambda: None)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["https://id.example/certs", "http://localhost:8080/certs", "http://[::1]/certs"])
def test_https_and_this_machine_are_safe_to_ask(clock: Clock, url: str) -> None:
    """
    A Keycloak beside the service needs no certificate.
    """
    JwksUrl(url, clock=clock, on_change=lambda: None)


async def test_keys_are_fetched_once_and_again_when_they_are_due(
    clock: Clock, jwks_server: JwksServer, keycloak: Keycloak, make_url: Callable[[], JwksUrl]
) -> None:
    """
    Asked every minute, it asks the issuer once an hour.
    """
    jwks_server.body = keycloak.jwks("rsa")
    url = make_url()
    await url.refresh(HOUR)

    clock.now += HOUR - 1
    await url.refresh(HOUR)
    assert jwks_server.asked == 1

    jwks_server.body = keycloak.jwks("ec")
    clock.now += 1
    await url.refresh(HOUR)
    assert jwks_server.asked == 2
    assert url.keys.find("RS256", "rsa") is None
    assert url.keys.find("ES256", "ec") is not None


@pytest.mark.parametrize(("status", "body"), [(503, b""), (200, b"<html>"), (200, b'{"keys": []}')])
async def test_the_last_good_keys_are_kept_and_the_issuer_asked_again_after_a_minute(
    clock: Clock, jwks_server: JwksServer, keycloak: Keycloak, make_url: Callable[[], JwksUrl], status: int, body: bytes
) -> None:
    """
    An issuer that is down for an hour must not lock out the people who want to see why.
    """
    jwks_server.body = keycloak.jwks("rsa")
    url = make_url()
    await url.refresh(HOUR)

    jwks_server.status, jwks_server.body = status, body
    clock.now += HOUR
    await url.refresh(HOUR)
    await url.refresh(HOUR)
    assert url.keys.find("RS256", "rsa") is not None
    assert jwks_server.asked == 2

    jwks_server.status, jwks_server.body = 200, keycloak.jwks("ec")
    clock.now += RETRY_AFTER
    await url.refresh(HOUR)
    assert url.keys.find("ES256", "ec") is not None


async def test_a_missing_key_has_the_issuer_asked_at_most_once_a_minute(
    clock: Clock, jwks_server: JwksServer, keycloak: Keycloak, make_url: Callable[[], JwksUrl]
) -> None:
    """
    Names of keys are made up for free; the issuer must not pay for it.
    """
    jwks_server.body = keycloak.jwks("rsa")
    url = make_url()

    for _ in range(100):
        await url.refetch()
    assert jwks_server.asked == 1

    clock.now += RETRY_AFTER
    await url.refetch()
    assert jwks_server.asked == 2


async def test_a_clock_set_back_does_not_keep_new_keys_away(
    clock: Clock, jwks_server: JwksServer, keycloak: Keycloak, make_url: Callable[[], JwksUrl]
) -> None:
    """
    Otherwise a clock that was a day ahead would cost a day.
    """
    jwks_server.body = keycloak.jwks("rsa")
    url = make_url()
    await url.refetch()

    clock.now -= 86_400
    await url.refetch()

    assert jwks_server.asked == 2


async def test_callers_who_miss_a_key_at_once_share_one_fetch(
    jwks_server: JwksServer, keycloak: Keycloak, make_url: Callable[[], JwksUrl]
) -> None:
    """
    All of them get the answer, not only the first.
    """
    jwks_server.body = keycloak.jwks("rsa")
    url = make_url()

    await asyncio.gather(*(url.refetch() for _ in range(20)))

    assert jwks_server.asked == 1
    assert url.keys.find("RS256", "rsa") is not None


async def test_a_caller_who_hangs_up_does_not_stop_the_fetch(
    jwks_server: JwksServer, keycloak: Keycloak, make_url: Callable[[], JwksUrl]
) -> None:
    """
    With one such caller a minute, new keys would never arrive.
    """
    jwks_server.body = keycloak.jwks("rsa")
    url = make_url()
    stranger = asyncio.create_task(url.refetch())
    await asyncio.wait([stranger], timeout=0)
    waiting = asyncio.create_task(url.refetch())
    await asyncio.wait([waiting], timeout=0)

    stranger.cancel()
    await waiting

    assert url.keys.find("RS256", "rsa") is not None


async def test_a_change_is_told_only_when_the_keys_are_others(
    clock: Clock, jwks_server: JwksServer, keycloak: Keycloak
) -> None:
    """
    Each change has all tokens verified anew.
    """
    told: list[float] = []
    url = JwksUrl(jwks_server.url, clock=clock, on_change=lambda: told.append(clock.now))
    for body in (keycloak.jwks("rsa"), keycloak.jwks("rsa"), keycloak.jwks("ec"), b"broken", keycloak.jwks("ec")):
        jwks_server.body = body
        await url.refetch()
        clock.now += RETRY_AFTER

    assert len(told) == 2
