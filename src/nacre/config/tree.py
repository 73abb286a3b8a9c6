# SPDX-License-Identifier: Apache-2.0
"""
Every setting, with its type, range, default and one sentence.

One frozen tree, read and checked once.  The sentence of a field is what ``nacre config example``
and docs/reference/settings.md show: it is written here and nowhere else.
"""

from __future__ import annotations

import enum
from typing import Annotated

from msgspec import Meta

from nacre.config.campaigns import Campaigns, Notifications
from nacre.config.duration import Duration
from nacre.config.forms import (
    DOMAIN,
    KEYS_URL,
    LISTEN,
    NETWORK,
    OPTIONAL_DOMAIN,
    PREFIX,
    RULE_NAME,
    SERVER,
    SHA256,
    STORE,
    Also,
    Span,
    Unset,
)
from nacre.config.lua import Lua
from nacre.config.section import DAY, HOUR, MINUTE, YEAR, Section


class Subject(enum.StrEnum):
    """What a rule counts failures of."""

    SUBNET = "subnet"
    ACCOUNT = "account"
    ACCOUNT_SUBNET = "account+subnet"
    CLIENT = "client"


class Feature(enum.StrEnum):
    """A check that may turn an attempt away before its password is tested."""

    TLS_ENCRYPTION = "tls_encryption"
    RBL = "rbl"
    RELAY_DOMAINS = "relay_domains"
    LUA = "lua"
    BRUTE_FORCE = "brute_force"
    BACKEND_SERVER_MONITORING = "backend_server_monitoring"

    @classmethod
    def _missing_(cls, value: object) -> Feature | None:
        """Return the check that another name of Nauthilus means: its first manual's, or that of version 3."""
        return {
            "realtime_blackhole_lists": cls.RBL,
            "cleartext_networks": cls.TLS_ENCRYPTION,
            "backend_health_checks": cls.BACKEND_SERVER_MONITORING,
        }.get(str(value))


class FailureMode(enum.StrEnum):
    """What a check answers while the store is away."""

    FAIL_OPEN = "fail_open"
    FAIL_CLOSED = "fail_closed"


class RuleAction(enum.StrEnum):
    """What a tripped rule does to an attempt."""

    REFUSE = "refuse"
    CHALLENGE = "challenge"
    DELAY = "delay"


class Role(enum.StrEnum):
    """What a caller may do."""

    AUTHENTICATE = "authenticate"
    VIEWER = "viewer"
    HELPDESK = "helpdesk"
    OPERATOR = "operator"
    ADMIN = "admin"
    SECURITY = "security"


class LogLevel(enum.StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


Percent = Annotated[int, Meta(ge=0, le=100)]
Scale = Annotated[float, Meta(ge=0.1, le=10)]
Name = Annotated[str, Meta(min_length=1, max_length=128)]
Network = Annotated[str, NETWORK]
Prefix = Annotated[int, Meta(ge=1, le=128)]


class Rule(Section, frozen=True):
    """A limit of failures per period for one kind of subject."""

    ORDERED = (("ban_time", "max_ban_time"),)

    name: Annotated[
        Name, RULE_NAME, Meta(description="Name in answers, lists, metrics and logs; unique.", examples=["login"])
    ]
    period: Annotated[
        Duration,
        Span(YEAR),
        Meta(description="Length of the sliding window in which failures are counted.", examples=[10 * MINUTE]),
    ]
    failed_requests: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="Failures that may happen within the period; the next attempt is refused.",
            examples=[10],
        ),
    ]
    subject: Annotated[
        Subject, Meta(description="What is counted: `subnet`, `account`, `account+subnet` or `client` (the device).")
    ] = Subject.SUBNET
    cidr: Annotated[
        Prefix | None,
        Meta(description="Prefix length of the subnets that are counted; required where the subject has a subnet."),
    ] = None
    ipv4: Annotated[
        bool,
        Meta(
            description="The rule is for IPv4; exactly one of `ipv4` and `ipv6` is true where the subject has a subnet."
        ),
    ] = False
    ipv6: Annotated[bool, Meta(description="The rule is for IPv6.")] = False
    ban_time: Annotated[Duration, Span(YEAR), Unset("0"), Meta(description="How long a block lasts.")] = 8 * HOUR
    ban_time_factor: Annotated[
        float,
        Meta(
            ge=1,
            le=100,
            description="Each repeated block lasts this many times longer than the one before; 1 keeps all alike.",
        ),
    ] = 1.0
    max_ban_time: Annotated[
        Duration,
        Span(YEAR),
        Meta(
            description="No block lasts longer than this, however often it is repeated; "
            "a longer `ban_time` raises it where it is not set."
        ),
    ] = 7 * DAY
    filter_by_protocol: Annotated[
        tuple[str, ...],
        Meta(
            description="Only attempts over one of these protocols count and are refused; empty means all. "
            "An attempt without a protocol is in no list."
        ),
    ] = ()
    filter_by_oidc_cid: Annotated[
        tuple[str, ...],
        Meta(
            description="Only attempts of one of these OpenID Connect clients count and are refused; empty means all."
        ),
    ] = ()
    action: Annotated[
        RuleAction,
        Meta(description="What becomes of attempts while the rule is tripped: `refuse`, `challenge` or `delay`."),
    ] = RuleAction.REFUSE
    delay: Annotated[
        Duration, Span(HOUR), Meta(description="How long such an attempt waits, where the action is `delay`.")
    ] = Duration(5)


