"""Who publishes what."""

from __future__ import annotations

import polars as pl

from ... import intervals, numbers
from ..blocks import Chart, Figure, Section
from ..charts import Bar, Bars, Curves, Line, Pair, Pairs
from ..facts import Facts
from .parts import basis, stands_out, table

NAMES = {
    "spf": "SPF",
    "dmarc": "DMARC",
    "dnssec": "DNSSEC (MX records signed)",
    "mta-sts": "MTA-STS",
    "mta-sts enforced": "MTA-STS, enforced",
    "tlsrpt": "TLSRPT",
    "tlsa": "TLSA records, signed or not",
    "dane": "DANE (signed TLSA records)",
}
TONES = {"mta-sts": "sts", "mta-sts enforced": "sts", "dane": "dane", "tlsa": "dane"}
TLDS = 12
BINS = 20


def section(facts: Facts) -> Section:
    return Section(
        "adoption",
        "Who publishes what",
        "Every mechanism that says how mail for a domain should travel or who may send it, on one list of domains, in one crawl.",
        [_overall(facts), _by_tld(facts), *_by_rank(facts)],
    )


def _overall(facts: Facts) -> Figure:
    answer = facts.ask("adoption")
    rows = {row["mechanism"]: row for row in answer.frame.iter_rows(named=True)}
    bars = []
    for mechanism, row in rows.items():
        moved = numbers.change(row["share"], facts.then("adoption", "share", {"mechanism": mechanism}))
        bars.append(
            Bar(NAMES[mechanism], row["share"], numbers.share(row["share"]) + (f" {moved}" if moved else ""), TONES.get(mechanism, "plain"))
        )
    finding = "No domain in this list takes mail."
    if rows and rows["mta-sts"]["n"]:
        both = {NAMES[name].split(" (")[0]: rows[name] for name in ("mta-sts", "dane")}
        first = stands_out(answer.frame.filter(pl.col("mechanism").is_in(["mta-sts", "dane"])), "mechanism")
        told = numbers.listed(
            f"{name} by {numbers.share(row['share'])} ({numbers.interval(intervals.of(row))})" for name, row in both.items()
        )
        apart = (
            f"; the intervals do not touch, so {NAMES[first].split(' (')[0]} is published more widely" if first else "; the intervals touch"
        )
        signed = rows["dnssec"]["share"]
        finding = f"Published: {told}{apart}. {numbers.share(signed)} have signed MX records, without which DANE cannot start."
    n = rows["mta-sts"]["n"] if rows else 0
    return Figure("Adoption", finding, Bars(bars) if bars else None, basis(answer, n, rows["mta-sts"]["unjudged"] if rows else 0),
                  table(answer.frame, drop=("slice",)), ["adoption"])  # fmt: skip


def _by_tld(facts: Facts) -> Figure:
    answer = facts.ask("adoption", by="tld")
    frame = answer.frame.filter(pl.col("mechanism").is_in(["mta-sts", "dane"]))
    tlds = frame["slice"].unique(maintain_order=True).to_list()[:TLDS]
    cells = {(row["slice"], row["mechanism"]): row for row in frame.iter_rows(named=True)}

    def side(tld: str, mechanism: str) -> tuple[float | None, str]:
        row = cells[tld, mechanism]
        return row["share"], f"{numbers.share(row['share'])} of {numbers.count(row['n'])}"

    pairs = [Pair(f".{tld}", side(tld, "mta-sts"), side(tld, "dane")) for tld in tlds]
    said = []
    for mechanism, name in (("mta-sts", "MTA-STS"), ("dane", "DANE")):
        held = frame.filter((pl.col("mechanism") == mechanism) & pl.col("slice").is_in(tlds) & (pl.col("n") > 0))
        top = stands_out(held, "slice")
        said.append(
            f"{name} stands out under .{top} ({numbers.share(cells[top, mechanism]['share'])})"
            if top
            else f"for {name} none stands apart from all others"
        )
    finding = (
        f"Among the {len(tlds)} largest top-level domains, by intervals that do not touch: {'; '.join(said)}."
        if tlds
        else "No top-level domain can be compared."
    )
    n = sum(row["n"] for row in frame.filter(pl.col("mechanism") == "mta-sts").iter_rows(named=True))
    unjudged = sum(row["unjudged"] for row in frame.filter(pl.col("mechanism") == "mta-sts").iter_rows(named=True))
    return Figure("By top-level domain", finding, Pairs(pairs, ("MTA-STS", "DANE"), ("sts", "dane")) if pairs else None, basis(answer, n, unjudged),
                  table(answer.frame, {"slice": ("TLD", "code")}, limit=160), ["adoption"])  # fmt: skip


def _by_rank(facts: Facts) -> list[Figure]:
    """Only where the list has ranks, in bins that are round and leave about twenty."""
    greatest = facts.census.sql("SELECT max(rank) AS rank FROM verdicts")["rank"][0]
    if not greatest or greatest < BINS:
        return []
    size = next(step for step in (10**k * m for k in range(12) for m in (1, 2, 5)) if step * BINS >= greatest)
    answer = facts.ask("adoption", by="rank", bin=size)
    frame = answer.frame.filter(pl.col("slice") != "unranked")
    bins = frame["slice"].unique(maintain_order=True).to_list()
    if len(bins) < 3:
        return []
    lines = []
    for mechanism, tone, dashed in (("mta-sts", "sts", False), ("dane", "dane", False), ("tlsrpt", "plain", True)):
        shares = {row["slice"]: row["share"] for row in frame.filter(pl.col("mechanism") == mechanism).iter_rows(named=True)}
        points = [((index + 0.5) / len(bins), shares[name]) for index, name in enumerate(bins) if shares.get(name) is not None]
        lines.append(Line(NAMES[mechanism].split(" (")[0], tone, points, dashed))
    chart: Chart = Curves(
        lines,
        [(0, "1"), (0.5, numbers.count(greatest / 2)), (1, numbers.count(greatest))],
        f"rank in the list, bins of {numbers.count(size)}",
        "share of the bin's domains",
    )
    top, bottom = (
        {row["mechanism"]: row["share"] for row in frame.filter(pl.col("slice") == name).iter_rows(named=True)}
        for name in (bins[0], bins[-1])
    )
    finding = (
        f"From the first bin of ranks to the last, MTA-STS goes from {numbers.share(top['mta-sts'])} to {numbers.share(bottom['mta-sts'])} and DANE "
        f"from {numbers.share(top['dane'])} to {numbers.share(bottom['dane'])}."
    )
    sts = frame.filter(pl.col("mechanism") == "mta-sts")
    return [Figure("By rank", finding, chart, basis(answer, sts["n"].sum(), sts["unjudged"].sum()),
                   table(frame, {"slice": ("Ranks", "code")}), ["adoption"])]  # fmt: skip
