"""What to repair first."""

from __future__ import annotations

from math import log

import polars as pl

from ... import numbers
from ..blocks import Chart, Figure, Section
from ..charts import Bar, Bars, Curves, Line
from ..facts import Facts
from .parts import bar_text, basis_of, basis_per, table


def section(facts: Facts) -> Section:
    return Section(
        "broken-hosts",
        "What to repair first",
        "Broken MX hosts, those that serve the most domains first, and what their operators can read in the reports that senders write.",
        [_hosts(facts), _sizes(facts), *_curve(facts), _reports(facts)],
    )


def _hosts(facts: Facts) -> Figure:
    answer = facts.ask("broken_hosts")
    frame = answer.frame.select("host", "failure", "result_type", "count", "n")
    columns = {
        "host": ("MX host", "code"),
        "failure": ("Failure", "code"),
        "result_type": ("As in TLS reports", "code"),
        "count": ("Domains", "count"),
        "n": ("Serves", "count"),
    }
    finding = "No MX host fails under a mechanism in force."
    if frame.height:
        broken, affected = answer.frame["broken"][0], answer.frame["affected"][0]
        finding = (
            f"{numbers.plural(broken, 'host')} {numbers.verb(broken, 'is', 'are')} broken under the mechanism in force there (DANE, else an MTA-STS policy), and "
            f"{numbers.plural(affected, 'domain')} {numbers.verb(affected, 'names', 'name')} one of them. Whoever runs the first ones can repair the most."
        )
    return Figure(
        "Broken hosts",
        finding,
        None,
        "Of all MX hosts that domains in this list name. Domains: for which the host fails. A host that a policy leaves out is not broken: the policy is.",
        table(frame, columns),
        ["broken_hosts"],
        table_open=True,
    )


def _sizes(facts: Facts) -> Figure:
    answer = facts.ask("domains_per_host")
    frame = answer.frame.filter(pl.col("n") > 0)
    bars = [
        Bar(f"serves {row['serves']}", row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])} of {numbers.count(row['n'])} hosts)", "bad")
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip
    said = "No MX host was decided."
    if bars:
        first, last = frame.row(0, named=True), frame.row(-1, named=True)
        said = f"Of hosts that serve {first['serves']}, {numbers.share(first['share'])} are broken"
        said += f"; of those that serve {last['serves']}, {numbers.share(last['share'])}." if len(bars) > 1 else "."
    return Figure(
        "Large hosts and small ones",
        said,
        Bars(bars) if bars else None,
        basis_per(answer, "serves"),
        table(answer.frame),
        ["domains_per_host"],
    )


def _curve(facts: Facts) -> list[Figure]:
    answer = facts.ask("served_curve")
    most = answer.frame["serves"].max() if answer.frame.height else None
    if not isinstance(most, int) or most < 10:
        return []
    lines = []
    for hosts, tone, dashed in (("in order", "best", False), ("broken", "bad", True)):
        rows = answer.rows(hosts=hosts)
        points = [(log(row["serves"]) / log(most), row["share"]) for row in rows.iter_rows(named=True)]
        # On to the right edge: nobody serves more.
        lines.append(Line(hosts, tone, [*points, (1.0, 1.0)] if points else [], dashed, steps=True))
    ticks = [(log(step) / log(most), numbers.count(step)) for step in (10**power for power in range(9)) if step <= most]
    chart: Chart = Curves(lines, ticks, "domains that the host serves at most (each step ten times more)", "share of hosts")
    single = {hosts: answer.one("share", hosts=hosts, serves=1) or 0.0 for hosts in ("in order", "broken")}
    finding = f"One domain and no more is served by {numbers.share(single['in order'])} of the hosts that are in order and by {numbers.share(single['broken'])} of the broken ones."
    return [
        Figure(
            "How much hangs on a host",
            finding,
            chart,
            basis_per(answer, "hosts"),
            table(answer.frame, {"domains_share": ("Share of domains", "share")}),
            ["served_curve"],
        )
    ]


def _reports(facts: Facts) -> Figure:
    answer = facts.ask("result_types")
    bars = [Bar(row["result_type"], row["share"], bar_text(row["count"], row["n"]), "bad") for row in answer.frame.iter_rows(named=True)]
    finding = "A sender that reports would have nothing to say of these domains."
    if bars:
        top = answer.frame.row(0, named=True)
        finding = (
            f"A sender that does both and writes TLS reports (RFC 8460) would most often write `{top['result_type']}`: to {numbers.part(top['count'], top['n'])} domains that publish "
            "one of the two mechanisms. Operators can hold this against the reports that they get."
        )
    return Figure(
        "What TLS reports would say", finding, Bars(bars) if bars else None, basis_of(answer), table(answer.frame), ["result_types"]
    )