class Toleration(Section, frozen=True):
    """Failures forgiven beside the successes of an address or network."""

    ORDERED = (("min_tolerate_percent", "max_tolerate_percent"),)

    ip_address: Annotated[
        Network,
        Meta(
            description="Address or network in CIDR notation; the most specific entry wins.", examples=["192.0.2.0/24"]
        ),
    ]
    tolerate_percent: Annotated[
        Percent, Meta(description="Failures forgiven, in percent of the successes.", examples=[20])
    ]
    tolerate_ttl: Annotated[
        Duration,
        Span(YEAR, zero=True),
        Meta(description="How far back successes and failures count; 0 forgives nothing."),
    ] = DAY
    adaptive_toleration: Annotated[
        bool, Meta(description="Let the percentage grow with the number of successes, from the least to the most.")
    ] = False
    min_tolerate_percent: Annotated[Percent, Meta(description="Adaptive percentage with few successes.")] = 10
    max_tolerate_percent: Annotated[
        Percent, Meta(description="Adaptive percentage with a hundred successes and more.")
    ] = 50
    scale_factor: Annotated[Scale, Unset("0"), Meta(description="How fast the adaptive percentage grows.")] = 1.0


class IpScoping(Section, frozen=True):
    """How much of an IPv6 address stands for one client."""

    rwp_ipv6_cidr: Annotated[
        Prefix,
        Unset("0"),
        Meta(
            description="Prefix length within which a repeated wrong password counts as the same origin; "
            "never less than `tolerations_ipv6_cidr`, which is taken instead."
        ),
    ] = 64
    tolerations_ipv6_cidr: Annotated[
        Prefix,
        Unset("0"),
        Meta(description="Prefix length at which successes and failures are counted for tolerations."),
    ] = 64


class Activation(enum.StrEnum):
    """Activation function of the hidden layers."""

    SIGMOID = "sigmoid"
    TANH = "tanh"
    RELU = "relu"
    LEAKY_RELU = "leaky_relu"
    SILU = "silu"


class NetworkPolicy(enum.StrEnum):
    """How the network's score and the rules come to one decision."""

    BOUNDED = "bounded"
    WEIGHTED = "weighted"


Weight = Annotated[float, Meta(ge=0, le=1)]
Harm = Annotated[float, Meta(gt=0, le=0.1)]


