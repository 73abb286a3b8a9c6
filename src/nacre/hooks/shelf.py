# SPDX-License-Identifier: Apache-2.0
"""The scripts that the settings name, read from their files, and read anew when these change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from nacre.config.lua import ActionType, Lua, Method
from nacre.errors import HookError, SettingsError
from nacre.hooks.script import Script
from nacre.hooks.source import Modules, stamp_of, text_of
from nacre.hooks.state import State

log = structlog.get_logger(__name__)

OUR_HOOKS = Path(__file__).with_name("scripts")
"""The hooks that nacre brings: each file is served under its name, to ``admin``."""
_Reader = Callable[[str, str, str], Script]
"""Returns a script by its name and file; the third is where the settings name it."""


@dataclass(frozen=True, slots=True)
class Hook:
    """
    A script that answers over HTTP.

    Attributes:
        script: The script.
        roles: Names of the roles one of which is needed.
        content_type: Of what it writes itself.
    """

    script: Script
    roles: tuple[str, ...]
    content_type: str


@dataclass(frozen=True, slots=True)
class Book:
    """
    All scripts at one time; replaced as a whole.

    Attributes:
        inits: Run when a worker starts.
        features, filters: In their order.
        actions: By type.
        hooks: By location, then by method.
    """

    inits: Sequence[Script] = ()
    features: Sequence[Script] = ()
    filters: Sequence[Script] = ()
    actions: Mapping[ActionType, Sequence[Script]] = field(default_factory=dict)
    hooks: Mapping[str, Mapping[str, Hook]] = field(default_factory=dict)

    def scripts(self) -> Iterable[Script]:
        """Return every script."""
        yield from self.inits
        yield from self.features
        yield from self.filters
        for scripts in self.actions.values():
            yield from scripts
        for hooks in self.hooks.values():
            yield from (hook.script for hook in hooks.values())


@dataclass(slots=True)
class _File:
    """A file as it was read."""

    stamp: tuple[int, int, int]
    script: Script
    failed: tuple[int, int, int] | None = field(default=None)


class Shelf:
    """
    Reads scripts, and keeps them.

    Args:
        settings: Which scripts.

    Raises:
        SettingsError: a script cannot be read, or is no Lua.
    """

    def __init__(self, settings: Lua) -> None:
        self._lock = threading.Lock()  # files are looked at in a thread
        self._files: dict[tuple[str, str], _File] = {}
        self._modules = Modules("")
        self.book = Book()
        self.reload(settings)

    def reload(self, settings: Lua) -> None:
        """
        Take over new settings.

        Raises:
            SettingsError: a script cannot be read, or is no Lua.  The old ones stay.
        """
        files: dict[tuple[str, str], _File] = {}
        book = Book()
        if settings.enabled:
            book = _assemble(settings, lambda name, path, place: _read(files, name, path, place))
        with self._lock:
            self._settings, self._files, self.book = settings, files, book
            self._modules = Modules(settings.config.package_path, version=self._modules.version + 1)

    @property
    def version(self) -> int:
        """Of what :meth:`find` says: it may say something else under another version only."""
        return self._modules.version

    def find(self, name: str) -> tuple[bytes, str] | None:
        """Return text and chunk name of a module that is written in Lua."""
        return self._modules.find(name)

    def refresh(self) -> list[str]:
        """
        Look at the files, and read those that changed; one that is no Lua any more stays as it was.

        Returns:
            Names of the scripts that changed.
        """
        with self._lock:
            self._modules.refresh()
            files = self._files
            changed = [name for (name, path), file in files.items() if _changed(name, path, file)]
            if changed:
                self.book = _assemble(self._settings, lambda name, path, _place: files[name, path].script)
        return changed


def _assemble(settings: Lua, read: _Reader) -> Book:
    shared = settings.config
    inits = [path for path in (shared.init_script_path, *shared.init_script_paths) if path]
    actions: dict[ActionType, list[Script]] = {}
    for place, action in enumerate(settings.actions):
        script = read(action.name, action.script_path, f"lua.actions[{place}].script_path")
        actions.setdefault(action.type, []).append(script)
    hooks: dict[str, dict[str, Hook]] = {}
    for place, custom in enumerate(settings.custom_hooks):
        script = read(_named(custom.http_location), custom.script_path, f"lua.custom_hooks[{place}].script_path")
        made = Hook(script, custom.roles or ("authenticate",), custom.content_type)
        hooks.setdefault(_named(custom.http_location), {})[custom.http_method] = made
    if settings.own_hooks:
        for path in sorted(OUR_HOOKS.glob("*.lua")):
            if path.stem not in hooks:
                hook = Hook(read(path.stem, str(path), "lua.own_hooks"), ("admin",), "application/json")
                hooks[path.stem] = {Method.GET: hook}
    for by_method in hooks.values():
        if Method.GET in by_method:
            by_method.setdefault(Method.POST, by_method[Method.GET])
            by_method.setdefault(Method.HEAD, by_method[Method.GET])
    return Book(
        inits=[read(Path(path).stem, path, "lua.config.init_script_path") for path in inits],
        features=[
            read(each.name, each.script_path, f"lua.features[{n}].script_path")
            for n, each in enumerate(settings.features)
        ],
        filters=[
            read(each.name, each.script_path, f"lua.filters[{n}].script_path")
            for n, each in enumerate(settings.filters)
        ],
        actions=actions,
        hooks=hooks,
    )


def _named(location: str) -> str:
    return location.strip("/")


def _read(files: dict[tuple[str, str], _File], name: str, path: str, place: str) -> Script:
    known = files.get((name, path))
    if known is None:
        try:
            found = _standing_in(name, path)
            known = files[name, path] = _File(stamp_of(found), _loaded(name, found))
        except OSError as error:
            raise SettingsError(f"{path!r} cannot be read: {error.strerror or error}", field=place) from error
        except HookError as error:
            raise SettingsError(str(error), field=place) from error
    return known.script


def _changed(name: str, path: str, file: _File) -> bool:
    """Read a file again if it changed; tell whether its script is another one now."""
    try:
        stamp = stamp_of(path)
    except OSError:
        return False  # about to be replaced, or gone: what was read goes on
    if stamp in (file.stamp, file.failed):
        return False
    try:
        script = _loaded(name, path)
    except (OSError, HookError) as error:
        file.failed = stamp
        log.error("lua_script_unusable", script=name, error=str(error))  # noqa: TRY400  the text says it
        return False
    before, file.script, file.stamp, file.failed = file.script, script, stamp, None
    if script.digest == before.digest:
        return False
    log.info("lua_script_read", script=name, file=path)
    return True


def _standing_in(name: str, path: str) -> str:
    """Return our own file for a hook that came with Nauthilus, where its file is missing; any other path as it is."""
    own = OUR_HOOKS / f"{name}.lua"
    if Path(path).name != own.name or not own.is_file() or Path(path).exists():
        return path
    log.warning("lua_hook_missing", file=path, instead=str(own))
    return str(own)


def _loaded(name: str, path: str) -> Script:
    """Return the script in a file, if it is Lua."""
    script = Script.of(name, path, text_of(path))
    State({}).check(script)
    return script
