# SPDX-License-Identifier: Apache-2.0
"""
Keyed digests under which accounts, devices and passwords enter the store.

The key lies in the data directory and never in the store, so that a stolen store tells neither
who signs in nor what was tried.  Each purpose has its own personalisation: equal texts of
different purposes have unrelated digests.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import blake2b

KEY_BYTES = 32


class Identity:
    """
    Makes the digests of one installation.

    Args:
        key: 32 secret bytes, shared by all instances on one store.

    >>> ours, theirs = Identity(b"a" * 32), Identity(b"b" * 32)
    >>> ours.account("erika") == ours.account("erika"), ours.account("erika") == theirs.account("erika")
    (True, False)
    >>> len(ours.account("erika")), len(ours.password("secret"))
    (16, 8)
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"an identity key has {KEY_BYTES} bytes, not {len(key)}")
        # Nothing is kept of what was digested: to find one of many names takes as long as to digest it again, for it
        # lies in no cache of the processor.
        self._key = key
        # Of what every login needs, the beginning with its key: a copy of it takes two thirds of the time.
        self._account = blake2b(digest_size=12, key=key, person=b"account")
        self._client = blake2b(digest_size=12, key=key, person=b"client")
        self._place = blake2b(digest_size=4, key=key, person=b"place")
        self._password = blake2b(digest_size=8, key=key, person=b"password")

    def account(self, account: str) -> str:
        """Return the digest of an account, 16 characters."""
        return urlsafe_b64encode(_digest(self._account, account.encode("utf-8", "surrogatepass"))).decode()

    def client(self, client_id: str) -> str:
        """Return the digest of the name of a device, 16 characters."""
        return urlsafe_b64encode(_digest(self._client, client_id.encode("utf-8", "surrogatepass"))).decode()

    def place(self, place: bytes) -> int:
        """Return the number of a place, 32 bits and never 0."""
        return int.from_bytes(_digest(self._place, place), "little") or 1

    def password(self, password: str) -> bytes:
        """Return the digest of a password, 8 bytes."""
        return _digest(self._password, password.encode("utf-8", "surrogatepass"))

    def password_digest(self, digest: str) -> bytes:
        """Return the digest of a digest that a client made, 8 bytes; unrelated to :meth:`password`."""
        raw = digest.encode("utf-8", "surrogatepass")
        return blake2b(raw, digest_size=8, key=self._key, person=b"clientdigest").digest()

    def request(self, request_id: str) -> str:
        """Return the short name of a request id inside store keys, 12 characters."""
        raw = request_id.encode("utf-8", "surrogatepass")
        return urlsafe_b64encode(blake2b(raw, digest_size=9, key=self._key, person=b"request").digest()).decode()

    def text(self, text: str) -> int:
        """Return the number of a text that a caller sent as a feature, 32 bits and never 0."""
        return self.place(b"x" + text.encode("utf-8", "surrogatepass"))

    def row(self, request_id: str) -> int:
        """Return the number of a request in journals and samples, 64 bits and never 0."""
        raw = request_id.encode("utf-8", "surrogatepass")
        digest = blake2b(raw, digest_size=8, key=self._key, person=b"row").digest()
        return int.from_bytes(digest, "little") or 1

    def key(self, purpose: bytes) -> bytes:
        """
        Return a key of its own for a purpose, 32 bytes.

        Args:
            purpose: At most 16 bytes.
        """
        return blake2b(b"key", digest_size=32, key=self._key, person=purpose).digest()

    def seal(self, text: str) -> str:
        """Return what only those who hold the key can put behind a text, 12 characters."""
        raw = text.encode("utf-8", "surrogatepass")
        return blake2b(raw, digest_size=6, key=self._key, person=b"seal").hexdigest()

    def fingerprint(self) -> str:
        """Return a text that tells installations apart without telling their keys."""
        return blake2b(b"fingerprint", digest_size=8, key=self._key, person=b"fingerprint").hexdigest()


def _digest(begun: blake2b, data: bytes) -> bytes:
    """Return the digest of some data behind a beginning, which stays as it is."""
    digest = begun.copy()
    digest.update(data)
    return digest.digest()