class NeuralNetwork(Section, frozen=True):
    """The neural network that scores every attempt: how it learns, and what it may do."""

    enabled: Annotated[
        bool, Also(("experimental_ml",)), Meta(description="Keep profiles and score attempts; off, rules are alone.")
    ] = True
    dry_run: Annotated[
        bool, Meta(description="Score and log, but never act; learning mode cannot be changed then.")
    ] = False
    policy: Annotated[
        NetworkPolicy,
        Meta(
            description="`bounded`: rules and network each stop attempts, the network within its budgets of harm; "
            "`weighted`: the sum of both, as in Nauthilus, with the weights and the threshold below."
        ),
    ] = NetworkPolicy.BOUNDED
    max_refused_attempts: Annotated[
        Harm, Meta(description="Share of all legitimate attempts, wrong passwords too, that the network may refuse.")
    ] = 2e-3
    max_refused_logins: Annotated[
        Harm, Meta(description="Share of legitimate logins with the right password that the network may refuse.")
    ] = 1e-3
    max_training_records: Annotated[
        int, Meta(ge=1000, le=1_000_000, description="Samples kept for training, in all.")
    ] = 100_000
    hidden_neurons: Annotated[
        int, Meta(ge=2, le=1024, description="Size of the first hidden layer; the second one is half as wide.")
    ] = 64
    activation_function: Annotated[Activation, Meta(description="Activation of the hidden layers.")] = Activation.SILU
    learning_rate: Annotated[float, Meta(ge=0.001, le=0.1, description="Highest step of the optimiser.")] = 0.003
    epochs: Annotated[int, Meta(ge=1, le=1000, description="Passes over the samples in a training by schedule.")] = 12
    train_every: Annotated[
        Duration, Span(YEAR, zero=True), Meta(description="How often to train by schedule; 0 never does.")
    ] = DAY
    feedback_samples: Annotated[
        int, Meta(ge=0, le=100_000, description="New feedback that starts a training; 0 never does.")
    ] = 10
    feedback_interval: Annotated[
        Duration, Span(YEAR, zero=True), Meta(description="Least time between two trainings that feedback starts.")
    ] = HOUR
    feedback_epochs: Annotated[
        int, Meta(ge=1, le=1000, description="Passes over the samples in a training that feedback starts.")
    ] = 100
    keep_samples: Annotated[Duration, Span(YEAR), Meta(description="How long events and samples are kept at most.")] = (
        30 * DAY
    )
    keep_feedback: Annotated[
        Duration, Span(10 * YEAR), Meta(description="How long feedback is kept at most, with what was seen.")
    ] = YEAR
    retrain_drift: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            description="Population stability index of an input of legitimate attempts from which a training is asked "
            "for; 0 never does.",
        ),
    ] = 0.25
    drift_interval: Annotated[
        Duration, Span(YEAR, zero=True), Meta(description="Least time between two trainings that drift starts.")
    ] = 7 * DAY
    refusals_rise: Annotated[
        float,
        Meta(
            ge=0,
            le=1000,
            description="How many times their usual share of refusals those who sign in where they always do may have "
            "before the network is taken back: to challenges after 10 minutes, to the model before after 30; 0 never "
            "is.",
        ),
    ] = 3.0
    static_weight: Annotated[Weight, Meta(description="Weight of the rules in the weighted decision.")] = 0.4
    ml_weight: Annotated[Weight, Meta(description="Weight of the network in the weighted decision.")] = 0.6
    threshold: Annotated[Weight, Meta(description="Weighted score at which an attempt is refused.")] = 0.7


DEFAULT_RULES: tuple[Rule, ...] = (
    Rule(
        name="address",
        period=10 * MINUTE,
        cidr=32,
        ipv4=True,
        failed_requests=10,
        ban_time=HOUR,
        ban_time_factor=2.0,
        max_ban_time=DAY,
    ),
    Rule(
        name="address6",
        period=10 * MINUTE,
        cidr=64,
        ipv6=True,
        failed_requests=10,
        ban_time=HOUR,
        ban_time_factor=2.0,
        max_ban_time=DAY,
    ),
    Rule(
        name="address_day",
        period=DAY,
        cidr=32,
        ipv4=True,
        failed_requests=50,
        ban_time=8 * HOUR,
        ban_time_factor=2.0,
        max_ban_time=7 * DAY,
    ),
    Rule(
        name="address6_day",
        period=DAY,
        cidr=64,
        ipv6=True,
        failed_requests=50,
        ban_time=8 * HOUR,
        ban_time_factor=2.0,
        max_ban_time=7 * DAY,
    ),
    Rule(
        name="network",
        period=HOUR,
        cidr=24,
        ipv4=True,
        failed_requests=60,
        ban_time=HOUR,
        ban_time_factor=2.0,
        max_ban_time=DAY,
    ),
    Rule(
        name="network6",
        period=HOUR,
        cidr=48,
        ipv6=True,
        failed_requests=60,
        ban_time=HOUR,
        ban_time_factor=2.0,
        max_ban_time=DAY,
    ),
    Rule(name="account", subject=Subject.ACCOUNT, period=HOUR, failed_requests=30, ban_time=30 * MINUTE),
)


