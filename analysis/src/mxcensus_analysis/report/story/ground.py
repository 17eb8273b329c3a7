"""What mail stands on: whoever runs the name servers, and whose network it is in."""

from __future__ import annotations

import polars as pl

from ... import numbers
from ..blocks import Figure, Section, Table
from ..charts import Bar, Bars, Matrix
from ..facts import Facts
from .parts import bar_text, basis, basis_of, basis_per, table

MAIL = {"self": "one's own mail", "unclassified": "unclassified mail", "third-party": "mail at a third party", "unknown": "mail unknown"}
DNS = {
    "self": "own DNS",
    "same": "DNS with the mail",
    "unclassified": "unclassified DNS",
    "third-party": "DNS at another",
    "unknown": "DNS not seen",
}
TOP = 10
WITHOUT = "No table of networks was brought (`--networks FILE`), and an address alone does not tell whose it is."


def section(facts: Facts) -> Section:
    return Section(
        "ground",
        "Who runs the DNS and the network",
        "DANE is only as good as the name servers below it, and mail and policies stand in networks that neither mechanism names.",
        [_signed(facts), _dane(facts), _without_tlsa(facts), _failing(facts), *_networks(facts)],
        [] if facts.census.networks else [WITHOUT],
    )


def _signed(facts: Facts) -> Figure:
    answer = facts.ask("dnssec_operators")
    frame = answer.frame.filter(pl.col("n") > 0)
    bars = [Bar(row["operator"], row["share"], bar_text(row["count"], row["n"]), "dane") for row in frame.head(TOP).iter_rows(named=True)]
    finding = "The name servers of no domain were seen."
    if bars:
        count, n = frame["count"].sum(), frame["n"].sum()
        finding = f"Of the domains at the {numbers.count(frame.height)} largest DNS operators {numbers.part(count, n)} are in signed zones"
        islands = frame["no_chain"].sum()
        finding += f"; {numbers.count(islands)} more are signed in vain, for no chain of trust leads there." if islands else "."
    columns = {"operator": ("DNS operator", "code"), "no_chain": ("Signed without a chain", "count"), "bogus": ("Broken", "count")}
    return Figure(
        "DNSSEC by DNS operator",
        finding,
        Bars(bars) if bars else None,
        basis_per(answer, "operator"),
        table(answer.frame, columns),
        ["dnssec_operators"],
    )


def _dane(facts: Facts) -> Figure:
    answer = facts.ask("dane_dns")
    frame = answer.frame.filter(pl.col("n") > 0)
    finding, chart = "Nobody publishes DANE.", None
    if frame.height:
        cells = {(MAIL[row["mail"]], DNS[row["dns"]]): row for row in frame.iter_rows(named=True)}
        chart = Matrix(
            [name for word, name in MAIL.items() if word in frame["mail"]],
            [name for word, name in DNS.items() if word in frame["dns"]],
            {key: row["share"] for key, row in cells.items()},
            {key: f"{numbers.share(row['share'])} of {numbers.count(row['n'])}" for key, row in cells.items()},
            "Who runs the mail",
            "share whose DANE fails, by who runs the DNS",
        )
        together, apart = (frame.filter(pl.col("dns").is_in(words)) for words in (["self", "same"], ["third-party"]))
        finding = "DANE fails for " + " and for ".join(
            f"{numbers.part(rows['count'].sum(), rows['n'].sum())} domains whose DNS is {where}"
            for rows, where in ((together, "their own or with their mail"), (apart, "with somebody else"))
            if rows.height
        )
        finding = f"{finding}." if together.height or apart.height else "Of no domain with DANE it is known who runs its DNS."
    limits = f"Third party: {answer.parameters['third_party_min']} domains or more; self: {answer.parameters['self_max']} or fewer."
    told = basis(answer, frame["n"].sum(), answer.frame["unjudged"].sum())
    return Figure("DANE by who runs mail and DNS", finding, chart, f"{told} {limits}", table(answer.frame), ["dane_dns"])


def _without_tlsa(facts: Facts) -> Figure:
    answer = facts.ask("signed_without_tlsa")
    frame = answer.frame.filter(pl.col("count") > 0)
    bars = [Bar(row["operator"], row["share"], bar_text(row["count"], row["n"]), "weak") for row in frame.head(TOP).iter_rows(named=True)]
    finding = "No MX host in a signed zone lacks TLSA records."
    if bars:
        finding = (
            f"{numbers.count(frame['count'].sum())} MX hosts in signed zones publish no TLSA records; they serve "
            f"{numbers.plural(frame['domains'].sum(), 'domain')} that are one record away from DANE. Most are at {frame['operator'][0]}."
        )
    columns = {"operator": ("DNS operator", "code")}
    return Figure(
        "Signed, and no TLSA records",
        finding,
        Bars(bars) if bars else None,
        basis_per(answer, "operator"),
        table(answer.frame, columns),
        ["signed_without_tlsa"],
    )


def _failing(facts: Facts) -> Figure:
    answer = facts.ask("tlsa_name_servers")
    frame = answer.frame
    bars = [Bar(row["operator"], row["share"], bar_text(row["count"], row["n"]), "bad") for row in frame.head(TOP).iter_rows(named=True)]
    finding = "No operator's name servers failed when they were asked for TLSA records."
    if bars:
        finding = (
            f"Name servers of {numbers.plural(frame.height, 'operator')} answered for an MX host's address and failed for its TLSA records; a DANE sender must not "
            f"deliver to {numbers.plural(frame['refused'].sum(), 'host')} of these."
        )
    columns = {"operator": ("DNS operator", "code"), "refused": ("No delivery", "count")}
    return Figure(
        "Name servers that fail on TLSA",
        finding,
        Bars(bars) if bars else None,
        basis_per(answer, "operator"),
        table(frame, columns),
        ["tlsa_name_servers"],
    )


def _networks(facts: Facts) -> list[Figure]:
    if not facts.census.networks:
        # An empty figure would look like a world without networks.
        return []
    made = []
    for name, what, tone in (("mx_networks", "Where mail arrives", "plain"), ("policy_networks", "Where policies stand", "sts")):
        for by, words in (("asn", "by network"), ("country", "by country")):
            answer = facts.ask(name, by=by)
            bars = [
                Bar(row["place"], row["share"], bar_text(row["count"], row["n"]), tone)
                for row in answer.frame.head(TOP).iter_rows(named=True)
            ]
            top = answer.frame.row(0, named=True) if bars else None
            finding = (
                f"{top['place']} holds {numbers.part(top['count'], top['n'])} domains."
                if top
                else "The table knows no address of the crawl."
            )
            shown: Table = table(answer.frame, {"place": ("AS" if by == "asn" else "Country", "code")})
            made.append(Figure(f"{what}, {words}", finding, Bars(bars) if bars else None, basis_of(answer), shown, [name]))
    return made
