# SPDX-License-Identifier: Apache-2.0
"""
The gate: who calls, told by the token or key that they show.

A request is admitted here and then asks :meth:`~nacre.access.caller.Caller.require` for the role
that its route declares.  A token is verified once; until it ends, its digest is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256

from nacre.access.api_keys import ApiKeys
from nacre.access.caller import LOOPBACK, Caller
from nacre.access.issuer import Issuer, UnknownKey
from nacre.access.jwks import ALGORITHMS
from nacre.access.jwks_url import JwksUrl
from nacre.access.revocations import Revocations
from nacre.access.tokens import LEEWAY, MAX_TOKEN, OUR_ALGORITHM, our_caller, read_header
from nacre.address import SubnetSet
from nacre.config.tree import Auth
from nacre.errors import AccessDenied

MAX_REMEMBERED = 10_000
"""Verified tokens, some 5 MB; the oldest go first.  Only tokens that hold get in, so strangers cannot fill it."""
_LOOPBACK = SubnetSet(["127.0.0.0/8", "::1/128"])
"""Not ``address.is_local``, which takes an unknown peer for one of this machine, too."""


class Gate:
    """
    Tells who calls, or refuses them.

    Args:
        token_key: Our own key, see :class:`nacre.secrets.Secrets`.
        auth: The settings.
        clock: Tells Unix seconds.

    Attributes:
        epoch: Rises whenever every token and key has to be looked at anew.

    Raises:
        SettingsError: The settings name roles, keys or files that cannot be used.

    >>> from nacre.access.roles import Role
    >>> from nacre.access.tokens import issue
    >>> gate = Gate(b"k" * 32, Auth(), clock=lambda: 1_700_000_000.0)
    >>> token = issue(b"k" * 32, roles={Role.VIEWER}, ttl=3600, now=1_700_000_000, name="erika")
    >>> gate.admit_now(f"Bearer {token}", None).name
    'erika'
    """

    def __init__(self, token_key: bytes, auth: Auth, clock: Callable[[], float]) -> None:
        self._token_key = token_key
        self._clock = clock
        # Keyed, and twice as fast as BLAKE2 with a key: the key is hashed once and its state copied.
        self._copy_digest_state = sha256(token_key).copy
        self._remembered: dict[bytes, Caller] = {}
        self._revocations = Revocations()
        self._revoked = self._revocations.until
        self._issuer: Issuer | None = None
        self.epoch = 0
        self.reload(auth)

    def reload(self, auth: Auth) -> None:
        """
        Take over new settings and read the file of keys again; fetched keys and revocations stay.

        Raises:
            SettingsError: They cannot be used.  The old ones stay in force.
        """
        api_keys = ApiKeys(auth.api_keys)
        url = self._issuer.url if self._issuer else None
        if url is None or url.url != auth.jwks_url:
            url = JwksUrl(auth.jwks_url, clock=self._clock, on_change=self._forget) if auth.jwks_url else None
        issuer = Issuer(auth, url) if auth.jwks_file or url else None
        self._auth, self._api_keys, self._issuer = auth, api_keys, issuer
        self._forget()

    def admit_now(self, authorization: str | None, api_key: str | None, *, peer: bytes = b"") -> Caller:
        """
        Return who calls, as far as that is known without asking anybody.

        Args:
            authorization: The header of this name, ``None`` if there was none.  If there is one,
                nothing else counts: a bad token is never made good by where it comes from.
            api_key: The header ``X-API-Key``.
            peer: Packed address of the other end of the connection.  Leave it empty when the
                request was forwarded: behind a proxy on this machine, everybody is loopback.

        Raises:
            UnknownKey: A key of another issuer is missing; :meth:`admit` would fetch it.
            AccessDenied: Nothing was shown, or it does not hold.
        """
        if authorization is not None:
            return self._bearer(authorization)
        if api_key is not None:
            return self._api_keys.caller(api_key)
        if self._auth.open_check_on_loopback and peer in _LOOPBACK:
            return LOOPBACK
        raise _denied("no token; send 'Authorization: Bearer TOKEN' or 'X-API-Key: KEY'")

    def holds(self, caller: Caller, epoch: int) -> bool:
        """
        Whether somebody who was admitted may still call, with the same token or key.

        Args:
            caller: Who was admitted.
            epoch: The gate's at that time.
        """
        return epoch == self.epoch and self._clock() < caller.expires + LEEWAY and caller.jti not in self._revoked

    async def admit(self, authorization: str | None, api_key: str | None, *, peer: bytes = b"") -> Caller:
        """
        Return who calls; where a key of another issuer is missing, look whether it was published.

        Args and errors are those of :meth:`admit_now`.
        """
        try:
            return self.admit_now(authorization, api_key, peer=peer)
        except UnknownKey:
            if self._issuer is None or self._issuer.url is None:
                raise
            await self._issuer.url.refetch()
        return self.admit_now(authorization, api_key, peer=peer)

    async def refresh(self) -> None:
        """
        Fetch the keys of another issuer if they are due.

        Call it at the start and then every minute: it does nothing most of the time.
        """
        if self._issuer is not None and self._issuer.url is not None:
            await self._issuer.url.refresh(self._auth.jwks_refresh)

    def revoke(self, jti: str, until: float) -> None:
        """
        Refuse a token from now on.

        Args:
            jti: Its id.
            until: When to forget it, in Unix seconds, as :func:`~nacre.access.tokens.revocation` tells:
                not before the token has ended, leeway included, or it would hold again.
        """
        self._revocations.add(jti, until=until, now=self._clock())

    @property
    def revoked(self) -> Mapping[str, float]:
        """Ids of revoked tokens to the Unix second at which they are forgotten."""
        self._revocations.drop_ended(self._clock())
        return self._revocations.until

    def _bearer(self, authorization: str) -> Caller:
        if len(authorization) > MAX_TOKEN or not authorization.isascii():
            raise _denied(f"a token has at most {MAX_TOKEN} characters, all of them ASCII")
        state = self._copy_digest_state()
        state.update(authorization.encode())
        digest = state.digest()
        now = self._clock()
        caller = self._remembered.get(digest)
        if caller is None or now >= caller.expires + LEEWAY:
            self._remembered.pop(digest, None)
            caller = self._verified(authorization, now)
            self._remember(digest, caller)
        if caller.jti in self._revoked:
            raise _denied("the token was revoked")
        return caller

    def _verified(self, authorization: str, now: float) -> Caller:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise _denied("the Authorization header must have the form 'Bearer TOKEN'")
        token = token.strip(" ")
        header = read_header(token)
        if header.alg == OUR_ALGORITHM:
            return our_caller(token, self._token_key, now=now)
        if header.alg not in ALGORITHMS:
            raise _denied(f"the token is signed in a way that is not accepted; {_accepted()} are")
        if self._issuer is None:
            raise _denied("the token comes from another issuer, and the settings name none (auth.jwks_url, jwks_file)")
        return self._issuer.caller(token, header, now=now)

    def _remember(self, digest: bytes, caller: Caller) -> None:
        while len(self._remembered) >= MAX_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[digest] = caller

    def _forget(self) -> None:
        """Have every token verified anew: a key of its issuer, or what it must say, has changed."""
        self._remembered.clear()
        self.epoch += 1


def _accepted() -> str:
    return ", ".join(sorted({OUR_ALGORITHM, *ALGORITHMS}))


def _denied(message: str) -> AccessDenied:
    return AccessDenied(message, authenticated=False)
