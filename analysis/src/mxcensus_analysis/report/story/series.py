"""How the numbers went over three crawls or more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from ... import numbers
from ...answer import Answer
from ..blocks import Cell, Column, Figure, Section, Table
from ..charts import Curves, Line, Matrix
from ..facts import Facts
from .parts import table

AT_LEAST: Final = 3
ADOPTION: Final = {"mta-sts": ("MTA-STS", "sts", False), "dane": ("DANE", "dane", False), "tlsrpt": ("TLSRPT", "plain", True)}
AREAS: Final = {
    "web": ("MTA-STS: web server", "sts", False),
    "text": ("MTA-STS: what was published", "odd", True),
    "mail server": ("MTA-STS: mail server", "plain", False),
}
TLDS: Final = 10
COLUMNS: Final = 5


def section(facts: Facts) -> Section:
    return Section(
        "series",
        "How the numbers went",
        f"{numbers.plural(len(facts.series), 'crawl')}, from {facts.series.crawls[0].start:%-d %B %Y} to {facts.census.start:%-d %B %Y}. Each share is of that crawl's own list.",
        [_adoption(facts), _failing(facts), _areas(facts), _authenticated(facts), *_by_tld(facts), *_survival(facts)],
    )


def _days(facts: Facts) -> list[str]:
    """Names of the crawls: the day, and the minute where a day has several."""
    names = [census.name for census in facts.series]
    return names if len(set(names)) == len(names) else [f"{census.start:%Y-%m-%d %H:%M}" for census in facts.series]


def _curves(facts: Facts, lines: Mapping[tuple[str, str, bool], Sequence[float | None]], y_title: str) -> Curves:
    """Shares over the instants of the crawls."""
    starts = [census.start for census in facts.series]
    span = (starts[-1] - starts[0]).total_seconds() or 1.0
    xs = [(start - starts[0]).total_seconds() / span for start in starts]
    drawn = [
        Line(name, tone, [(x, value) for x, value in zip(xs, values, strict=True) if value is not None], dashed)
        for (name, tone, dashed), values in lines.items()
    ]
    days = _days(facts)
    # One between the ends, where it has room on a phone.
    between = [(x, day) for x, day in zip(xs, days, strict=True) if 0.35 <= x <= 0.65][:1]
    ticks = [(0.0, days[0]), *between, (1.0, days[-1])]
    return Curves(drawn, ticks, "start of the crawl", y_title)


def _went(name: str, values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return f"{name} is not known"
    return f"{name} went from {numbers.share(known[0])} to {numbers.share(known[-1])}"


def _basis(answers: Sequence[Answer], ns: Sequence[int], unjudged: Sequence[int]) -> str:
    asked = answers[0].question
    return (
        f"n from {numbers.count(min(ns, default=0))} to {numbers.count(max(ns, default=0))}: {asked.denominator}. Not judged, so in no share: "
        f"{numbers.count(min(unjudged, default=0))} to {numbers.count(max(unjudged, default=0))} ({asked.unjudged})."
    )


def _adoption(facts: Facts) -> Figure:
    answers = facts.over_time("adoption")
    shares = {mechanism: [answer.one("share", mechanism=mechanism) for answer in answers] for mechanism in ADOPTION}
    asked = [answer.one("share", publishes="mta-sts") for answer in facts.over_time("tlsrpt")]
    rows: list[list[Cell]] = [
        [day, answer.one("n", mechanism="mta-sts"), *(shares[mechanism][index] for mechanism in ADOPTION), asked[index]]
        for index, (day, answer) in enumerate(zip(_days(facts), answers, strict=True))
    ]
    sts = [answer.rows(mechanism="mta-sts") for answer in answers]
    columns = [
        Column("Crawl"),
        Column("n", "count"),
        *(Column(name, "share") for name, _, _ in ADOPTION.values()),
        Column("TLSRPT among MTA-STS", "share"),
    ]
    finding = f"{'; '.join(_went(ADOPTION[mechanism][0], values) for mechanism, values in shares.items())}."
    return Figure("Adoption over time", finding, _curves(facts, {ADOPTION[key]: values for key, values in shares.items()}, "share of domains that take mail"),
                  _basis(answers, [frame["n"][0] for frame in sts if frame.height], [frame["unjudged"][0] for frame in sts if frame.height]),
                  Table(columns, rows), ["adoption", "tlsrpt"])  # fmt: skip


def _fault(answer: Answer, mechanism: str, area: str | None = None) -> tuple[int, int, int]:
    """Failures (of one area), adopters, adopters that could not be judged."""
    rows = answer.rows(mechanism=mechanism)
    if not rows.height:
        return 0, 0, 0
    counted = rows if area is None else rows.filter(pl.col("area") == area)
    return int(counted["count"].sum()), int(rows["adopters"][0]), int(rows["unjudged"][0])


def _adopters(facts: Facts, index: int, mechanism: str) -> tuple[int, int]:
    """Adopters with a verdict, and those without, also where nobody fails."""
    frame = facts.over_time("verdicts")[index].rows(mechanism=mechanism).filter(pl.col("verdict") != "insecure")
    return int(frame["count"].sum()), int(frame["unjudged"].max() or 0)  # type: ignore[arg-type]


def _failing(facts: Facts) -> Figure:
    answers = facts.over_time("fault")
    names = {"mta-sts": ("MTA-STS", "sts", False), "dane": ("DANE", "dane", False)}
    shares: dict[tuple[str, str, bool], list[float | None]] = {names[name]: [] for name in names}
    rows: list[list[Cell]] = []
    ns: list[int] = []
    unjudged: list[int] = []
    for index, (day, answer) in enumerate(zip(_days(facts), answers, strict=True)):
        row: list[Cell] = [day]
        for mechanism, name in names.items():
            failing = _fault(answer, mechanism)[0]
            adopters, unknown = _adopters(facts, index, mechanism)
            shares[name].append(failing / adopters if adopters else None)
            row += [failing, adopters, shares[name][-1]]
            ns.append(adopters)
            unjudged.append(unknown)
        rows.append(row)
    columns = [Column("Crawl")]
    for title in ("MTA-STS", "DANE"):
        columns += [Column(f"{title} fails", "count"), Column("of adopters", "count"), Column("Share", "share")]
    finding = f"Of adopters failing: {'; '.join(_went(name[0], values) for name, values in shares.items())}."
    basis = (
        f"n from {numbers.count(min(ns))} to {numbers.count(max(ns))}: domains that publish the mechanism and have a verdict, without TLSA below unsigned DNS. "
        f"Not judged, so in no share: {numbers.count(min(unjudged))} to {numbers.count(max(unjudged))}."
    )
    return Figure(
        "Failing adopters over time",
        finding,
        _curves(facts, shares, "share of adopters that fail"),
        basis,
        Table(columns, rows),
        ["fault", "verdicts"],
    )


def _areas(facts: Facts) -> Figure:
    answers = facts.over_time("fault")
    counted = [[_fault(answer, "mta-sts", area) for area in AREAS] for answer in answers]
    lines = {
        name: [count / adopters if adopters else None for count, adopters, _ in (row[index] for row in counted)]
        for index, name in enumerate(AREAS.values())
    }
    signing = [_fault(answer, "dane", "DNSSEC") for answer in answers]
    lines["DANE: DNSSEC", "dane", False] = [count / adopters if adopters else None for count, adopters, _ in signing]
    parts = sorted({row["part"] for answer in answers for row in answer.rows(mechanism="mta-sts").iter_rows(named=True)})
    rows: list[list[Cell]] = [
        [day, counted[index][0][1], *(answer.one("count", mechanism="mta-sts", part=part) or 0 for part in parts)]
        for index, (day, answer) in enumerate(zip(_days(facts), answers, strict=True))
    ]
    columns = [Column("Crawl"), Column("MTA-STS adopters", "count"), *(Column(part, "count") for part in parts)]
    finding = f"Failures as a share of adopters: {'; '.join(_went(name[0], values) for name, values in lines.items())}."
    adopters = [row[0][1] for row in counted]
    basis = _basis(answers, adopters, [row[0][2] for row in counted]).replace(
        answers[0].question.denominator, "domains that publish MTA-STS and have a verdict"
    )
    return Figure(
        "Where failures come from, over time", finding, _curves(facts, lines, "share of adopters"), basis, Table(columns, rows), ["fault"]
    )


def _authenticated(facts: Facts) -> Figure:
    answers = facts.over_time("senders")
    senders = {"mta-sts": ("MTA-STS", "sts", False), "dane": ("DANE", "dane", False), "both": ("both", "best", True)}
    shares = {
        key: [
            (answer.one("share", sender=key, outcome="authenticated") or 0.0) if answer.rows(sender=key).height else None
            for answer in answers
        ]
        for key in senders
    }
    rows: list[list[Cell]] = [[day, *(shares[key][index] for key in senders)] for index, day in enumerate(_days(facts))]
    both = [answer.rows(sender="both") for answer in answers]
    finding = f"Authenticated: {'; '.join(_went(f'by a sender with {senders[key][0]}', values) for key, values in shares.items())}."
    return Figure("Authenticated over time", finding, _curves(facts, {senders[key]: values for key, values in shares.items()}, "share of domains that take mail"),
                  _basis(answers, [frame["n"][0] for frame in both if frame.height], [frame["unjudged"][0] for frame in both if frame.height]),
                  Table([Column("Crawl"), *(Column(name, "share") for name, _, _ in senders.values())], rows), ["senders"])  # fmt: skip


def _by_tld(facts: Facts) -> list[Figure]:
    answers = facts.over_time("adoption", by="tld")
    latest = answers[-1].rows(mechanism="mta-sts")
    tlds = latest["slice"].to_list()[:TLDS]
    if len(tlds) < 2:
        return []
    days = _days(facts)
    rows: list[list[Cell]] = [
        [f".{tld}", name, *(answer.one("share", slice=tld, mechanism=mechanism) for answer in answers)]
        for tld in tlds
        for mechanism, (name, _, _) in ADOPTION.items()
    ]
    sts = {tld: [answer.one("share", slice=tld, mechanism="mta-sts") for answer in answers] for tld in tlds}
    # As many as a phone has room for, the first and the last among them; the table has all.
    shown = sorted({round(index * (len(days) - 1) / (min(len(days), COLUMNS) - 1)) for index in range(min(len(days), COLUMNS))})
    values = {(f".{tld}", days[index]): sts[tld][index] or 0.0 for tld in tlds for index in shown}
    texts = {(f".{tld}", days[index]): numbers.share(sts[tld][index]) for tld in tlds for index in shown}
    ends = {tld: [answers[place].interval(slice=tld, mechanism="mta-sts") for place in (0, -1)] for tld in tlds}
    moved = [tld for tld, (first, last) in ends.items() if first and last and first.apart(last)]
    columns = [Column("TLD", "code"), Column("Mechanism"), *(Column(day, "share") for day in days)]
    basis = f"The {numbers.count(len(tlds))} largest top-level domains of the latest crawl; DANE and TLSRPT are in the table. n: {answers[0].question.denominator}, per crawl and top-level domain."
    told = numbers.listed(f".{tld} ({numbers.share(sts[tld][0])} to {numbers.share(sts[tld][-1])})" for tld in moved)
    finding = (
        f"Between the first crawl and the last MTA-STS changed by more than the intervals allow for under {told}."
        if moved
        else "Under none of the largest top-level domains do the intervals of the first crawl and the last stand apart."
    )
    chart = Matrix(
        [f".{tld}" for tld in tlds], [days[index] for index in shown], values, texts, "top-level domain", "share with MTA-STS at each crawl"
    )
    return [Figure("By top-level domain, over time", finding, chart, basis, Table(columns, rows), ["adoption"])]


def _survival(facts: Facts) -> list[Figure]:
    frames = {name: facts.series.survival(mechanism) for mechanism, name in (("mta-sts", "MTA-STS"), ("dane", "DANE"))}
    frames = {name: frame for name, frame in frames.items() if frame["n"][0]}
    if not frames:
        return []
    longest = max(float(frame["days"].max() or 0) for frame in frames.values())  # type: ignore[arg-type]
    if not longest:
        return []
    tones = {"MTA-STS": "sts", "DANE": "dane"}
    lines = [
        Line(name, tones[name], [(row["days"] / longest, row["share"]) for row in frame.iter_rows(named=True)], steps=True)
        for name, frame in frames.items()
    ]
    said = [
        f"of {name}'s {numbers.count(frame['n'][0])} failures {numbers.share(frame['share'][-1])} last {numbers.days(frame['days'][-1])} and longer"
        for name, frame in frames.items()
    ]
    both = pl.concat([frame.select(pl.lit(name).alias("mechanism"), pl.all()) for name, frame in frames.items()])
    columns = {"mechanism": ("Mechanism", "text"), "days": ("Days since first seen", "decimal"), "n": ("Followed", "count"), "count": ("Healed", "count"),
               "share": ("Still failing", "share"), "unjudged": ("Followed no further", "count")}  # fmt: skip
    finding = "; ".join(said)
    return [
        Figure(
            "How long failures last",
            f"{finding[0].upper()}{finding[1:]}.",
            Curves(
                lines, [(0, "0"), (0.5, f"{longest / 2:g}"), (1, f"{longest:g}")], "days since first seen failing", "share still failing"
            ),
            "Kaplan and Meier's estimate. A failure ends when the mechanism passes; whoever takes the record away, leaves the list or cannot be judged is followed no further. "
            "Healing is seen at the next crawl, and a failure is older than it looks in the first.",
            table(both, columns),
            [],
        )
    ]
