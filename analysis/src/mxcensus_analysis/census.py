"""A crawl, and several of them, ready to be asked."""

from __future__ import annotations

import glob
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import polars as pl

from . import catalog, derived, intervals, made, networks, numbers, preload, survival
from .answer import Answer
from .errors import AnalysisError, NotADatasetError, ParameterError, QueryError
from .question import Question, Value, nearest, question, questions
from .scope import Scope
from .source import COMPARED, FORMAT, MANIFEST, Source

if TYPE_CHECKING:
    import altair

# A file, or several.
Networks = str | Path | Sequence[str | Path]
_SCOPE_VIEWS: Final = {True: "scope_everything.sql", False: "scope_part.sql"}


class Census:
    """One crawl. Everything is aggregated in DuckDB; only answers reach Python.

    Safe to use from several threads: one question at a time. See `Census.open`.
    """

    def __init__(
        self, source: Source, *, memory_limit: str | None = None, threads: int | None = None, networks: Networks | None = None
    ) -> None:
        self.source = source
        self.networks: tuple[str | Path, ...] = () if networks is None else _several(networks)
        self.manifest = source.json(MANIFEST)
        if self.manifest.get("format") != FORMAT:
            raise NotADatasetError(f"{source.address}: dataset format {self.manifest.get('format')}, this package reads {FORMAT}")
        self.judgement = source.judgement()
        self._con = duckdb.connect(":memory:")
        self._lock = threading.Lock()
        self._scope: Scope | None = None
        self._derived: set[str] = set()
        self._closed = False
        for setting, value in (("memory_limit", memory_limit), ("threads", threads)):
            if value is not None:
                self._set(setting, value)
        # A list that nobody expects in order can be streamed.
        self._con.execute("SET preserve_insertion_order = false")
        # Else DuckDB draws on standard output whenever a query takes seconds. In a notebook it refuses, and draws nothing there.
        with suppress(duckdb.InvalidInputException):
            self._con.execute("SET enable_progress_bar_print = false")
        catalog.attach(self._con, source)
        self._con.execute(_view("macros.sql"))

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        memory_limit: str | None = None,
        threads: int | None = None,
        networks: Networks | None = None,
        **storage: Any,
    ) -> Census:
        """Opens a dataset: its folder, a table or a file in it, an archive of it (tar, tar.gz, tar.zst, zip), or a URL that fsspec knows
        (``https://…``, ``s3://…``).

        ``memory_limit`` (as ``"2GB"``) and ``threads`` bound DuckDB; ``storage`` goes to the file system. ``networks`` is a file, or
        several, that tells in whose network an address is; the questions by ASN and country need it. Either a database in MaxMind's
        format (``.mmdb``: MaxMind's, IPinfo's, DB-IP's; with the extra ``networks``), or a table of ``prefix``, ``asn``, ``country`` as
        Parquet or CSV, of which the longest prefix counts. Of several files the first that knows counts.
        Raises `NotADatasetError`, `StoreError` and, where DuckDB takes a bound for none or an option is unknown, `ParameterError`.

        >>> Census.open(folder, threads=2).is_complete
        True
        """
        return cls(Source.at(str(path), **storage), memory_limit=memory_limit, threads=threads, networks=networks)

    @staticmethod
    def open_many(paths: str | Iterable[str | Path], **options: Any) -> CensusSeries:
        """Opens several crawls: a glob pattern, or a list of folders or URLs. They are put in order of their start.

        >>> len(Census.open_many([folder]))
        1
        """
        if isinstance(paths, str):
            found = sorted(glob.glob(paths))
            if not found:
                raise NotADatasetError(f"nothing matches {paths}")
            paths = found
        return CensusSeries([Census.open(path, **options) for path in paths])

    @property
    def start(self) -> datetime:
        """When the crawl began (manifest).

        >>> census.start.year
        2026
        """
        return datetime.fromisoformat(self.manifest["runs"][0]["start"])

    @property
    def name(self) -> str:
        """The day that the crawl began.

        >>> census.name
        '2026-11-01'
        """
        return self.start.date().isoformat()

    @property
    def is_complete(self) -> bool:
        """Every input domain is accounted for (manifest).

        >>> census.is_complete
        True
        """
        return bool(self.manifest.get("complete"))

    @property
    def made(self) -> str | None:
        """``lab``, ``demo`` or ``sample`` where nothing was measured on the internet (manifest); null of a real crawl.

        >>> census.made is None
        True
        """
        return self.manifest.get("made") or None

    def ask(self, name: str, *, without_top_operators: int = 0, include_inferred: bool = True, **parameters: Value) -> Answer:
        """Answers the question of that name; `mxcensus_analysis.questions()` lists them.

        Raises `UnknownQuestionError` and `ParameterError`, which name the nearest that there is.

        >>> census.ask("adoption", by="tld").frame["slice"].unique(maintain_order=True).to_list()
        ['com', 'nl']
        """
        asked = question(name)
        bound = asked.bind(parameters)
        scope = Scope(without_top_operators, include_inferred)
        with self._lock:
            self._enter(scope)
            for table in asked.tables:
                self._derive(table)
            frame = self._frame(asked.sql, bound)
        return Answer(asked, intervals.with_intervals(frame), bound, scope, self.made, self._missing(asked))

    def chart(self, what: str | pl.DataFrame, **options: Any) -> altair.Chart:
        """A chart of a question, or of a frame of your own: see `mxcensus_analysis.plots`. Needs the extra ``notebooks``.

        Options of the question and of the chart may stand together.

        >>> census.chart("adoption", by="tld").to_dict()["width"]
        400
        """
        from . import plots

        return plots.of_census(self, what, **options)

    def sql(self, text: str, parameters: dict[str, Any] | None = None) -> pl.DataFrame:
        """Runs a query of your own over the dataset's tables (and the views of this package), all domains in scope.

        Where the result has ``share`` and ``n``, the ends of the 95 % interval are added. Raises `QueryError`.

        >>> census.sql("SELECT count(*) AS k FROM verdicts WHERE rank <= $rank", {"rank": 5})["k"].to_list()
        [5]
        """
        with self._lock:
            self._enter(Scope())
            for table in (*derived.TABLES, *(["networks"] if self.networks else [])):
                if table in text:
                    self._derive(table)
            try:
                frame = self._frame(text, parameters or {})
            except duckdb.Error as error:
                raise QueryError(str(error)) from error
        return intervals.with_intervals(frame)

    def close(self) -> None:
        """Gives DuckDB's memory back. A question to a closed census raises `AnalysisError`.

        >>> Census.open(folder).close()
        """
        self._closed = True
        self._con.close()

    def __repr__(self) -> str:
        """For people: when, of what, how much."""
        source = self.manifest.get("input") or {}
        told = [
            f"Census of {self.start:%-d %B %Y}",
            f"{numbers.count(source.get('rows') or 0)} domains from {source.get('name') or 'a list'}",
        ]
        if not self.is_complete:
            told.append("not complete")
        asking = f"{self.source.address}; census.ask(NAME) answers {len(questions())} questions, see questions()"
        return "\n".join([*filter(None, [made.sentence(self.made)]), f"{', '.join(told)}.", asking])

    def _repr_html_(self) -> str:
        return "".join(f"<p>{escape(line)}</p>" for line in repr(self).splitlines())

    def __enter__(self) -> Census:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _set(self, setting: str, value: str | int) -> None:
        try:
            self._con.execute(f"SET {setting} = $value", {"value": value})
        except duckdb.Error as error:
            raise ParameterError(f"{setting} cannot be {value!r}: {error}") from None

    def _frame(self, text: str, parameters: dict[str, Any]) -> pl.DataFrame:
        relation = self._con.sql(text, params=parameters)
        if relation is None:
            raise QueryError("the query is empty: it has no rows to give")
        try:
            frame = pl.from_arrow(relation.to_arrow_table())
        except pl.exceptions.DuplicateError as error:
            raise QueryError(f"two columns have one name, give one an alias: {error}") from None
        assert isinstance(frame, pl.DataFrame)
        return frame

    def _enter(self, scope: Scope) -> None:
        if self._closed:
            raise AnalysisError(f"{self.source.address} is closed: open it again to ask it")
        if scope == self._scope:
            return
        self._con.execute("CREATE OR REPLACE TEMP TABLE scope_operators (provider VARCHAR)")
        if scope.without_top_operators:
            self._con.execute(_view("largest_operators.sql"), {"operators": scope.without_top_operators})
        self._con.execute("SET VARIABLE include_inferred = $value", {"value": scope.include_inferred})
        self._con.execute(_view(_SCOPE_VIEWS[scope.everything]))
        self._con.execute(_view("population.sql"))
        self._scope = scope

    def _missing(self, asked: Question) -> str | None:
        """What the question needs that not every dataset has."""
        if COMPARED not in asked.tables or self.source.found(COMPARED):
            return None
        return "No trust stores were compared here: run `mxcensus judge DIR --stores FOLDER` (docs/stores.md)."

    def _derive(self, table: str) -> None:
        if table == "networks" and table not in self._derived:
            networks.make(self._con, self.networks)
            self._derived.add(table)
        if table in derived.TABLES and table not in self._derived:
            for needed in derived.NEEDS.get(table, ()):
                self._derive(needed)
            derived.TABLES[table](self._con, self.source)
            self._derived.add(table)


