# SPDX-License-Identifier: Apache-2.0
"""User names made canonical, so that one account is one subject however it is typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_NO_DOMAIN = re.compile(r"[@\s]+\Z")


class AccountNames:
    """
    Turns a user name as typed into the account that it means.

    The chain: white space around it is dropped; compatibility forms of Unicode are folded (NFKC);
    case is folded; a missing domain is filled in; domain aliases are resolved; the tag
    behind a plus sign is dropped.  Each step but the first two can be switched.

    Args:
        fold_case: Whether ``Erika`` and ``erika`` are one account.
        default_domain: Domain of names that have none, ``""`` to leave them alone.
        domain_aliases: Domain as typed to domain as meant.
        strip_tag: Whether ``erika+shop@example.org`` is ``erika@example.org``.

    >>> aliases = {"example.com": "example.org"}
    >>> names = AccountNames(default_domain="example.org", domain_aliases=aliases, strip_tag=True)
    >>> names.canonical("Erika"), names.canonical("erika+shop@EXAMPLE.com")
    ('erika@example.org', 'erika@example.org')
    """

    def __init__(
        self,
        *,
        fold_case: bool = True,
        default_domain: str = "",
        domain_aliases: Mapping[str, str] | None = None,
        strip_tag: bool = False,
    ) -> None:
        self._fold_case = fold_case
        self._default_domain = default_domain.casefold()
        self._aliases = {alias.casefold(): domain.casefold() for alias, domain in (domain_aliases or {}).items()}
        self._strip_tag = strip_tag
        self._plain = not (self._default_domain or self._aliases or strip_tag)

    def canonical(self, username: str) -> str:
        """Return the account that *username* means, ``""`` if nothing is left of it."""
        name = (username if username.isascii() else self._composed(username)).strip()
        if self._fold_case:
            name = name.casefold()
        if self._plain or not name:
            return name
        if name.endswith("@"):
            name = _NO_DOMAIN.sub("", name)
        local, at, domain = name.rpartition("@")
        if not at:
            local, domain = name, self._default_domain
        domain = self._aliases.get(domain.casefold(), domain)
        if self._strip_tag:
            local = local.partition("+")[0].strip() or local
        return f"{local}@{domain}" if domain and name else local

    def _composed(self, username: str) -> str:
        if self._fold_case:
            # Folding takes letters apart, and composing makes letters that fold again: The Unicode Standard, D146.
            username = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", username).casefold()).casefold()
        return unicodedata.normalize("NFKC", username)
