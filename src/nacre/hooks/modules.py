# SPDX-License-Identifier: Apache-2.0
"""Every module that scripts can ``require``, by the names that they know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from prometheus_client import CollectorRegistry

from nacre.campaign_desk import CampaignDesk
from nacre.config.forms import host_port
from nacre.config.tree import Settings
from nacre.desk import Desk
from nacre.hooks.call import OpenModule
from nacre.hooks.library.backend import backend_module
from nacre.hooks.library.backend_result import open_backend_result
from nacre.hooks.library.brute_force import brute_force_module
from nacre.hooks.library.cache import Cache, cache_module
from nacre.hooks.library.campaigns import campaigns_module
from nacre.hooks.library.context import open_context
from nacre.hooks.library.dns import Names, dns_module
from nacre.hooks.library.gll_base64 import open_base64
from nacre.hooks.library.gll_db import open_db
from nacre.hooks.library.gll_hex import open_hex
from nacre.hooks.library.gll_http import http_module, telegram_module
from nacre.hooks.library.gll_json import open_json
from nacre.hooks.library.gll_log import open_log
from nacre.hooks.library.gll_regexp import open_regexp
from nacre.hooks.library.gll_strings import open_strings
from nacre.hooks.library.gll_tcp import tcp_module
from nacre.hooks.library.gll_template import open_template
from nacre.hooks.library.gll_time import open_time
from nacre.hooks.library.gll_yaml import open_yaml
from nacre.hooks.library.gluacrypto import open_crypto
from nacre.hooks.library.gluahttp import gluahttp_module
from nacre.hooks.library.http_request import open_http_request
from nacre.hooks.library.http_response import open_http_response
from nacre.hooks.library.ldap import open_ldap
from nacre.hooks.library.mail import Post, mail_module
from nacre.hooks.library.misc import Scope, misc_module
from nacre.hooks.library.neural import neural_module
from nacre.hooks.library.parameters import open_parameters
from nacre.hooks.library.password import password_module
from nacre.hooks.library.prometheus import Meters, prometheus_module
from nacre.hooks.library.psnet import Targets, psnet_module
from nacre.hooks.library.reach import Reach
from nacre.hooks.library.redis_module import redis_module
from nacre.hooks.library.redis_own import own_places, own_pool
from nacre.hooks.library.redis_pools import Pools
from nacre.hooks.library.soft_whitelist import Networks, SoftWhitelist, soft_whitelist_module
from nacre.hooks.library.util import util_module
from nacre.hooks.library.web import Web
from nacre.network_desk import NetworkDesk

_IPV4_BITS = 32


class Service(NamedTuple):
    """
    What modules need of the service.

    Attributes:
        settings: The tree.
        desk, network, campaigns: What operators work with.
        canonical: Returns the account that a user name means.
        digest: Returns the keyed digest of a password.
        registry: Serves the metrics of scripts.
        apply_soft_whitelist: Puts changed networks by user into force.
        socket: Of the embedded store, ``None`` without one.
    """

    settings: Settings
    desk: Desk
    network: NetworkDesk
    campaigns: CampaignDesk
    canonical: Callable[[str], str]
    digest: Callable[[str], bytes]
    registry: CollectorRegistry
    apply_soft_whitelist: Callable[[Networks], None]
    socket: str | None


def modules(service: Service) -> dict[str, OpenModule]:
    """Return all modules by name, upon one service; what they share lives as long as they do."""
    settings = service.settings
    reach = Reach(settings.lua.config.allowed_hosts, listening=[host_port(settings.server.listen)[1]])
    web, lax = Web(reach), Web(reach, verify=False)
    redis = settings.server.redis
    pool = own_pool(redis, service.socket, redis.prefix + settings.lua.config.redis_prefix)
    scoping = settings.brute_force.ip_scoping
    scopes = {
        "lua_generic": Scope(_IPV4_BITS, scoping.tolerations_ipv6_cidr),
        "rwp": Scope(_IPV4_BITS, max(scoping.rwp_ipv6_cidr, scoping.tolerations_ipv6_cidr)),
        "tolerations": Scope(_IPV4_BITS, scoping.tolerations_ipv6_cidr),
    }
    whitelist = SoftWhitelist(settings.brute_force.soft_whitelist, service.apply_soft_whitelist)
    native: dict[str, OpenModule] = {
        "nauthilus_backend": backend_module(reach),
        "nauthilus_backend_result": open_backend_result,
        "nauthilus_brute_force": brute_force_module(service.desk),
        "nauthilus_cache": cache_module(Cache()),
        "nauthilus_context": open_context,
        "nauthilus_dns": dns_module(Names(), reach),
        "nauthilus_http_request": open_http_request,
        "nauthilus_http_response": open_http_response,
        "nauthilus_ldap": open_ldap,
        "nauthilus_mail": mail_module(Post(reach), reach),
        "nauthilus_misc": misc_module(scopes),
        "nauthilus_neural": neural_module(service.network),
        "nauthilus_password": password_module(service.digest),
        "nauthilus_prometheus": prometheus_module(Meters(service.registry)),
        "nauthilus_psnet": psnet_module(Targets()),
        "nauthilus_redis": redis_module(Pools(pool, reach, own_places(redis))),
        "nauthilus_soft_whitelist": soft_whitelist_module(whitelist),
        "nacre_util": util_module(),
        "nacre_campaigns": campaigns_module(service.campaigns, service.canonical),
        "nacre_parameters": open_parameters,
    }
    borrowed: dict[str, OpenModule] = {
        "base64": open_base64,
        "crypto": open_crypto,
        "db": open_db,
        "glua_http": gluahttp_module(web, reach),
        "hex": open_hex,
        "http": http_module(web, lax, reach),
        "json": open_json,
        "log": open_log,
        "regexp": open_regexp,
        "strings": open_strings,
        "tcp": tcp_module(reach),
        "telegram": telegram_module(web, reach),
        "template": open_template,
        "time": open_time,
        "yaml": open_yaml,
    }
    return {
        **native,
        "nauthilus_softwhitelist": native["nauthilus_soft_whitelist"],
        "glua_crypto": open_crypto,
        **borrowed,
        **_long_names(borrowed),
    }


def _long_names(borrowed: Mapping[str, OpenModule]) -> dict[str, OpenModule]:
    """
    Return modules of others by the names that ``dynamic_loader`` knows them by, for scripts that require these.

    >>> from nacre.hooks.library.gll_json import open_json
    >>> list(_long_names({"json": open_json, "glua_http": open_json}))
    ['nauthilus_gll_json', 'nauthilus_gluahttp']
    """
    own = {"glua_http": "nauthilus_gluahttp", "crypto": "nauthilus_gluacrypto"}
    return {own.get(name, f"nauthilus_gll_{name}"): module for name, module in borrowed.items()}
