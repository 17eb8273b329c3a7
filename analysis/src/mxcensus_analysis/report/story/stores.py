"""Whose trust list decides: the same domains under several trust stores."""

from __future__ import annotations

from typing import Final

import polars as pl

from ... import numbers
from ..blocks import Figure, Section
from ..charts import Bar, Bars, Curves, Line, Pair, Pairs
from ..facts import Facts
from .parts import OUTCOMES, bar_text, basis_of, basis_per, stacks, table

ROOTS: Final = 12
# Curves need colours that can be told apart; more stores share them, and the labels tell.
TONES: Final = ("sts", "dane", "bad", "best", "weak", "odd", "good", "none")
FEW: Final = 10


def section(facts: Facts) -> Section:
    title = "Whose trust list decides"
    missing = facts.ask("store_outcomes").missing
    if missing:
        return Section("stores", title, "A verdict of MTA-STS is one trust store's.", notes=[missing])
    return Section(
        "stores",
        title,
        "A sender trusts the roots that its maker ships, so whether MTA-STS holds depends on who sends. Each store judges the same observations.",
        [_outcomes(facts), _roots(facts), _curve(facts), _few(facts), _named(facts)],
        [
            "A store is a list of roots: what a maker checks beside it (revocation, certificate transparency, rules in code) is not in it, nor which list a "
            "given sender really uses.",
        ],
    )


def _outcomes(facts: Facts) -> Figure:
    answer, between = facts.ask("store_outcomes"), facts.ask("store_disagreements")
    frame = answer.frame
    finding = "No domain publishes MTA-STS."
    if between.frame.height:
        sums = between.frame.group_by("finding").agg(pl.col("count").sum())
        found: dict[str, int] = dict(sums.iter_rows())
        n = between.frame["n"][0]
        finding = (
            f"{numbers.part(found['refused and delivered'], n)} domains have their mail refused under one store and delivered under another; "
            f"{numbers.part(found['protected and not'], n)} more are protected under one and not under another, since it does not trust the policy host."
        )
    chart = stacks(frame, "store", "outcome", OUTCOMES) if frame.height else None
    return Figure(
        "Mail under each trust store",
        finding,
        chart,
        basis_per(answer, "store"),
        table(frame, {"store": ("Store", "code")}),
        ["store_outcomes", "store_disagreements"],
    )


def _roots(facts: Facts) -> Figure:
    answer = facts.ask("store_roots")
    frame = answer.frame
    bars = [
        Bar(f"{row['root']} ({row['trusting']})", row["share"] or 0.0, bar_text(row["count"], row["n"]), "sts")
        for row in frame.head(ROOTS).iter_rows(named=True)
    ]
    finding = "Every root is in every store."
    if frame.height:
        top = frame.row(0, named=True)
        hang = frame.filter(pl.col("count") > 0).height
        finding = f"{numbers.plural(frame.height, 'root')} {numbers.verb(frame.height, 'is', 'are')} not trusted by all, or not for all it issues; domains hang on {numbers.count(hang)} of them."
        if top["count"]:
            finding += f" Most on {top['root']}: {numbers.part(top['count'], top['n'])} domains."
    columns = {"root": ("Root", "text"), "organisation": ("Organisation", "text"), "trusting": ("Trusted by", "code"), "refused_after": ("Refused from a day on", "code"),
               "trusted_by": ("Stores", "count"), "can_use": ("Domains that can use it", "count"), "count": ("Hang on it", "count"),
               "refused": ("Mail refused", "count"), "policies_lost": ("Policies not trusted", "count")}  # fmt: skip
    return Figure(
        "Roots that only some trust",
        finding,
        Bars(bars) if bars else None,
        basis_of(answer),
        table(frame, columns, drop=("sha256",)),
        ["store_roots"],
    )


