# SPDX-License-Identifier: Apache-2.0
"""How the source tree is laid out; see CONTRIBUTING.md for the reasons."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "nacre"
MAX_LINES = 300
SPDX = "# SPDX-License-Identifier: Apache-2.0"

TESTED_ELSEWHERE = {
    "__init__.py": "its exports are compared below",
    "__main__.py": "one line; the tests of the command line start it",
    "errors.py": "classes without behaviour; each is tested where it is raised",
}
"""Modules of the package without a test file of their name, and why."""

FILLED = {
    "store/scripts/__init__.py": "the reader of the Lua files lives among them",
}
"""Inner packages that hold code of their own, and why; x/__init__.py is tested in test_x.py."""

LONGER: dict[str, str] = {
    "src/nacre/service.py": "the assembly knows every part; half of it says what they are",
    "src/nacre/config/tree.py": "one frozen tree: a section is a class, a field a line or two",
}
"""Files of more than 300 lines, and why they are one."""


def modules() -> list[str]:
    """Return the modules of the package that hold code, relative to it."""
    paths = (path for path in PACKAGE.rglob("*.py") if ast.parse(path.read_text(encoding="utf-8")).body)
    return sorted(path.relative_to(PACKAGE).as_posix() for path in paths)


def sources() -> list[str]:
    """Return all files of source that this project wrote, relative to its root."""
    folders = ("src", "tests", "tools", "benchmarks", "evaluation")
    paths = (path for folder in folders for kind in ("*.py", "*.lua") for path in (ROOT / folder).rglob(kind))
    return sorted(path.relative_to(ROOT).as_posix() for path in paths)


def lines(path: Path) -> int:
    """Count the lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("module", [name for name in modules() if name not in TESTED_ELSEWHERE])
def test_a_module_has_a_test_file_of_its_name(module: str) -> None:
    """
    Who changes src/nacre/x/y.py knows without a search that tests/x/test_y.py is next.
    """
    path = Path(module.removesuffix("/__init__.py")).with_suffix(".py")
    expected = ROOT / "tests" / path.with_name(f"test_{path.name}")

    assert expected.is_file()


def test_inner_packages_are_empty() -> None:
    """
    A name is imported from the module that defines it: one way to spell each import.
    """
    assert [name for name in modules() if name.endswith("/__init__.py") and name not in FILLED] == []


def test_every_exception_is_still_needed() -> None:
    """
    An exception that outlives its file or its length would excuse the next one.
    """
    assert [name for name in FILLED if name not in modules()] == []
    assert [name for name in LONGER if not (ROOT / name).is_file() or lines(ROOT / name) <= MAX_LINES] == []


@pytest.mark.parametrize("source", [name for name in sources() if name not in LONGER])
def test_a_file_stays_within_three_hundred_lines(source: str) -> None:
    """
    Beyond that, two reasons to change usually share a file.
    """
    assert lines(ROOT / source) <= MAX_LINES


@pytest.mark.parametrize("source", [name for name in sources() if name.endswith(".py") and lines(ROOT / name)])
def test_a_python_file_names_its_licence_first(source: str) -> None:
    """
    One line that machines read stands for the notice that nobody does.
    """
    assert (ROOT / source).read_text(encoding="utf-8").startswith(f"{SPDX}\n")


def test_what_the_package_exports_is_sorted_and_complete() -> None:
    """
    `__all__` is the promise to library users: a public name outside of it is an accident.
    """
    nacre = importlib.import_module("nacre")
    if nacre.__file__ is None:
        pytest.skip("the package exports nothing yet")
    for name in nacre.__all__:
        getattr(nacre, name)  # a name is imported when it is first asked for
    public = {name for name, value in vars(nacre).items() if name[0] != "_" and not isinstance(value, ModuleType)}

    assert list(nacre.__all__) == sorted(nacre.__all__)
    assert set(nacre.__all__) == public
