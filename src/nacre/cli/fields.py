# SPDX-License-Identifier: Apache-2.0
"""The fields of an attempt as options, and back."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

import typer

from nacre.errors import InvalidAttempt

if TYPE_CHECKING:
    from nacre.attempt import AttemptFields

Command = TypeVar("Command", bound=Callable[..., Any])

PANEL = "Fields of the attempt"


class FieldOption(NamedTuple):
    """
    One field of an attempt on the command line.

    Attributes:
        name: As :class:`~nacre.attempt.AttemptFields` has it.
        kind: What the option takes.
        about: Its help.
        spelling: Its names, where they are not those of the field.
    """

    name: str
    kind: Any
    about: str
    spelling: str = ""


OPTIONS = (
    FieldOption("client_ip", str, "Address of the client."),
    FieldOption("username", str, "Name as typed."),
    FieldOption("protocol", str, "imap, smtp, ssh, http ..."),
    FieldOption("method", str, "Mechanism: plain, publickey ..."),
    FieldOption("service", str, "Who asks: the daemon or the application."),
    FieldOption("user_agent", str, "Client string."),
    FieldOption("client_id", str, "Device: a device token, an IMAP ID, a TLS fingerprint."),
    FieldOption("oidc_cid", str, "OpenID Connect client id."),
    FieldOption("session", str, "Session id of the asking daemon."),
    FieldOption("local_ip", str, "Address that the connection arrived at."),
    FieldOption("local_port", int, "Port that the connection arrived at."),
    FieldOption("client_port", int, "Port that the client came from."),
    FieldOption("tls", bool, "The connection was encrypted.", "--tls"),
    FieldOption("headers", list[str], "A request header as 'Name: value'; may be repeated.", "--header"),
    FieldOption(
        "password", bool, "Read the password from standard input, without echo on a terminal.", "--password-stdin"
    ),
    FieldOption("password_digest", str, "Instead of it, a digest that the client made."),
    FieldOption("attributes", list[str], "Whatever else is known, as name=value; may be repeated.", "--attribute"),
    FieldOption(
        "features",
        list[str],
        "An additional feature for the network, as name=value: a number, true, false or a text; may be repeated.",
        "--additional-feature",
    ),
    FieldOption(
        "embedded",
        list[str],
        "Name of one of them whose texts become dense vectors, not a column per value; may be repeated.",
    ),
    FieldOption("request_id", str, "Your own id of this attempt; one is made without."),
    FieldOption("time", float, "Unix seconds, to try something out."),
    FieldOption("known_user", bool, "Whether the account exists, as far as you know.", "--known-user/--unknown-user"),
)


def attempt_options(*, required: bool, without: tuple[str, ...] = ()) -> Callable[[Command], Command]:
    """
    Give a command that takes ``**fields`` an option for every field of an attempt.

    Args:
        required: Whether address and user name have to be given.
        without: Fields that the command takes otherwise.
    """

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)
        own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
        fields = [_parameter(option, required=required) for option in OPTIONS if option.name not in without]
        parameters = sorted([*fields, *own], key=lambda each: each.default is not inspect.Parameter.empty)
        command.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
        )
        command.__annotations__ = {each.name: each.annotation for each in parameters}
        return command

    return decorate


def fields_of(given: Mapping[str, Any]) -> AttemptFields:
    """
    Return the fields that were given as options.

    Raises:
        InvalidAttempt: one of them cannot be used; names it.
    """
    import msgspec

    from nacre.api.problems import problem_of
    from nacre.attempt import AttemptFields

    fields = {name: value for name, value in given.items() if value not in (None, [], False)}
    if given.get("known_user") is False:
        fields["known_user"] = False
    fields["headers"] = dict(_pair("headers", text, ":") for text in fields.get("headers", ()))
    fields["attributes"] = dict(_pair("attributes", text, "=") for text in fields.get("attributes", ()))
    pairs = (_pair("features", text, "=") for text in fields.get("features", ()))
    fields["features"] = {name: _plain(value) for name, value in pairs}
    if fields.pop("password", False):
        fields["password"] = read_password()
    for name, value in fields.items():
        _require_text(name, value)
    try:
        return msgspec.convert(fields, AttemptFields)
    except msgspec.ValidationError as error:
        problem = problem_of(error)
        raise InvalidAttempt(problem.field, problem.detail) from None


def read_password() -> str:
    """
    Return the password from standard input, without the line end behind it.

    Raises:
        InvalidAttempt: it is no UTF-8.
    """
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass()
    try:
        return sys.stdin.buffer.read().decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise InvalidAttempt("password", "no UTF-8") from None


def _parameter(option: FieldOption, *, required: bool) -> inspect.Parameter:
    name = option.spelling or f"--{option.name.replace('_', '-')}"
    is_required = required and option.name in {"client_ip", "username"}
    information = typer.Option(name, help=option.about, rich_help_panel=PANEL, show_default=False)
    default: Any = inspect.Parameter.empty if is_required else None
    kind = option.kind if is_required else option.kind | None
    if option.kind is bool and "/" not in name:
        kind, default = bool, False
    annotation = Annotated[kind, information]  # type: ignore[valid-type]
    return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _pair(field: str, text: str, separator: str) -> tuple[str, str]:
    name, found, value = text.partition(separator)
    if not (found and name.strip()):
        raise InvalidAttempt(field, f"{text!r} is no name and value with {separator!r} between them")
    return name.strip(), value.strip()


def _plain(text: str) -> bool | float | str:
    """
    Return a value as the network is to see it.

    >>> _plain("3"), _plain("true"), _plain("firefox"), _plain('"3"')
    (3, True, 'firefox', '3')
    """
    import msgspec

    try:
        return msgspec.json.decode(text, type=bool | int | float | str)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return text


def _require_text(field: str, value: object) -> None:
    """Refuse what the terminal sent in another encoding: it would be another account in the store."""
    texts = [text for pair in value.items() for text in pair] if isinstance(value, dict) else [value]
    for text in texts:
        if isinstance(text, str) and any("\ud800" <= character <= "\udfff" for character in text):
            raise InvalidAttempt(field, "no UTF-8")
