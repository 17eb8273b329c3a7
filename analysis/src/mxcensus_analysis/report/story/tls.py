"""The TLS underneath: versions, certificates, keys, addresses."""

from __future__ import annotations

import polars as pl

from ... import numbers
from ..blocks import Figure, Section
from ..charts import Bar, Bars
from ..facts import Facts
from . import places
from .parts import basis_of, basis_per, stacks, table

MIXED = "null-mixed"
SIDES = {"mx": "mail servers", "policy": "policy hosts"}
VERSIONS = {"TLSv1.3": "best", "TLSv1.2": "good", "TLSv1.1": "weak", "TLSv1.0": "bad", "SSLv3": "odd2"}
STARTTLS = {"offered": "works", "not-offered": "not offered", "failed": "offered, and fails"}
LIFETIMES = {
    "up to 10 days": "best",
    "11 to 100 days": "good",
    "101 to 200 days": "faint",
    "201 to 398 days": "weak",
    "1 to 3 years": "bad",
    "over 3 years": "odd2",
}


def section(facts: Facts) -> Section:
    return Section(
        "tls",
        "The TLS underneath",
        "What mail servers and policy hosts show, whether or not anybody asks for more.",
        [
            _starttls(facts),
            _certificates(facts),
            _versions(facts),
            _keys(facts),
            _issuers(facts),
            _lifetimes(facts),
            _defects(facts),
            _ipv6(facts),
            places.addresses(facts),
            *places.vantages(facts),
        ],
        _notes(facts),
    )


def _starttls(facts: Facts) -> Figure:
    answer = facts.ask("starttls")
    finding = "No MX host answered."
    if answer.frame.height:
        works, missing, fails = (answer.one("count", starttls=word) or 0 for word in ("offered", "not-offered", "failed"))
        n = answer.frame["n"][0]
        hurt = answer.frame.filter(pl.col("starttls") != "offered")["domains"].sum()
        finding = (
            f"STARTTLS works at {numbers.part(works, n)} MX hosts; {numbers.count(missing)} do not offer it and at {numbers.count(fails)} it fails. "
            f"Without it mail to {numbers.plural(hurt, 'domain')} can go in the clear."
        )
    bars = [
        Bar(STARTTLS[row["starttls"]], row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])})", "best" if row["starttls"] == "offered" else "bad")
        for row in answer.frame.iter_rows(named=True)
    ]  # fmt: skip
    return Figure("STARTTLS", finding, Bars(bars) if bars else None, basis_of(answer), table(answer.frame), ["starttls"])


def _certificates(facts: Facts) -> Figure:
    answer = facts.ask("mx_certificates")
    bars = [
        Bar(
            row["certificate"],
            row["share"],
            f"{numbers.share(row['share'])} ({numbers.count(row['count'])})",
            "best" if row["certificate"] == "valid" else "bad",
        )
        for row in answer.frame.iter_rows(named=True)
    ]
    finding = "No MX host answered."
    if bars:
        n = answer.frame["n"][0]
        valid, clear = (answer.one("count", certificate=word) or 0 for word in ("valid", "no-tls"))
        finding = f"{numbers.part(valid, n)} MX hosts show a certificate that a strict client accepts; {numbers.part(clear, n)} have no working STARTTLS."
    return Figure(
        "Certificates of MX hosts",
        finding,
        Bars(bars) if bars else None,
        basis_of(answer),
        table(answer.frame),
        ["mx_certificates"],
    )


def _versions(facts: Facts) -> Figure:
    answer = facts.ask("tls_versions")
    finding = "No host spoke TLS."
    if answer.frame.height:
        mx = answer.rows(side="mx")
        modern = answer.one("share", side="mx", version="TLSv1.3") or 0.0
        old = mx.filter(pl.col("version").is_in(["TLSv1.1", "TLSv1.0", "SSLv3"]))["count"].sum()
        finding = f"{numbers.share(modern)} of mail servers agree to TLS 1.3; {numbers.plural(old, 'host')} {numbers.verb(old, 'speaks', 'speak')} nothing newer than 1.1, which MTA-STS does not accept."
    chart = stacks(answer.frame, "side", "version", VERSIONS, names=SIDES) if answer.frame.height else None
    return Figure("TLS versions", finding, chart, basis_per(answer, "side", SIDES), table(answer.frame), ["tls_versions"])