class BruteForce(Section, frozen=True):
    """Rules, tolerations and whitelists; the names are those of Nauthilus."""

    ORDERED = (("min_tolerate_percent", "max_tolerate_percent"),)

    buckets: Annotated[
        tuple[Rule, ...], Meta(description="The rules; each counts failures of one subject in one sliding window.")
    ] = DEFAULT_RULES
    ip_whitelist: Annotated[
        tuple[Network, ...],
        Also(("ip_allowlist",)),
        Meta(description="Addresses and networks that are never counted and never refused."),
    ] = ()
    soft_whitelist: Annotated[
        dict[str, tuple[Network, ...]],
        Also(("allowlist", "soft_allowlist")),
        Meta(description="User name to networks from which this user is never counted and never refused."),
    ] = {}
    learning: Annotated[
        tuple[Feature, ...],
        Meta(description="Checks of the caller whose refusals count as failures; empty counts wrong passwords alone."),
    ] = ()
    tolerate_percent: Annotated[
        Percent, Meta(description="Failures forgiven to an address, in percent of its successes; 0 forgives none.")
    ] = 0
    tolerate_ttl: Annotated[
        Duration,
        Span(YEAR, zero=True),
        Meta(description="How far back successes and failures count for tolerations; 0 forgives nothing."),
    ] = DAY
    custom_tolerations: Annotated[
        tuple[Toleration, ...],
        Meta(description="Tolerations of single addresses and networks, for as long as they stand here."),
    ] = ()
    adaptive_toleration: Annotated[
        bool, Meta(description="Let the tolerated percentage grow with the number of successes of an address.")
    ] = False
    min_tolerate_percent: Annotated[
        Percent, Meta(description="Adaptive percentage of an address with few successes.")
    ] = 10
    max_tolerate_percent: Annotated[
        Percent, Meta(description="Adaptive percentage of an address with a hundred successes and more.")
    ] = 50
    scale_factor: Annotated[
        Scale, Unset("0"), Meta(description="How fast the adaptive percentage grows with the successes.")
    ] = 1.0
    rwp_window: Annotated[
        Duration,
        Span(YEAR, zero=True),
        Meta(
            description="How long a wrong password is remembered; "
            "the same one again from the same origin does not count until then."
        ),
    ] = DAY
    rwp_allowed_unique_hashes: Annotated[
        int,
        Unset("0"),
        Meta(
            ge=1,
            le=100,
            description="Different wrong passwords of one account that are remembered for one origin; "
            "the oldest is forgotten first, and an origin remembers 32 over all accounts.",
        ),
    ] = 3
    ip_scoping: Annotated[IpScoping, Meta(description="How much of an IPv6 address stands for one client.")] = (
        IpScoping()
    )
    pw_history_for_known_accounts: Annotated[
        bool,
        Meta(
            description="Accepted for compatibility and without effect: "
            "nothing that could become a password history is kept or logged."
        ),
    ] = False
    cold_start_grace_enabled: Annotated[
        bool,
        Meta(
            description="Accepted for compatibility and without effect: an account rule refuses nobody "
            "at a place where the owner has signed in before, so a restart needs no grace."
        ),
    ] = False
    cold_start_grace_ttl: Annotated[
        Duration,
        Span(YEAR),
        Unset("0"),
        Meta(description="Accepted for compatibility and without effect, as is `cold_start_grace_enabled`."),
    ] = 2 * MINUTE
    known_origin_ttl: Annotated[
        Duration,
        Span(10 * YEAR),
        Meta(description="How long a subnet or device counts as the owner's after a login from there."),
    ] = 180 * DAY
    neural_network: Annotated[
        NeuralNetwork, Meta(description="The neural network: how it learns, and what it may do.")
    ] = NeuralNetwork()


class RedisMaster(Section, frozen=True):
    """One server."""

    address: Annotated[
        str,
        STORE,
        Meta(description="`host:port`, or the path of a unix socket; empty starts the embedded store."),
    ] = ""
    username: Annotated[str, Meta(description="ACL user.")] = ""
    password_file: Annotated[str, Meta(description="File that holds the password.")] = ""


class RedisSentinels(Section, frozen=True):
    """Servers watched by Sentinel."""

    addresses: Annotated[tuple[Annotated[str, SERVER], ...], Meta(description="`host:port` of each Sentinel.")] = ()
    master: Annotated[str, Meta(description="Name of the master group.")] = ""
    username: Annotated[str, Meta(description="ACL user at the Sentinels.")] = ""
    password_file: Annotated[str, Meta(description="File that holds the password of the Sentinels.")] = ""


class RedisCluster(Section, frozen=True):
    """A cluster."""

    addresses: Annotated[
        tuple[Annotated[str, SERVER], ...],
        Meta(description="`host:port` of some nodes; the others are found."),
    ] = ()