class CensusSeries:
    """Crawls in order of their start. Raises `NotADatasetError` where there is none."""

    def __init__(self, crawls: Iterable[Census]) -> None:
        self.crawls = sorted(crawls, key=lambda census: census.start)
        if not self.crawls:
            raise NotADatasetError("a series has at least one crawl; none was given")

    def __iter__(self) -> Iterator[Census]:
        return iter(self.crawls)

    def __len__(self) -> int:
        return len(self.crawls)

    def ask(self, name: str, **options: Any) -> Answer:
        """As `Census.ask`, of every crawl; the column ``crawl`` holds the instant that it began.

        >>> Census.open_many([folder]).ask("tlsrpt").frame["crawl"][0].year
        2026
        """
        answers = [(census, census.ask(name, **options)) for census in self.crawls]
        frames = [answer.frame.select(pl.lit(census.start).dt.cast_time_unit("us").alias("crawl"), pl.all()) for census, answer in answers]
        first = answers[0][1]
        missing = next((answer.missing for _, answer in answers if answer.missing), None)
        return Answer(first.question, pl.concat(frames, how="vertical_relaxed"), first.parameters, first.scope, self.made, missing)

    @property
    def made(self) -> str | None:
        """As `Census.made`, of any of them.

        >>> Census.open_many([folder]).made is None
        True
        """
        return made.of_all(census.made for census in self.crawls)

    def __repr__(self) -> str:
        told = f"{len(self.crawls)} crawls: {', '.join(census.name for census in self.crawls)}. series.ask(NAME) answers for each."
        return "\n".join([*filter(None, [made.sentence(self.made)]), told])

    def survival(self, mechanism: str) -> pl.DataFrame:
        """How long failures of ``mta-sts`` or ``dane`` last: see `mxcensus_analysis.survival`. Holds the verdicts of adopters alone.

        Raises `ParameterError` where the mechanism is another.

        >>> Census.open_many([folder]).survival("dane")["n"].to_list()
        [0]
        """
        if mechanism not in survival.COLUMNS:
            known = ", ".join(survival.COLUMNS)
            raise ParameterError(f"failures of {known} are followed, not of {mechanism!r}{nearest(mechanism, survival.COLUMNS)}")
        column, nothing = survival.COLUMNS[mechanism], survival.NOTHING[mechanism]
        query = f"SELECT domain, {column} FROM verdicts WHERE NOT list_contains($nothing, {column})"
        frames = [(census.start, census.sql(query, {"nothing": list(nothing)})) for census in self.crawls]
        return survival.survival([(start, dict(frame.iter_rows())) for start, frame in frames], mechanism)

    def preload(self) -> pl.DataFrame:
        """How many candidates of the latest crawl for a preload list never failed in the series: see `mxcensus_analysis.preload`.

        >>> Census.open_many([folder]).preload()["n"].to_list()
        [0, 0]
        """
        latest = self.crawls[-1]
        candidates = set(latest.sql(preload.CANDIDATES)["domain"])
        frames = [census.sql(preload.VERDICTS) for census in self.crawls] if candidates else []
        return intervals.with_intervals(preload.preload(candidates, [dict(frame.iter_rows()) for frame in frames]))


def _several(given: Networks) -> tuple[str | Path, ...]:
    return (given,) if isinstance(given, str | Path) else tuple(given)


def _view(name: str) -> str:
    return (files(__package__) / "views" / name).read_text(encoding="utf-8")
