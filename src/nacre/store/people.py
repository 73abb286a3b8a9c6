# SPDX-License-Identifier: Apache-2.0
"""
What the store has of one person, forgotten.

Rows of the journal and feedback are overwritten elsewhere; here go the keys that are named after the account, its
decisions and blocks, which hold its name, and its places in the profiles of addresses and networks.  Nothing lists
these, so the whole store is gone through, two hundred keys at a time.
"""

from __future__ import annotations

from nacre.errors import StoreCorrupt
from nacre.features.layout import SOURCE
from nacre.features.profile import read_profile
from nacre.rules.rule import tag_of
from nacre.store.blocks import Blocks
from nacre.store.decisions import Decisions
from nacre.store.keys import Keys
from nacre.store.news import News
from nacre.store.scan import scan
from nacre.store.scripts import SWAP
from nacre.store.topology import Servers

_REVISION = slice(2, 6)
_OFTEN = 5


class People:
    """
    Forgets accounts.

    Args:
        servers: Where the state is.
        keys: Spells the keys.
        news: Tells the other instances.
        blocks: Lifts blocks.
        decisions: Remembers some decisions.
    """

    def __init__(self, servers: Servers, keys: Keys, news: News, *, blocks: Blocks, decisions: Decisions) -> None:
        self._servers = servers
        self._keys = keys
        self._news = news
        self._blocks = blocks
        self._decisions = decisions

    async def forget(self, account_key: str, user: int) -> int:
        """
        Forget an account everywhere; what is counted of it from now on begins anew.

        Args:
            account_key: Its keyed digest, as in keys and decisions.
            user: Its digest of 32 bits, as in profiles.

        Returns:
            How many keys and blocks were deleted.

        Raises:
            StoreUnavailable: the store refused or did not answer; some may be gone.
        """
        digest = account_key.encode()
        gone = await self._blocks.lift([block for block in self._blocks.copy if digest in block.key], tag_of)
        self._decisions.forget(account_key)
        await self._news.tell("forgotten", account_key)
        async for keys in scan(self._servers, self._keys.matching()):
            named = [key for key in keys if digest in key]
            decisions = [key for key in keys if self._keys.is_decision(key)]
            values = await self._servers.read(decisions)
            named += [key for key, value in zip(decisions, values, strict=True) if value and digest in value]
            for key in set(named):
                gone += await self._servers.run(key, ("UNLINK", key))
            sources = [key for key in keys if self._keys.is_source(key)]
            for key, value in zip(sources, await self._servers.read(sources), strict=True):
                if value and user.to_bytes(4, "little") in value:
                    await self._strike_out(key, value, user)
        return gone

    async def _strike_out(self, key: bytes, value: bytes | None, user: int) -> None:
        """Take an account out of the lists of a profile, upon whatever others write to it meanwhile."""
        for _ in range(_OFTEN):
            if value is None:
                return
            try:
                profile = read_profile(value, SOURCE, key.decode(errors="replace"))
            except StoreCorrupt:
                return  # none of ours: whoever needs it says so
            for place in range(len(SOURCE.lists)):
                profile.drop(place, user)
            revision = (profile.revision + 1) & 0xFFFF_FFFF
            (reply,) = await self._servers.script(SWAP, [key], [value[_REVISION], profile.pack(revision), SOURCE.lives])
            if reply == 1 or not isinstance(reply, bytes):
                return
            value = reply