class RedisTls(Section, frozen=True):
    """TLS to the store."""

    enabled: Annotated[bool, Meta(description="Speak TLS.")] = False
    ca_file: Annotated[str, Meta(description="Certificates that are trusted; empty means the system's.")] = ""
    cert_file: Annotated[str, Meta(description="Certificate shown to the server.")] = ""
    key_file: Annotated[str, Meta(description="Key of that certificate, if it stands in a file of its own.")] = ""


class Redis(Section, frozen=True):
    """Where state lives: the embedded Valkey, one server, Sentinel or a cluster."""

    master: Annotated[
        RedisMaster, Meta(description="One server; its user and password serve Sentinel and cluster too.")
    ] = RedisMaster()
    sentinels: Annotated[RedisSentinels, Meta(description="Servers watched by Sentinel.")] = RedisSentinels()
    cluster: Annotated[RedisCluster, Meta(description="A cluster.")] = RedisCluster()
    tls: Annotated[RedisTls, Meta(description="TLS to the store.")] = RedisTls()
    prefix: Annotated[
        str, PREFIX, Meta(description="Begins every key; up to 32 characters, no braces, no white space.")
    ] = "nacre:"
    database_number: Annotated[int, Meta(ge=0, le=65_535, description="Database of a single server.")] = 0
    timeout: Annotated[
        Duration, Span(MINUTE), Meta(description="How long an answer may take before the store counts as away.")
    ] = Duration(0.5)


class ApiKey(Section, frozen=True):
    """A static key of a daemon that cannot renew tokens."""

    name: Annotated[Name, Meta(description="Name in the audit log; unique.", examples=["dovecot"])]
    sha256: Annotated[
        str,
        SHA256,
        Meta(
            description="SHA-256 of the key, 64 hexadecimal digits in lower case; `nacre token api-key` makes both.",
            examples=["0123456789abcdef" * 4],
        ),
    ]
    roles: Annotated[tuple[Role, ...], Meta(description="What the key may do.")] = (Role.AUTHENTICATE,)


class Auth(Section, frozen=True):
    """Who may call what."""

    open_check_on_loopback: Annotated[
        bool, Meta(description="Accept check and report without a token from loopback addresses; management never.")
    ] = False
    api_keys: Annotated[tuple[ApiKey, ...], Meta(description="Static keys, sent as `X-API-Key`.")] = ()
    jwks_file: Annotated[str, Meta(description="Keys of another issuer (RS256, ES256, EdDSA), as a JWKS file.")] = ""
    jwks_url: Annotated[
        str,
        KEYS_URL,
        Meta(description="Where such keys are fetched: over HTTPS, or over HTTP from loopback addresses."),
    ] = ""
    jwks_refresh: Annotated[Duration, Span(30 * DAY), Meta(description="How long fetched keys are kept.")] = HOUR
    issuer: Annotated[str, Meta(description="Issuer that foreign tokens must name; empty accepts any.")] = ""
    audience: Annotated[str, Meta(description="Audience that foreign tokens must name; empty accepts any.")] = ""
    roles_claim: Annotated[str, Meta(min_length=1, description="Claim of foreign tokens that lists the roles.")] = (
        "roles"
    )


class Limits(Section, frozen=True):
    """How much one request may carry."""

    ORDERED = (("body_bytes", "batch_bytes"),)

    body_bytes: Annotated[int, Meta(ge=1024, le=2**24, description="Bytes of one request body.")] = 65_536
    batch_bytes: Annotated[int, Meta(ge=1024, le=2**30, description="Bytes of one NDJSON batch.")] = 16_777_216
    batch_attempts: Annotated[int, Meta(ge=1, le=10**6, description="Attempts in one NDJSON batch.")] = 10_000


class StoreFailure(Section, frozen=True):
    """What each interface answers while the store is away."""

    http: Annotated[
        FailureMode,
        Meta(description="Over HTTP: `fail_open` lets pass what no known block refuses, `fail_closed` refuses all."),
    ] = FailureMode.FAIL_OPEN
    python: Annotated[
        FailureMode, Meta(description="The same for the Python interface: `fail_open` or `fail_closed`.")
    ] = FailureMode.FAIL_OPEN


class Spool(Section, frozen=True):
    """Reports kept on disk while the store is away."""

    max_reports: Annotated[int, Meta(ge=0, le=10**8, description="Reports kept; more are answered with 503.")] = 100_000


