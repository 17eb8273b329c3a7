"""Questions: one SQL file each, its header the contract.

A header is the block of comments at the top of the file::

    -- question: How many domains publish each mechanism?
    -- unit: domains
    -- tables: verdicts, domains
    -- denominator: domains that take mail and whose look-up was answered
    -- unjudged: domains whose look-up failed
    -- caveats: ...
    -- parameter by = overall (overall, tld, rank, provider): how to slice
    -- parameter bin = 10000 from 1: ranks per bin

A line that begins with two blanks after the dashes goes on with the entry above it. Parameters are bound (``$by``), never pasted.

Every answer has the columns ``count`` (numerator), ``n`` (denominator), ``share`` (count / n, null where n is 0), ``low`` and ``high``
(the ends of the share's 95 % interval, which Python adds) and ``unjudged`` (how many of the unit belong to the population and could not
be judged).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Final

from .errors import ParameterError, UnknownQuestionError

Value = str | int | float | bool

# Beyond it no count of ours goes, and DuckDB's integers do not wrap.
GREATEST: Final = 10**9

_ENTRY: Final = re.compile(r"^-- (question|unit|tables|denominator|unjudged|caveats): (.*)$")
_PARAMETER: Final = re.compile(r"^-- parameter (\w+) = (\S+?)(?: from (\d+))?(?: \(([^)]*)\))?: (.*)$")
_CONTINUED: Final = re.compile(r"^--   +(.*)$")
_ENTRIES: Final = ("question", "unit", "tables", "denominator", "unjudged", "caveats")


@dataclass(frozen=True)
class Parameter:
    """One bound parameter of a question."""

    name: str
    default: Value
    choices: tuple[str, ...]
    meaning: str
    # Of a number, the least that can be meant.
    least: int = 0

    def check(self, value: Value) -> Value:
        """The value, or `ParameterError` where it is of another type, none of the choices, or a number that cannot be meant.

        >>> question("adoption").parameters["by"].check("tld")
        'tld'
        """
        if self.choices:
            if value not in self.choices:
                raise ParameterError(f"{self.name} is one of {', '.join(self.choices)}, not {value!r}{nearest(value, self.choices)}")
            return value
        if type(value) is not type(self.default):
            raise ParameterError(f"{self.name} is a number like {self.default!r}, not {value!r}")
        if not self.least <= value <= GREATEST:  # type: ignore[operator]
            raise ParameterError(f"{self.name} is a number from {self.least} to {GREATEST:,}, not {value!r}")
        return value


@dataclass(frozen=True)
class Question:
    """A question as its SQL file states it."""

    name: str
    question: str
    unit: str
    tables: tuple[str, ...]
    denominator: str
    unjudged: str
    caveats: str
    sql: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    def bind(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """Every parameter with its value: the given one, else the default. Raises `ParameterError`.

        >>> question("adoption").bind({"by": "tld"})
        {'by': 'tld', 'bin': 10000}
        """
        strangers = sorted(set(given) - set(self.parameters))
        if strangers:
            known = ", ".join(self.parameters) or "none"
            meant = nearest(strangers[0], self.parameters)
            raise ParameterError(f"{self.name} has no parameter {', '.join(strangers)}; it has: {known}{meant}")
        return {name: parameter.check(given[name]) if name in given else parameter.default for name, parameter in self.parameters.items()}


def _value(text: str) -> Value:
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def parse(name: str, text: str) -> Question:
    """Reads a question from its SQL file. `ValueError` where the header is incomplete."""
    entries: dict[str, str] = {}
    parameters: dict[str, tuple[str, str, str]] = {}
    meanings: dict[str, str] = {}
    last: tuple[str, str] | None = None
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        if found := _ENTRY.match(line):
            entries[found[1]] = found[2].strip()
            last = ("entry", found[1])
        elif found := _PARAMETER.match(line):
            parameters[found[1]] = (found[2], found[3] or "0", found[4] or "")
            meanings[found[1]] = found[5].strip()
            last = ("parameter", found[1])
        elif (found := _CONTINUED.match(line)) and last:
            if last[0] == "entry":
                entries[last[1]] += " " + found[1].strip()
            else:
                meanings[last[1]] += " " + found[1].strip()
        else:
            raise ValueError(f"{name}: not a header line: {line}")
    missing = [entry for entry in _ENTRIES if not entries.get(entry)]
    if missing:
        raise ValueError(f"{name}: the header lacks {', '.join(missing)}")
    return Question(
        name=name,
        question=entries["question"],
        unit=entries["unit"],
        tables=tuple(table.strip() for table in entries["tables"].split(",")),
        denominator=entries["denominator"],
        unjudged=entries["unjudged"],
        caveats=entries["caveats"],
        sql=text,
        parameters={
            key: Parameter(key, _value(default), tuple(c.strip() for c in choices.split(",") if c.strip()), meanings[key], int(least))
            for key, (default, least, choices) in parameters.items()
        },
    )


@cache
def questions() -> Mapping[str, Question]:
    """Every question, by name.

    >>> questions()["adoption"].question
    'How many domains publish each mechanism?'
    """
    folder = files(__package__) / "sql"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return {name.removesuffix(".sql"): parse(name.removesuffix(".sql"), (folder / name).read_text(encoding="utf-8")) for name in names}


def question(name: str) -> Question:
    """The question of that name, `UnknownQuestionError` where there is none; it names the nearest.

    >>> question("adoption").unit
    'domains'
    """
    if not isinstance(name, str) or name not in questions():
        raise UnknownQuestionError(f"no question {name!r}{nearest(name, questions())}; there are: {', '.join(questions())}")
    return questions()[name]


@cache
def watch_questions() -> Mapping[str, Question]:
    """Every question that a `Watch` answers, by name.

    >>> list(watch_questions())
    ['policy_steps', 'refusals', 'renewals', 'rollovers']
    """
    folder = files(__package__) / "sql" / "watch"
    names = sorted(entry.name.removesuffix(".sql") for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return {name: parse(name, (folder / f"{name}.sql").read_text(encoding="utf-8")) for name in names}


def watch_question(name: str) -> Question:
    """The question of that name to a watch, `UnknownQuestionError` where there is none; it names the nearest.

    >>> watch_question("renewals").unit
    'certificates that gave way to another'
    """
    if name not in watch_questions():
        raise UnknownQuestionError(f"no question {name!r}{nearest(name, watch_questions())}; there are: {', '.join(watch_questions())}")
    return watch_questions()[name]


def asked_in_report(name: str) -> Question:
    """The question of that name, be it to a crawl or to a watch.

    >>> asked_in_report("renewals").tables
    ('renewals',)
    """
    return watch_questions()[name] if name in watch_questions() else question(name)


def nearest(meant: object, known: Iterable[str]) -> str:
    """``. Did you mean 'adoption'?`` where something known is written nearly so; else nothing.

    >>> nearest("adption", ["adoption", "agreement"])
    ". Did you mean 'adoption'?"
    """
    found = get_close_matches(str(meant).lower().replace("-", "_"), known := list(known), n=1) or get_close_matches(str(meant), known, n=1)
    return f". Did you mean {found[0]!r}?" if found else ""
