# SPDX-License-Identifier: Apache-2.0
"""
Roles, and which of them stand for others.

================  ======================================  ======================
role              meant for                               includes
================  ======================================  ======================
``authenticate``  daemons that check and report attempts
``viewer``        people who look on
``helpdesk``      people who help a locked-out user       viewer
``operator``      people who run the service              helpdesk, authenticate
``admin``         people who decide who may do what       all others
``security``      monitoring that reads metrics
================  ======================================  ======================
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from nacre.config.tree import Role

__all__ = ["Role", "allows", "known_roles"]

_GRANTS: Mapping[Role, frozenset[Role]] = {
    Role.AUTHENTICATE: frozenset({Role.AUTHENTICATE}),
    Role.VIEWER: frozenset({Role.VIEWER}),
    Role.HELPDESK: frozenset({Role.HELPDESK, Role.VIEWER}),
    Role.OPERATOR: frozenset({Role.OPERATOR, Role.HELPDESK, Role.VIEWER, Role.AUTHENTICATE}),
    Role.ADMIN: frozenset(Role),
    Role.SECURITY: frozenset({Role.SECURITY}),
}


def allows(held: Collection[Role], needed: Role) -> bool:
    """
    Tell whether somebody who holds some roles may do what needs one.

    >>> allows({Role.OPERATOR}, Role.VIEWER), allows({Role.OPERATOR}, Role.ADMIN)
    (True, False)
    >>> allows({Role.VIEWER}, Role.AUTHENTICATE), allows((), Role.VIEWER)
    (False, False)
    """
    return needed in held or any(needed in _GRANTS[role] for role in held)


def known_roles(names: Iterable[object]) -> frozenset[Role]:
    """
    Return the roles among names that a token lists; those of other applications are left out.

    >>> sorted(known_roles(["offline_access", "viewer", 7]))
    [<Role.VIEWER: 'viewer'>]
    """
    return frozenset(_BY_NAME[name] for name in names if isinstance(name, str) and name in _BY_NAME)


_BY_NAME: Mapping[str, Role] = {role.value: role for role in Role}
