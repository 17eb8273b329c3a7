"""By the hour: what a watch saw between two crawls."""

from __future__ import annotations

from typing import Final

import polars as pl

from ... import numbers
from ...watch import Watch
from ..blocks import Figure, Section
from ..charts import Bar, Bars
from .parts import basis_of, basis_per, table

ROLLOVERS: Final = {"kept": ("records first", "best"), "early": ("records too early", "bad"), "late": ("records too late", "bad")}
STEPS: Final = {
    "together": ("policy and id together", "best"),
    "id-first": ("id first", "weak"),
    "policy-first": ("policy first", "weak"),
    "policy-only": ("policy alone", "bad"),
    "id-only": ("id alone", "good"),
}
_HOURS: Final = {
    "median_hours": ("Median hours", "decimal"),
    "longest_hours": ("Longest, hours", "decimal"),
    "hours": ("Hours, all", "decimal"),
}


def section(watch: Watch) -> Section:
    """Rollovers, refusals, policies out of step, renewals."""
    lost = (
        f" {numbers.plural(len(watch.rounds) - whole, 'round')} could not look at everybody."
        if (whole := _whole(watch)) < len(watch.rounds)
        else ""
    )
    return Section(
        "hours",
        "By the hour",
        f"Between crawls, {numbers.plural(watch.rounds[-1]['domains'], 'adopter')} {numbers.verb(watch.rounds[-1]['domains'], 'is', 'are')} watched: "
        f"{numbers.plural(len(watch.rounds), 'round')} from {watch.start:%-d %B %Y %H:%M} to {watch.end:%-d %B %Y %H:%M} UTC.{lost}",
        [_rollovers(watch), _refusals(watch), _steps(watch), _renewals(watch)],
    )


def _whole(watch: Watch) -> int:
    return sum(bool(told["complete"]) for told in watch.rounds)


def _rollovers(watch: Watch) -> Figure:
    answer = watch.ask("rollovers")
    finding = "No certificate above TLSA records changed."
    if answer.frame.height:
        n = answer.frame["n"][0]
        kept, early, late = (answer.rows(kind=kind) for kind in ROLLOVERS)
        finding = f"{numbers.part(_count(kept), n)} rollovers kept mail flowing."
        told = [
            f"{numbers.count(_count(rows))} {what} (half of them for {_hours(rows)} or longer)"
            for rows, what in ((early, "changed the records too early"), (late, "too late"))
            if rows.height
        ]
        finding += f" {numbers.listed(told)}." if told else ""
    bars = [
        Bar(
            ROLLOVERS[row["kind"]][0],
            row["share"],
            f"{numbers.share(row['share'])} ({numbers.count(row['count'])})",
            ROLLOVERS[row["kind"]][1],
        )
        for row in answer.frame.iter_rows(named=True)
    ]
    return Figure(
        "Rollovers, to the hour", finding, Bars(bars) if bars else None, basis_of(answer), table(answer.frame, _HOURS), ["rollovers"]
    )


def _refusals(watch: Watch) -> Figure:
    answer = watch.ask("refusals")
    finding = "No domain came to refuse mail during the watch."
    if answer.frame.height:
        spells, hours = answer.frame["count"].sum(), answer.frame["hours"].sum() or 0
        finding = f"{numbers.plural(spells, 'time')} a domain came to refuse mail; those that ended took {numbers.plural(round(hours), 'hour')} together."
    bars = [
        Bar(row["length"], row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])})", "bad", row["mechanism"])
        for row in answer.frame.iter_rows(named=True)
    ]
    return Figure(
        "How long mail was refused",
        finding,
        Bars(bars) if bars else None,
        basis_per(answer, "mechanism"),
        table(answer.frame, _HOURS),
        ["refusals"],
    )


def _steps(watch: Watch) -> Figure:
    answer = watch.ask("policy_steps")
    finding = "No policy and no id changed."
    if answer.frame.height:
        n = answer.frame["n"][0]
        unseen = answer.frame.filter(pl.col("kind").is_in(["policy-first", "policy-only", "id-first"]))["count"].sum()
        finding = f"Of {numbers.plural(n, 'change')}, {numbers.part(unseen, n)} left senders with an old policy: its id had not changed, or had changed before it."
    bars = [
        Bar(STEPS[row["kind"]][0], row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])})", STEPS[row["kind"]][1])
        for row in answer.frame.iter_rows(named=True)
    ]
    return Figure(
        "Policies and their ids", finding, Bars(bars) if bars else None, basis_of(answer), table(answer.frame, _HOURS), ["policy_steps"]
    )


def _renewals(watch: Watch) -> Figure:
    answer = watch.ask("renewals")
    finding = "No certificate gave way to another."
    if answer.frame.height:
        late = answer.rows(renewed="after its end")["count"].sum()
        finding = f"{numbers.part(late, answer.frame['count'].sum())} certificates were renewed after their end."
    bars = [
        Bar(
            row["renewed"],
            row["share"],
            f"{numbers.share(row['share'])} ({numbers.count(row['count'])})",
            "bad" if row["renewed"] == "after its end" else "plain",
            row["place"],
        )
        for row in answer.frame.iter_rows(named=True)
    ]
    shown = table(answer.frame, {"median_hours_left": ("Median hours left", "decimal")})
    return Figure("Renewals before the end", finding, Bars(bars) if bars else None, basis_per(answer, "place"), shown, ["renewals"])


def _count(rows: pl.DataFrame) -> int:
    return int(rows["count"].sum())


def _hours(rows: pl.DataFrame) -> str:
    median = rows["median_hours"][0]
    return "an unknown time" if median is None else numbers.plural(round(median), "hour")
