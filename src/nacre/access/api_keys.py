# SPDX-License-Identifier: Apache-2.0
"""Static keys of daemons that cannot renew a token."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest

from nacre.access.caller import Caller
from nacre.config.tree import ApiKey
from nacre.errors import AccessDenied, SettingsError

_PREFIX = "nacre_"
MAX_API_KEY = 256
"""Characters; ours have 49."""


def make_api_key() -> tuple[str, str]:
    """
    Return a new key and the SHA-256 to put into the settings.

    A plain hash is enough for 32 random bytes; it would not be for a word that a person thought of.

    >>> key, digest = make_api_key()
    >>> len(key), digest == sha256(key.encode()).hexdigest()
    (49, True)
    """
    key = _PREFIX + secrets.token_urlsafe(32)
    return key, sha256(key.encode()).hexdigest()


class ApiKeys:
    """
    The keys of the settings.

    Raises:
        SettingsError: Two entries have the same key: one secret cannot have two sets of roles.

    >>> key, digest = make_api_key()
    >>> ApiKeys([ApiKey(name="dovecot", sha256=digest)]).caller(key).name
    'dovecot'
    """

    def __init__(self, keys: Sequence[ApiKey]) -> None:
        digests: list[str] = []
        for index, key in enumerate(keys):
            if key.sha256 in digests:
                raise SettingsError(
                    "two entries have the same key; take one out", field=f"auth.api_keys[{index}].sha256"
                )
            digests.append(key.sha256)
        self._callers = [(bytes.fromhex(key.sha256), Caller(key.name, frozenset(key.roles))) for key in keys]

    def caller(self, key: str) -> Caller:
        """
        Return who shows a key.

        Every key is compared, and in constant time: how long it takes tells neither which of
        them came near nor how near.

        Raises:
            AccessDenied: No key of the settings has this digest.
        """
        found = None
        if len(key) <= MAX_API_KEY:
            shown = sha256(key.encode("utf-8", "surrogatepass")).digest()
            for digest, caller in self._callers:
                if compare_digest(digest, shown):
                    found = caller
        if found is None:
            raise AccessDenied("this API key is not in the settings", authenticated=False)
        return found
