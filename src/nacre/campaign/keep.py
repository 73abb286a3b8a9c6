# SPDX-License-Identifier: Apache-2.0
"""What a watch knows, as bytes and back."""

from __future__ import annotations

import zlib

import msgspec

from nacre.campaign import bonds, roster
from nacre.campaign.picture import Threat
from nacre.campaign.sample import Hour
from nacre.campaign.scene import Scene
from nacre.campaign.signals import Minute
from nacre.campaign.surge import Counts
from nacre.campaign.trial import Trial

VERSION = 1

_MAGIC = b"nacre watch %d\n" % VERSION
_BONDS, _NAMES, _MEMBERS, _RING = 8_192, 32_768, 500, 2_048
_MOST = 256 * 1024 * 1024


class Kept(msgspec.Struct):
    """
    All that is kept.

    Attributes:
        now: Unix seconds of the last attempt.
        minutes, counts, bonds, roster, hours, ring: Of the parts of a scene.
        flood: Id of the campaign that claims strangers, ``""`` for none.
        attacked: Accounts under attack, since when.
        threat, assessed: As of the last look, and when that was.
    """

    now: float
    minutes: list[Minute]
    counts: Counts
    bonds: bonds.Kept
    roster: roster.Kept
    hours: list[Hour]
    ring: list[Trial]
    flood: str
    attacked: dict[str, float]
    threat: Threat
    assessed: float


def pack(scene: Scene, attacked: dict[str, float], threat: Threat, assessed: float) -> bytes:
    """Return what is known as bytes."""
    scene.signals.flush()
    kept = Kept(
        scene.now,
        scene.signals.minutes,
        scene.surge.counts(),
        scene.bonds.keep(_BONDS),
        scene.roster.keep(_MEMBERS, _NAMES),
        scene.sample.hours,
        list(scene.ring)[-_RING:],
        scene.flood.id if scene.flood is not None else "",
        attacked,
        threat,
        assessed,
    )
    return _MAGIC + zlib.compress(msgspec.msgpack.encode(kept), 1)


def unpack(data: bytes, scene: Scene) -> tuple[dict[str, float], Threat, float]:
    """
    Fill a new scene with what was kept.

    Returns:
        Accounts under attack, the threat, and when it was last looked at.

    Raises:
        ValueError: *data* is nothing of this version.
    """
    if not data.startswith(_MAGIC):
        raise ValueError(f"{data[:20]!r}... is no snapshot of version {VERSION}")
    try:
        plain = zlib.decompressobj().decompress(data[len(_MAGIC) :], _MOST)
        kept = msgspec.msgpack.decode(plain, type=Kept)
    except (zlib.error, msgspec.MsgspecError) as error:
        raise ValueError(f"the snapshot is damaged: {error}") from error
    scene.take(kept.now, kept.minutes, kept.counts, kept.hours)
    scene.bonds.restore(kept.bonds)
    scene.roster.restore(kept.roster)
    scene.ring.extend(kept.ring)
    scene.flood = scene.roster.find(kept.flood)
    return kept.attacked, kept.threat, kept.assessed
