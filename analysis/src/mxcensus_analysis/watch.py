"""What an hourly watch saw: rollovers, refusals, policies and ids, renewals. See `Watch.open`."""

from __future__ import annotations

import json
import threading
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl

from . import intervals, made, numbers
from .answer import Answer
from .errors import NotADatasetError, QueryError
from .question import Value, watch_question, watch_questions
from .scope import Scope

FORMAT: Final = 1
# Every table of a round, with the columns that the views need where no round kept a row of it.
_EMPTY: Final = {
    "domains": "domain VARCHAR",
    "policies": "domain VARCHAR, policy_host VARCHAR, policy_http_status INTEGER, policy_body BLOB, policy_chain VARCHAR[]",
    "mx_hosts": "host VARCHAR, tlsa_lookups STRUCT(records STRUCT(usage INTEGER, selector INTEGER, matching INTEGER, data VARCHAR)[])[]",
    "endpoints": "host VARCHAR, server_name VARCHAR, ip VARCHAR, chain VARCHAR[]",
    "certificates": "sha256 VARCHAR, not_after TIMESTAMPTZ",
    "verdicts": "domain VARCHAR, provider VARCHAR, sts_id VARCHAR, outcome_dane VARCHAR, outcome_mta_sts VARCHAR",
    "mx_verdicts": "domain VARCHAR, host VARCHAR, provider VARCHAR, dane_host VARCHAR",
}


class Watch:
    """The rounds of a watch, ready to be asked. Safe to use from several threads: one question at a time. See `Watch.open`."""

    def __init__(self, folder: Path, rounds: list[dict[str, Any]]) -> None:
        self.folder = folder
        self.rounds = rounds
        self._lock = threading.Lock()
        self._con = duckdb.connect(":memory:")
        self._con.execute("SET TimeZone = 'UTC'")
        self._con.register("told_rounds", _frame(rounds).to_arrow())
        self._con.execute("CREATE TABLE rounds AS FROM told_rounds")
        for table in _EMPTY:
            self._attach(table)
        for name in ("macros.sql", "watch.sql"):
            self._con.execute((files(__package__) / "views" / name).read_text(encoding="utf-8"))

    @classmethod
    def open(cls, folder: str | Path) -> Watch:
        """Opens the folder of a series whose lane is ``watch``. Raises `NotADatasetError`.

        >>> Watch.open(watch_folder).ask("rollovers").frame["n"].to_list()
        []
        """
        path = Path(folder)
        try:
            rounds = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(path.glob("rounds/[0-9]*/round.json"))]
        except ValueError as error:
            raise NotADatasetError(f"{path}: a round cannot be read: {error}") from None
        if not rounds:
            raise NotADatasetError(f'{path}: no rounds in it; this is not the folder of a series with every = "1h"')
        if any(told.get("format") != FORMAT for told in rounds):
            raise NotADatasetError(f"{path}: rounds of another format; this package reads {FORMAT}")
        return cls(path, rounds)

    @property
    def made(self) -> str | None:
        """``lab``, ``demo`` or ``sample`` where nothing was measured on the internet; null of a real watch.

        >>> Watch.open(watch_folder).made is None
        True
        """
        return made.of_all(told.get("made") for told in self.rounds)

    @property
    def start(self) -> datetime:
        """When the first round began.

        >>> Watch.open(watch_folder).start.year
        2026
        """
        return datetime.fromisoformat(self.rounds[0]["began"])

    @property
    def end(self) -> datetime:
        """When the last round began.

        >>> Watch.open(watch_folder).end.hour
        1
        """
        return datetime.fromisoformat(self.rounds[-1]["began"])

    def ask(self, name: str) -> Answer:
        """Answers the question of that name: ``rollovers``, ``refusals``, ``policy_steps`` or ``renewals``. Raises `UnknownQuestionError`.

        >>> Watch.open(watch_folder).ask("refusals").question.unit[:6]
        'spells'
        """
        asked = watch_question(name)
        bound: dict[str, Value] = asked.bind({})
        return Answer(asked, intervals.with_intervals(self._run(asked.sql)), bound, Scope(), self.made)

    def sql(self, text: str) -> pl.DataFrame:
        """Runs a query of your own over the events (``rollovers``, ``refusals``, ``policy_steps``, ``renewals``), over ``rounds``, and
        over the rows that were kept (``sighted_verdicts`` and so on). Raises `QueryError`.

        >>> Watch.open(watch_folder).sql("SELECT count(*) AS k FROM rounds")["k"].to_list()
        [2]
        """
        try:
            return self._run(text)
        except duckdb.Error as error:
            raise QueryError(str(error)) from error

    def __repr__(self) -> str:
        told = f"Watch of {numbers.plural(self.rounds[-1]['domains'], 'domain')}, {numbers.plural(len(self.rounds), 'round')} from "
        told += f"{self.start:%-d %B %Y %H:%M} to {self.end:%-d %B %Y %H:%M} UTC. watch.ask(NAME) answers {', '.join(watch_questions())}."
        return "\n".join([*filter(None, [made.sentence(self.made)]), told])

    def _run(self, text: str) -> pl.DataFrame:
        with self._lock:
            frame = pl.from_arrow(self._con.sql(text).to_arrow_table())
        assert isinstance(frame, pl.DataFrame)
        return frame

    def _attach(self, table: str) -> None:
        parts = [str(path) for path in sorted(self.folder.glob(f"rounds/[0-9]*/{table}/*.parquet"))]
        if not parts:
            # The names pasted here are the constants above.
            self._con.execute(f"CREATE TABLE sighted_{table} (number BIGINT, seen_at TIMESTAMPTZ, {_EMPTY[table]})")
            return
        self._con.read_parquet(parts, filename=True, union_by_name=True).create_view(f"kept_{table}")
        self._con.execute(f"""
            CREATE VIEW sighted_{table} AS
            SELECT r.number, r.seen_at, k.* EXCLUDE (filename)
            FROM kept_{table} k JOIN rounds r ON r.round = regexp_extract(k.filename, '/rounds/([^/]+)/', 1)
        """)


def _frame(rounds: list[dict[str, Any]]) -> pl.DataFrame:
    began = [datetime.fromisoformat(told["began"]) for told in rounds]
    return pl.DataFrame(
        {
            "number": list(range(1, len(rounds) + 1)),
            "round": [told["name"] for told in rounds],
            "seen_at": pl.Series(began, dtype=pl.Datetime("us", "UTC")),
            "complete": [bool(told["complete"]) for told in rounds],
            "domains": [told["domains"] for told in rounds],
        }
    )