def _keys(facts: Facts) -> Figure:
    answer = facts.ask("keys")
    bars = [
        Bar(f"{row['key_type']} {row['key_bits'] or ''}".strip(), row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])})",
            "bad" if row["key_type"] == "rsa" and (row["key_bits"] or 0) < 2048 else "plain", SIDES[row["side"]])
        for side in SIDES
        for row in answer.rows(side=side).head(6).iter_rows(named=True)
    ]  # fmt: skip
    finding = "No certificate was shown."
    if bars:
        weak = answer.frame.filter((pl.col("side") == "mx") & (pl.col("key_type") == "rsa") & (pl.col("key_bits") < 2048))["count"].sum()
        exchange = facts.ask("key_exchange")
        post = exchange.rows(post_quantum=True)["count"].sum()
        finding = f"{numbers.plural(weak, 'mail server')} {'has' if weak == 1 else 'have'} an RSA key below 2048 bits."
        if exchange.frame.height:
            finding += f" {numbers.part(post, exchange.frame['n'][0])} agree to a key exchange that a quantum computer could not undo."
    return Figure(
        "Keys",
        finding,
        Bars(bars) if bars else None,
        basis_per(answer, "side", SIDES),
        table(answer.frame, {"key_bits": ("Bits", "code")}),
        ["keys"],
    )


def _issuers(facts: Facts) -> Figure:
    answer = facts.ask("issuers")
    bars = [
        Bar(row["issuer"], row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])})", "plain", SIDES[row["side"]])
        for side in SIDES
        for row in answer.rows(side=side).head(6).iter_rows(named=True)
    ]
    finding = "No certificate was shown."
    if bars:
        tops = [(SIDES[side], answer.rows(side=side)) for side in SIDES]
        finding = "The largest issuer: " + "; ".join(
            f"for {name} {rows['issuer'][0]} ({numbers.share(rows['share'][0])})" for name, rows in tops if rows.height
        )
        finding += "."
    return Figure(
        "Issuers",
        finding,
        Bars(bars) if bars else None,
        basis_per(answer, "side", SIDES),
        table(answer.frame, {"issuer": ("Issuer", "text")}),
        ["issuers"],
    )


def _lifetimes(facts: Facts) -> Figure:
    answer = facts.ask("certificate_lifetimes")
    finding = "No certificate was shown."
    if answer.frame.height:
        short = answer.rows(side="mx").filter(pl.col("validity").is_in(["up to 10 days", "11 to 100 days"]))
        finding = f"{numbers.share(short['share'].sum())} of mail servers show a certificate of 100 days or less, so a TLSA record of its whole certificate lives no longer."
    chart = stacks(answer.frame, "side", "validity", LIFETIMES, names=SIDES) if answer.frame.height else None
    return Figure("Lifetimes", finding, chart, basis_per(answer, "side", SIDES), table(answer.frame), ["certificate_lifetimes"])


def _defects(facts: Facts) -> Figure:
    answer = facts.ask("mx_defects")
    frame = answer.frame.filter(pl.col("count") > 0)
    units = {True: "domains", False: "MX hosts"}
    bars = [
        Bar(row["defect"], row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])} of {numbers.count(row['n'])} {units[row['defect'] == MIXED]})", "weak")
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip
    finding = "No MX record is defective."
    if frame.height:
        literal = answer.one("count", defect="address-literal") or 0
        finding = f"The most frequent defect of MX records is {frame['defect'][0]} ({numbers.count(frame['count'][0])}); {numbers.count(literal)} MX records hold an IP address where a name must stand."
    hosts, mixed = answer.frame.filter(pl.col("defect") != MIXED), answer.rows(defect=MIXED)
    foundation = "; ".join(
        f"{unit}: n = {numbers.count(rows['n'].max())}, not judged {numbers.count(rows['unjudged'].max())}"  # type: ignore[arg-type]
        for unit, rows in (("MX hosts named by a domain", hosts), (f"of `{MIXED}` the domains that take mail", mixed))
        if rows.height
    )
    return Figure("Defects of MX records", finding, Bars(bars) if bars else None, f"{foundation}.", table(answer.frame), ["mx_defects"])


def _ipv6(facts: Facts) -> Figure:
    answer = facts.ask("ipv6")
    bars = [
        Bar(
            row["what"],
            row["share"],
            f"{numbers.share(row['share'])} ({numbers.count(row['count'])} of {numbers.count(row['n'])})",
            "plain",
        )
        for row in answer.frame.iter_rows(named=True)
        if row["n"]
    ]
    some = answer.one("share", what="domains: some MX host has IPv6")
    finding = f"{numbers.share(some)} of domains can be reached over IPv6." if bars else "No MX host has an address."
    return Figure(
        "IPv6",
        finding,
        Bars(bars) if bars else None,
        f"{answer.question.denominator[0].upper()}{answer.question.denominator[1:]}.",
        table(answer.frame),
        ["ipv6"],
    )


def _notes(facts: Facts) -> list[str]:
    algorithms = facts.frame("signature_algorithms").filter(pl.col("signature_algorithm").str.contains("(?i)sha1|md5"))
    count = algorithms["count"].sum()
    return [f"{numbers.plural(count, 'host')} showed a certificate signed with SHA-1 or MD5."] if count else []
