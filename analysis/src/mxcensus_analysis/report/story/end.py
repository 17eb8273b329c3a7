"""What could be done next, what is not known, how it was done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ... import numbers
from ...citation import list_name
from ..blocks import Cell, Column, Figure, Section, Table
from ..charts import Bar, Bars
from ..facts import Facts
from .parts import basis_per, table

READY = {
    "mta-sts": ("could publish MTA-STS today", "sts"),
    "dane": ("could publish DANE today", "dane"),
    "dane by signing": ("have DANE as soon as they sign their zone", "dane"),
}

# What the short report tells of the crawl.
ESSENTIAL = ("List", "Domains", "Began", "Ended", "Complete", "Seen from", "DNSSEC", "Trust store", "Rules")


def ready(facts: Facts) -> Section:
    answer = facts.ask("ready")
    bars = [
        Bar(
            READY[row["mechanism"]][0],
            row["share"],
            f"{numbers.share(row['share'])} ({numbers.count(row['count'])} of {numbers.count(row['n'])})",
            READY[row["mechanism"]][1],
        )
        for row in answer.frame.iter_rows(named=True)
        if row["n"]
    ]
    finding = "Nobody is left who could."
    if bars:
        sts, dane = (answer.one("count", mechanism=name) or 0 for name in ("mta-sts", "dane"))
        finding = f"{numbers.plural(sts, 'domain')} need only a record and a policy; {numbers.plural(dane, 'domain')} need only TLSA records at their mail hosts."
    reports = facts.ask("tlsrpt")
    rows = {row["publishes"]: row for row in reports.frame.iter_rows(named=True)}
    asked = [
        Bar(name, rows[key]["share"], f"{numbers.share(rows[key]['share'])} ({numbers.count(rows[key]['count'])})", tone)
        for key, name, tone in (
            ("mta-sts", "of those with MTA-STS", "sts"),
            ("dane", "of those with DANE", "dane"),
            ("neither", "of those with neither", "plain"),
        )
        if key in rows and rows[key]["n"]
    ]
    said = "Nobody can be asked."
    if asked:
        said = f"{numbers.part(rows['all']['count'], rows['all']['n'])} domains ask to be told of TLS failures (TLSRPT)."
        if "mta-sts" in rows:
            said = (
                f"{numbers.part(rows['mta-sts']['count'], rows['mta-sts']['n'])} adopters of MTA-STS ask to be told of failures (TLSRPT)."
            )
    columns = {"defective": ("Defective", "count"), "mail": ("By mail", "count"), "web": ("By web", "count")}
    return Section(
        "ready",
        "Within reach",
        "Protection that waits only for a few records.",
        [
            Figure(
                "Ready, and not published",
                finding,
                Bars(bars) if bars else None,
                basis_per(answer, "mechanism"),
                table(answer.frame),
                ["ready"],
            ),
            Figure(
                "Who asks for reports",
                said,
                Bars(asked) if asked else None,
                basis_per(reports, "publishes"),
                table(reports.frame, columns),
                ["tlsrpt"],
            ),
        ],
    )


def unjudged(facts: Facts) -> Section:
    answer = facts.ask("unjudged")
    bars: list[Bar] = []
    for what in answer.frame["what"].unique(maintain_order=True):
        bars += [
            Bar(
                row["reason"],
                row["share"],
                f"{numbers.share(row['share'])} ({numbers.count(row['count'])})",
                "none",
                f"{what} (of {numbers.count(row['n'])})",
            )
            for row in answer.rows(what=what).head(6).iter_rows(named=True)
        ]
    hosts = answer.rows(what="MX hosts")
    finding = "Everything could be judged."
    if answer.frame.height:
        silent = hosts["count"].sum()
        finding = (
            f"{numbers.part(silent, hosts['n'][0])} MX hosts could not be judged." if hosts.height else "Every MX host could be judged."
        )
        finding += " A server that is silent or turns a stranger away says nothing about its TLS, so it is in no share above."
    again = facts.ask("transient")
    healed, tried = again.frame["count"].sum(), again.frame["n"].sum()
    notes = (
        [
            f"Of {numbers.plural(tried, 'failure')} that {'was' if tried == 1 else 'were'} looked at again later in the crawl, {numbers.count(healed)} had healed."
        ]
        if tried
        else []
    )
    return Section(
        "unjudged",
        "What is not known",
        "No share in this report counts what could not be judged, neither as good nor as bad. This much is missing, and why.",
        [
            Figure(
                "Not judged",
                finding,
                Bars(bars) if bars else None,
                "Of the number in each heading.",
                table(answer.frame, drop=("unjudged",)),
                ["unjudged"],
            ),
            *_bias(facts),
        ],
        notes,
    )


def brief(facts: Facts) -> Section:
    """What is missing and how it was done, for the short report."""
    whole, done = unjudged(facts), method(facts)
    crawl = done.figures[0]
    rows = [row for row in crawl.table.rows if row[0] in ESSENTIAL]
    lead = f"{whole.figures[0].finding} {done.lead}"
    return Section("method", "What is not known, and how this was done", lead, [replace(crawl, table=Table(crawl.table.columns, rows))])


def _bias(facts: Facts) -> list[Figure]:
    answer = facts.ask("untestable")
    frame = answer.frame
    if not frame.height:
        return []
    words = {"both": "publish both", "mta-sts only": "MTA-STS only", "dane only": "DANE only", "neither": "publish neither"}
    bars = [Bar(words[row["publishes"]], row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])} of {numbers.count(row['n'])})", "none")
            for row in frame.iter_rows(named=True)]  # fmt: skip
    away, listed, n = (int(frame[name].sum()) for name in ("turned_away", "listed", "n"))
    finding = (
        f"{numbers.part(away, n)} domains have an MX host that turned this client away, {numbers.count(listed)} of them with words about blocklists or policy. "
        "Where the untestable share differs between the groups, what was measured is not what everybody would see."
    )
    columns = {"turned_away": ("Turned away", "count"), "listed": ("By a list", "count"), "count": ("Not testable", "count")}
    return [
        Figure(
            "Are the untestable different?",
            finding,
            Bars(bars),
            f"n beside each share: {answer.question.denominator}.",
            table(frame, columns, drop=("unjudged",)),
            ["untestable"],
        )
    ]


def method(facts: Facts) -> Section:
    manifest, judgement = facts.census.manifest, facts.census.judgement
    crawl = Table([Column("What"), Column("Value")], _crawl(manifest, judgement, facts.census.is_complete))
    limits = sorted((manifest["runs"][0].get("limits") or {}).items())
    in_force = Table(
        [Column("Limit"), Column("Value")], [[name.replace("_", " "), "none" if value is None else str(value)] for name, value in limits]
    )
    return Section(
        "method",
        "How this was done",
        "Each domain's DNS records were looked up, its policy fetched over HTTPS, and every distinct MX address contacted once on port 25 up to the TLS handshake: no "
        "message was sent. The scan recorded what it saw; every verdict follows from that record, a set of trusted roots and an instant, and can be "
        "recomputed. Definitions are in the project's rules and dataset pages.",
        [
            Figure("The crawl", "As its manifest has it.", None, "", crawl, [], table_open=True),
            *([Figure("Limits in force", "What kept the crawl polite.", None, "", in_force, [])] if limits else []),
        ],
    )


def _crawl(manifest: dict[str, Any], judgement: dict[str, Any], complete: bool) -> list[list[Cell]]:
    source, runs = manifest["input"], manifest["runs"]
    workers = manifest.get("workers") or []
    resolver, store = manifest.get("resolver") or {}, manifest.get("trust_store") or {}
    tool, tls = manifest.get("tool") or {}, manifest.get("tls") or {}
    pauses = sum(len(run.get("pauses") or []) for run in runs)
    rejected, repeated = numbers.count(source.get("rejected") or 0), numbers.count(source.get("duplicates") or 0)

    def of_workers(key: str) -> str:
        return "; ".join(dict.fromkeys(str(worker[key]) for worker in workers if worker.get(key))) or "not stated"

    families = numbers.listed(dict.fromkeys(family for worker in workers for family in worker.get("families") or [])) or "no family stated"
    return [
        ["List", f"{list_name(source.get('name'))}, SHA-256 {str(source.get('sha256') or 'not known')[:16]}"],
        ["Domains", f"{numbers.count(source.get('rows') or 0)}; {rejected} lines rejected, {repeated} duplicates"],
        ["Began", _instant(runs[0].get("start"))],
        ["Ended", _instant(runs[-1].get("end")) or "not ended"],
        ["Complete", "yes" if complete else "no"],
        ["Runs and pauses", f"{numbers.plural(len(runs), 'run')}, {numbers.plural(pauses, 'pause')}"],
        ["Seen from", f"{of_workers('vantage')}, over {families}".replace("`", "")],
        ["Introduced itself as", of_workers("ehlo_name")],
        ["Contact", of_workers("contact")],
        ["DNSSEC", f"{resolver.get('dnssec')}, by way of {', '.join(resolver.get('addresses') or []) or 'the system'}"],
        ["TLS library", f"{tls['name']} {tls.get('version') or ''}".strip() if tls.get("name") else "not stated"],
        [
            "Trust store",
            f"{list_name(store.get('name'))}, {numbers.plural(store.get('roots') or 0, 'root')}, SHA-256 {str(store.get('sha256') or '')[:16]}",
        ],
        ["Judged at", _instant(judgement.get("instant")) or "the instant of each observation"],
        ["Reading", "lenient" if judgement.get("lenient") else "strict"],
        [
            "Rules",
            f"version {judgement.get('rules_version')}, {tool.get('name')} {tool.get('version')} {str(tool.get('commit') or '')[:12]}".strip(),
        ],
        ["Public Suffix List", manifest.get("public_suffix_list") or "not stated"],
    ]


def _instant(written: str | None) -> str | None:
    """An RFC 3339 instant, to the minute."""
    return f"{datetime.fromisoformat(written).astimezone(UTC):%Y-%m-%d %H:%M} UTC" if written else None
