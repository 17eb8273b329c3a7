"""No module of the package imports itself by way of others: neither when it is loaded, nor later in a function, nor for its types."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import mxcensus_analysis

ROOT = Path(mxcensus_analysis.__file__).parent


def modules() -> dict[str, Path]:
    """Every module by its dotted name; a package goes by its own."""
    found = {}
    for path in ROOT.rglob("*.py"):
        parts = (ROOT.name, *path.relative_to(ROOT).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, text: str, *, is_package: bool) -> Iterator[str]:
    """Dotted names that a module imports, wherever the statement stands. Of ``from a import b`` both ``a.b`` and ``a``."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = name if is_package else name.rpartition(".")[0]
            for _ in range(max(0, node.level - 1)):
                package = package.rpartition(".")[0]
            base = ".".join(filter(None, (package if node.level else "", node.module)))
            yield from (f"{base}.{alias.name}" for alias in node.names)
            if node.module or not node.level:
                yield base


def graph(files: Mapping[str, Path]) -> dict[str, set[str]]:
    return {
        name: {target for target in imported(name, path.read_text(encoding="utf-8"), is_package=path.stem == "__init__") if target in files}
        - {name}
        for name, path in files.items()
    }


def circle(edges: Mapping[str, set[str]]) -> list[str] | None:
    """The first circle, from a module back to itself; null where there is none."""
    done: set[str] = set()

    def walk(name: str, trail: list[str]) -> list[str] | None:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return None
        for target in sorted(edges.get(name, ())):
            if found := walk(target, [*trail, name]):
                return found
        done.add(name)
        return None

    return next((found for name in sorted(edges) if (found := walk(name, []))), None)


def test_no_import_circle() -> None:
    edges = graph(modules())
    assert sum(map(len, edges.values())) > 100, "the walk finds no imports"
    assert circle(edges) is None


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ({"p.a": "from . import b", "p.b": "import os"}, None),
        ({"p.a": "from . import b", "p.b": "from .a import x"}, ["p.a", "p.b", "p.a"]),
        ({"p.a": "from .b import x", "p.b": "import p.c", "p.c": "from p.a import y"}, ["p.a", "p.b", "p.c", "p.a"]),
        ({"p.a": "def f():\n    from . import b", "p.b": "if TYPE_CHECKING:\n    from .a import T"}, ["p.a", "p.b", "p.a"]),
        ({"p.q": "from . import r\nfrom ..s import t", "p.s": "from .q import u"}, ["p.q", "p.s", "p.q"]),
    ],
)
def test_circles_are_found(tmp_path: Path, texts: dict[str, str], found: list[str] | None) -> None:
    """``p.q`` is a package: its ``.`` is itself, its ``..`` is ``p``."""
    files = {}
    for name, text in texts.items():
        files[name] = tmp_path / name / "__init__.py" if name == "p.q" else tmp_path / f"{name}.py"
        files[name].parent.mkdir(exist_ok=True)
        files[name].write_text(text, encoding="utf-8")
    assert circle(graph(files)) == found
