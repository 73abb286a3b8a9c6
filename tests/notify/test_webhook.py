# SPDX-License-Identifier: Apache-2.0
"""Posts to a real web server."""

from __future__ import annotations

import hashlib
import hmac
import ssl
from pathlib import Path

import pytest
from notify.receivers import HookServer, certificate

from nacre.notify.means import Undelivered
from nacre.notify.message import Message
from nacre.notify.webhook import WebhookMeans, signature

MESSAGE = Message("n-1", 1000.0, "subject", "text", b'{"id":"n-1"}')
SECRET = b"correct horse"


def means(url: str, trust: ssl.SSLContext | None = None) -> WebhookMeans:
    """A way to the web server of a test, at 1,800,000,000."""
    return WebhookMeans(url, secret=SECRET, clock=lambda: 1_800_000_000.4, trust=trust or ssl.create_default_context())


async def test_a_post_carries_the_message_and_a_signature_of_it() -> None:
    """
    The time is signed with it, so that nobody can post it again tomorrow.
    """
    async with HookServer().running() as server:
        hook = means(server.url)
        await hook.send(MESSAGE)
        await hook.close()

    ((headers, body),) = server.posts
    assert body == MESSAGE.body
    assert headers["content-type"] == "application/json"
    assert (headers["x-nacre-id"], headers["x-nacre-timestamp"]) == ("n-1", "1800000000")
    expected = hmac.new(SECRET, b"1800000000." + body, hashlib.sha256).hexdigest()
    assert headers["x-nacre-signature"] == f"sha256={expected}"


def test_time_body_and_secret_all_change_the_signature() -> None:
    """
    And where the time ends and the body begins cannot be shifted.
    """
    signed = [
        signature(b"s", "12", b"3"),
        signature(b"s", "1", b"23"),
        signature(b"s", "12", b"4"),
        signature(b"t", "12", b"3"),
    ]

    assert len(set(signed)) == 4


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        ("400 Bad Request", True),
        ("404 Not Found", True),
        ("429 Too Many Requests", False),
        ("500 Internal Server Error", False),
        ("302 Found", False),
    ],
)
async def test_any_other_answer_is_a_failure(status: str, refused: bool) -> None:  # noqa: FBT001
    """
    What means this one message is told apart from what will pass.
    """
    async with HookServer().running() as server:
        server.status = status
        hook = means(server.url)
        with pytest.raises(Undelivered, match=status[:3]) as failure:
            await hook.send(MESSAGE)
        await hook.close()

    assert failure.value.refused is refused
    assert "t0p" not in str(failure.value)


async def test_a_redirect_is_not_followed() -> None:
    """
    What is signed for one receiver is not for another.
    """
    async with HookServer().running() as other, HookServer().running() as server:
        server.status, server.more = "307 Temporary Redirect", f"Location: {other.url}\r\n"
        hook = means(server.url)
        with pytest.raises(Undelivered):
            await hook.send(MESSAGE)
        await hook.close()

    assert other.posts == []


async def test_a_receiver_that_is_away_is_no_refusal() -> None:
    """
    It will be back; its address is told to nobody.
    """
    async with HookServer().running() as server:
        url = server.url
    hook = means(url)

    with pytest.raises(Undelivered) as failure:
        await hook.send(MESSAGE)

    assert not failure.value.refused
    assert "t0p" not in str(failure.value)
    assert failure.value.__cause__ is None
    await hook.close()


async def test_only_a_certified_receiver_is_told(tmp_path: Path) -> None:
    """
    By whom the operator trusts.
    """
    shown, trust = certificate(tmp_path)

    async with HookServer().running(shown) as server:
        trusting, doubting = means(server.url, trust), means(server.url)
        await trusting.send(MESSAGE)
        with pytest.raises(Undelivered):
            await doubting.send(MESSAGE)
        await trusting.close()
        await doubting.close()

    assert len(server.posts) == 1