class Decisions(Section, frozen=True):
    """Decisions kept so that they can be explained and named by feedback."""

    ORDERED = (("keep_excess", "keep"),)

    keep: Annotated[
        Duration,
        Span(YEAR),
        Meta(description="How long a decision is kept, and with it the memory of its report."),
    ] = DAY
    per_hour: Annotated[
        int,
        Meta(
            ge=0,
            le=10**9,
            description="Decisions per hour and worker that are kept in full; later ones only for `keep_excess`.",
        ),
    ] = 250_000
    per_source_hour: Annotated[
        int, Meta(ge=0, le=10**9, description="Decisions per hour and source address that are kept in full.")
    ] = 1_000
    refusals_per_source_hour: Annotated[
        int,
        Meta(
            ge=0,
            le=10**9,
            description="Decisions per hour and blocked source address after which its further refusals are only "
            "counted and logged.",
        ),
    ] = 100
    keep_excess: Annotated[
        Duration, Span(YEAR), Meta(description="How long a decision beyond these numbers is kept.")
    ] = 10 * MINUTE


class Accounts(Section, frozen=True):
    """How user names become accounts."""

    fold_case: Annotated[bool, Meta(description="Upper and lower case mean the same account.")] = True
    default_domain: Annotated[
        str, OPTIONAL_DOMAIN, Meta(description="Domain of user names that have none, in lower case.")
    ] = ""
    domain_aliases: Annotated[
        dict[Annotated[str, DOMAIN], Annotated[str, DOMAIN]],
        Meta(description="Domain as typed to domain as meant, both in lower case."),
    ] = {}
    strip_tag: Annotated[bool, Meta(description="Drop the tag behind a plus sign of the local part.")] = False


class Log(Section, frozen=True):
    """Logs on standard error, decision lines on standard output."""

    level: Annotated[LogLevel, Meta(description="Least level that is logged.")] = LogLevel.INFO
    decisions: Annotated[bool, Meta(description="Write one JSON line per decision to standard output.")] = True


class Server(Section, frozen=True):
    """The service itself."""

    listen: Annotated[str, LISTEN, Meta(description="`host:port` to listen on; port 0 takes a free one.")] = (
        "127.0.0.1:9080"
    )
    workers: Annotated[int, Meta(ge=1, le=64, description="Worker processes.")] = 1
    data_dir: Annotated[
        str,
        Meta(
            description="Directory of the embedded store, keys and spool, made with mode 0700; "
            "empty leaves it to `NACRE_DATA_DIR` and then to the user who runs nacre."
        ),
    ] = ""
    brute_force_protocols: Annotated[
        tuple[str, ...],
        Meta(description="Protocols that are guarded; empty means all. Nauthilus 3 has it as `brute_force.protocols`."),
    ] = ()
    trusted_proxies: Annotated[
        tuple[Network, ...],
        Meta(description="Addresses and networks of our own proxies and gateways: never counted, never refused."),
    ] = ()
    redis: Annotated[Redis, Meta(description="Where state lives.")] = Redis()
    limits: Annotated[Limits, Meta(description="How much one request may carry.")] = Limits()
    log: Annotated[Log, Meta(description="Logs.")] = Log()


class Geoip(Section, frozen=True):
    """Where addresses are, for attempts that do not say so themselves."""

    databases: Annotated[
        tuple[str, ...],
        Meta(
            max_length=8,
            description="Databases in the MaxMind format, of countries and of autonomous systems; a file that is "
            "replaced is read anew within a minute.",
        ),
    ] = ()


class Settings(Section, frozen=True):
    """
    The whole tree.

    >>> Settings().server.listen
    '127.0.0.1:9080'
    """

    server: Annotated[Server, Meta(description="The service itself.")] = Server()
    brute_force: Annotated[BruteForce, Meta(description="Rules, tolerations and whitelists.")] = BruteForce()
    accounts: Annotated[Accounts, Meta(description="How user names become accounts.")] = Accounts()
    auth: Annotated[Auth, Meta(description="Who may call what.")] = Auth()
    on_store_failure: Annotated[StoreFailure, Meta(description="What is answered while the store is away.")] = (
        StoreFailure()
    )
    campaigns: Annotated[Campaigns, Meta(description="Distributed attacks: how they are seen and answered.")] = (
        Campaigns()
    )
    notifications: Annotated[Notifications, Meta(description="Who is told of attacks.")] = Notifications()
    lua: Annotated[Lua, Meta(description="Operators' own scripts.")] = Lua()
    geoip: Annotated[Geoip, Meta(description="Countries and autonomous systems of addresses.")] = Geoip()
    spool: Annotated[Spool, Meta(description="Reports kept on disk while the store is away.")] = Spool()
    decisions: Annotated[Decisions, Meta(description="Decisions kept for explanation and feedback.")] = Decisions()
