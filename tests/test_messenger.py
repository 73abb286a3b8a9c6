# SPDX-License-Identifier: Apache-2.0
"""Telling of rounds, with a receiver of our own; what is told how is tested in tests/notify."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from builders import Clock, eventually
from structlog.testing import capture_logs

from nacre.campaign.picture import Campaign, CampaignKind, Picture, Threat
from nacre.config.campaigns import Notifications, Webhook
from nacre.messenger import messenger
from nacre.notify.open import FILE
from nacre.rounds import Round
from nacre.watching import nobody

RUNNING = Campaign(
    id="c-1", kind=CampaignKind.STUFFING, since=1.0, last=9.0, attempts=20, sources=20, subnets=20, accounts=20
)
AFTER = Picture(time=10.0, threat=Threat(0.75, "high", ("an attack",)), campaigns=(RUNNING,))


@asynccontextmanager
async def _receiver(bodies: list[bytes]) -> AsyncIterator[str]:
    """Answer every post on a port of this machine with 204; yields where."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().splitlines() if line.startswith(b"content-length:"))
        bodies.append(await reader.readexactly(int(length.partition(b":")[2])))
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"


async def test_a_campaign_that_begins_is_told(tmp_path: Path, clock: Clock) -> None:
    """
    From the round in which it was named.
    """
    secret = tmp_path / "secret"
    secret.write_text("shared")
    bodies: list[bytes] = []
    async with _receiver(bodies) as url:
        settings = Notifications(webhook=Webhook(url=url, secret_file=str(secret)))

        async with messenger(settings, tmp_path, clock) as tell:
            await tell(Picture(), Round(picture=AFTER))
            await eventually(lambda: any(b"c-1" in body for body in bodies))


async def test_without_means_nobody_is_told(tmp_path: Path, clock: Clock) -> None:
    """
    And no file is made for messages that nobody gets.
    """
    async with messenger(Notifications(), tmp_path, clock) as tell:
        await tell(Picture(), Round(picture=AFTER))

    assert tell is nobody
    assert not (tmp_path / FILE).exists()


async def test_settings_that_cannot_be_used_keep_nobody_from_watching(tmp_path: Path, clock: Clock) -> None:
    """
    A missing file must not blind us; the log says what is wrong.
    """
    settings = Notifications(webhook=Webhook(url="http://127.0.0.1:1/", secret_file=str(tmp_path / "missing")))

    with capture_logs() as logs:
        async with messenger(settings, tmp_path, clock) as tell:
            assert tell is nobody

    assert [(line["event"], "missing" in line["error"]) for line in logs] == [("nobody_is_told", True)]


async def test_a_drill_that_failed_is_told(tmp_path: Path, clock: Clock) -> None:
    """
    However calm it is: somebody has to look why.
    """
    secret = tmp_path / "secret"
    secret.write_text("shared")
    bodies: list[bytes] = []
    async with _receiver(bodies) as url:
        settings = Notifications(webhook=Webhook(url=url, secret_file=str(secret)))

        async with messenger(settings, tmp_path, clock) as tell:
            await tell(Picture(), Round(picture=Picture(time=clock()), missed=("rotation: it was not recognised",)))
            await eventually(lambda: any(b"rotation: it was not recognised" in body for body in bodies))
