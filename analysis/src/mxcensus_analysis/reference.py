"""The page on this package, from its docstrings: ``python -m mxcensus_analysis.reference > docs/python.md``."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from . import intervals, made, notebook, plots, preload, show, survival
from .answer import Answer
from .census import Census, CensusSeries
from .comparison import Comparison
from .question import Parameter, Question, question, questions, watch_question, watch_questions
from .scope import Scope
from .watch import Watch

_HEAD: Final = """# The Python package

    pip install .                        # from the clone: program, report and package
    pip install '.[notebooks]'           # JupyterLab and charts too

Made from the docstrings by `python -m mxcensus_analysis.reference > docs/python.md`; the examples are run by the tests, where `census` is
a small made world of forty domains, `folder` where it lies, `changes` a comparison with the crawl before, `watch_folder` an hourly
watch of two rounds, and `pl` is polars.
"""
_CLASSES: Final = (Census, CensusSeries, Watch, Answer, Comparison, Question, Parameter, Scope)
_MODULES: Final = (intervals, plots, show, survival, preload, notebook, made)
_FUNCTIONS: Final = (questions, question, watch_questions, watch_question)


def page() -> str:
    """The whole page."""
    out = [_HEAD]
    for kind in _CLASSES:
        out += [f"## {kind.__name__}", _text(kind), *_members(kind)]
    out += ["## Questions", *(_entry(function.__name__, function) for function in _FUNCTIONS)]
    for module in _MODULES:
        out += [f"## {module.__name__.removeprefix('mxcensus_analysis.')}", _text(module)]
        out += [_entry(name, function) for name, function in vars(module).items() if _is_public(name, function, module)]
    out += ["## What can be asked", *_asked()]
    return "\n\n".join(out) + "\n"


def _members(kind: type) -> Iterator[str]:
    for name, member in vars(kind).items():
        found = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        if not name.startswith("_") and inspect.isfunction(found):
            yield _entry(f"{kind.__name__}.{name}", found, called=not isinstance(member, property))


def _is_public(name: str, found: Any, module: Any) -> bool:
    return not name.startswith("_") and inspect.isfunction(found) and found.__module__ == module.__name__


def _entry(name: str, function: Callable[..., Any], *, called: bool = True) -> str:
    signature = _signature(function) if called else ""
    return f"### {name}\n\n`{name.rsplit('.', 1)[-1]}{signature}`\n\n{_text(function)}"


def _signature(function: Callable[..., Any]) -> str:
    """As people call it: without ``self``, types without their modules and without quotes."""
    short = re.sub(r"\b(?:mxcensus_analysis|altair|alt|polars|pl|pandas)\.(?:\w+\.)*", "", str(inspect.signature(function)))
    return re.sub(r"^\((?:self|cls)(?:, )?", "(", re.sub(r"(: |-> )'([^']*)'", r"\1\2", short))


def _text(described: Any) -> str:
    """A docstring as Markdown: examples as code."""
    lines = []
    in_example = False
    for line in (inspect.getdoc(described) or "").splitlines():
        begins = line.startswith(">>> ")
        if begins and not in_example:
            lines.append("```python")
        if in_example and not line.strip():
            lines.append("```")
        in_example = (in_example or begins) and bool(line.strip())
        lines.append(line if in_example else line.replace("``", "`"))
    return "\n".join([*lines, "```"] if in_example else lines)


def _asked() -> Iterator[str]:
    rows = ["| question | asks | n | parameters |", "| --- | --- | --- | --- |"]
    for name, asked in [*questions().items(), *watch_questions().items()]:
        parameters = ", ".join(f"`{key}={parameter.default}`" for key, parameter in asked.parameters.items())
        rows.append(f"| `{name}` | {_cell(asked.question)} | {_cell(asked.denominator)} | {parameters} |")
    yield "\n".join(rows)


def _cell(written: str) -> str:
    return written.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