def _curve(facts: Facts) -> Figure:
    answer = facts.ask("store_curve")
    frame = answer.frame
    stores = frame["store"].unique(maintain_order=True).to_list()
    size = int(frame["roots"].max() or 0)  # type: ignore[arg-type]
    lines = []
    for number, store in enumerate(stores):
        rows = frame.filter(pl.col("store") == store).iter_rows(named=True)
        points = [(0.0, 0.0), *((row["roots"] / size, row["share"] or 0.0) for row in rows)]
        lines.append(Line(store, TONES[number % len(TONES)], points, dashed=number >= len(TONES), steps=True))
    finding = "There is nothing to distrust."
    first = frame.filter((pl.col("roots") == 1) & pl.col("share").is_not_null()).sort("share", "store", descending=[True, False])
    if first.height:
        most, least = first.row(0, named=True), first.row(-1, named=True)
        finding = (
            f"The most used root alone stops mail for {numbers.share(most['share'])} of the domains that enforce under {most['store']} ({most['root']})"
            + (f", and for {numbers.share(least['share'])} under {least['store']} ({least['root']})." if first.height > 1 else ".")
        )
    columns = {"store": ("Store", "code"), "roots": ("Roots", "count"), "root": ("The last of them", "text"), "policies": ("Policies lost", "count"),
               "n_policies": ("n, policies", "count"), "policies_share": ("Share of policies", "share")}  # fmt: skip
    ticks = [(0.0, "0"), (1.0, str(size))]
    return Figure(
        "If roots go, store by store",
        finding,
        Curves(lines, ticks, "most used roots distrusted together", "share of mail refused") if lines else None,
        basis_per(answer, "store"),
        table(frame, columns),
        ["store_curve"],
    )


def _few(facts: Facts) -> Figure:
    answer = facts.ask("few_roots", roots=FEW)
    frame = answer.frame
    shares = {(row["store"], row["change"]): row for row in frame.iter_rows(named=True)}
    stores = [store for store in frame["store"].unique(maintain_order=True) if shares[store, "largest distrusted"]["n"]]
    pairs = []
    for store in stores:
        without, alone = (shares[store, f"largest {change}"] for change in ("distrusted", "alone trusted"))
        pairs.append(
            Pair(
                store, (without["share"], bar_text(without["count"], without["n"])), (alone["share"], bar_text(alone["count"], alone["n"]))
            )
        )
    finding = "No policy holds under any store."
    if stores:
        least = min(stores, key=lambda store: shares[store, "largest distrusted"]["share"])
        row = shares[least, "largest distrusted"]
        finding = f"Without the {FEW} largest roots MTA-STS would go on to work for {numbers.part(row['count'], row['n'])} domains under {least}, where it is fewest; {numbers.plural(row['used'], 'root')} {numbers.verb(row['used'], 'is', 'are')} in use there."
    columns = {
        "store": ("Store", "code"),
        "change": ("The largest", "text"),
        "policy_alone": ("Policy kept, mail refused", "count"),
        "used": ("Roots in use", "count"),
    }
    names = (f"{FEW} largest distrusted", f"{FEW} largest alone trusted")
    return Figure(
        "What the largest roots carry",
        finding,
        Pairs(pairs, names, ("bad", "sts")) if pairs else None,
        basis_per(answer, "store"),
        table(frame, columns),
        ["few_roots"],
    )


def _named(facts: Facts) -> Figure:
    answer = facts.ask("conditional_trust")
    frame = answer.frame
    bars = [Bar(row["store"], row["share"] or 0.0, bar_text(row["count"], row["n"]), "dane") for row in frame.iter_rows(named=True)]
    finding = "No store has a root."
    known = frame.filter(pl.col("per_domain").is_not_null())
    if known.height:
        row = known.sort("n", "store", descending=[True, False]).row(0, named=True)
        finding = (
            f"Today each of the {numbers.count(row['n'])} roots of {row['store']} can vouch for every domain. If each domain named its own, as with DANE-TA, "
            f"{numbers.count(row['count'])} would do for all {numbers.plural(row['domains'], 'domain')}, and each would depend on {row['per_domain']:.1f} on average."
        )
    columns = {"store": ("Store", "code"), "domains": ("Domains", "count"), "used": ("In use", "count"), "least": ("Needed at least", "count"),
               "count": ("Enough", "count"), "per_domain": ("Named by a domain", "decimal"), "at_most": ("At most", "count"), "unjudged": ("Refused from a day on", "count")}  # fmt: skip
    return Figure(
        "If each domain named its roots",
        finding,
        Bars(bars) if bars else None,
        f"{basis_per(answer, 'store')} A bound from above; the table has the one from below.",
        table(frame, columns),
        ["conditional_trust"],
    )
