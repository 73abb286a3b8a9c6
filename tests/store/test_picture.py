# SPDX-License-Identifier: Apache-2.0
"""What the watcher keeps, in a real store."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from processes import Begin

from nacre.campaign.picture import AttackedAccount, Campaign, CampaignKind, Picture, Threat
from nacre.errors import StoreCorrupt
from nacre.store.measures import Glance, StandingMeasures
from nacre.store.news import News
from nacre.store.picture import Kept, Pictures

RUNNING = Campaign(
    id="c-1", kind=CampaignKind.STUFFING, since=1.0, last=9.0, attempts=20, sources=20, subnets=20, accounts=20
)
PICTURE = Picture(
    time=10.0,
    threat=Threat(0.75, "high", ("an attack",)),
    accounts=(AttackedAccount("erika", 12, 12, 1.0, 1.0, 5.0),),
    campaigns=(RUNNING,),
)


class _Opened(NamedTuple):
    measures: StandingMeasures
    pictures: Pictures
    fence: str


async def _open(begin: Begin) -> _Opened:
    process = await begin()
    measures = StandingMeasures(process.servers, process.keys, News(process.servers, process.keys))
    return _Opened(measures, Pictures(process.servers, process.keys, measures), await measures.lease("ours"))


async def test_a_picture_is_read_as_it_was_written(begin: Begin) -> None:
    """
    And what every instance looks at tells the same, in short.
    """
    measures, pictures, fence = await _open(begin)
    assert await pictures.picture() == Picture()

    assert await pictures.put(PICTURE, fence=fence)

    assert await pictures.picture() == PICTURE
    assert await measures.glance() == Glance(0, 0.75, 1, 1)


async def test_whoever_takes_over_goes_on_from_what_was_kept(begin: Begin) -> None:
    """
    The snapshot and the place in the stream belong together.
    """
    _, pictures, fence = await _open(begin)
    assert await pictures.kept() == Kept()

    await pictures.keep(Kept(b"\x00watch", "12-3", 0.5), PICTURE, fence=fence)

    assert await pictures.kept() == Kept(b"\x00watch", "12-3", 0.5)
    assert await pictures.picture() == PICTURE


async def test_one_that_no_longer_watches_writes_nothing(begin: Begin) -> None:
    """
    Its picture is older than the one that is there.
    """
    measures, pictures, fence = await _open(begin)
    await measures.release("ours")
    newer = await measures.lease("theirs")
    await pictures.put(PICTURE, fence=newer)

    assert not await pictures.put(Picture(time=1.0), fence=fence)
    assert not await pictures.keep(Kept(b"old", "1-1"), Picture(time=1.0), fence=fence)

    assert (await pictures.picture()).time == 10.0


async def test_what_is_to_be_forgotten_waits_in_its_order(begin: Begin) -> None:
    """
    Until somebody says that it is forgotten for good; the empty name stands for everything.
    """
    _, pictures, _ = await _open(begin)

    await pictures.ask_to_forget("erika")
    await pictures.ask_to_forget("")
    before = await pictures.asked()
    await pictures.forgotten(1)

    assert (before, await pictures.asked()) == (["erika", ""], [""])


async def test_a_rehearsal_is_kept_until_its_account_is_forgotten(begin: Begin) -> None:
    """
    Under a digest of the name, for some minutes.
    """
    _, pictures, _ = await _open(begin)

    await pictures.rehearse("Dq", b"what became of it")
    assert await pictures.rehearsal("Dq") == b"what became of it"
    await pictures.forget_rehearsal("Dq")

    assert await pictures.rehearsal("Dq") is None


async def test_what_is_none_of_ours_is_named(begin: Begin) -> None:
    """
    The key is what an operator looks for.
    """
    process = await begin()
    key = process.keys.campaign("kept")
    await process.servers.run(key, ("HSET", key, "picture", b"junk"))
    measures = StandingMeasures(process.servers, process.keys, News(process.servers, process.keys))

    with pytest.raises(StoreCorrupt, match="kept"):
        await Pictures(process.servers, process.keys, measures).picture()
