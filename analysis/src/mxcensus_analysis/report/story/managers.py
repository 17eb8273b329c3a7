"""One's own servers or a third party's: who fails more often, and at which step."""

from __future__ import annotations

import polars as pl

from ... import numbers
from ..blocks import Figure
from ..charts import Bar, Bars, Matrix
from ..facts import Facts
from .parts import bar_text, basis_of, basis_per, stacks, table

MANAGERS = {"self": "dane", "unclassified": "none", "third-party": "sts", "unknown": "faint"}
SIDES = {"mx": "mail servers", "policy": "policy hosts"}
NAMES = {"self": "one's own", "unclassified": "unclassified", "third-party": "a third party's", "unknown": "unknown"}
STEPS = {"dns": "name", "connect": "connection", "tls": "TLS and certificate", "http": "HTTP", "policy": "text"}


def figures(facts: Facts) -> list[Figure]:
    return [_managers(facts), *_steps(facts), *_certificates(facts), *_dane(facts), *_entities(facts)]


def _managers(facts: Facts) -> Figure:
    answer = facts.ask("managers")
    frame = answer.frame
    finding = "Nobody publishes MTA-STS."
    if frame.height:
        own, third = (answer.rows(side="policy", manager=manager) for manager in ("self", "third-party"))
        if own.height and third.height:
            finding = (
                f"Policies on hosts of one's own cannot be had in {numbers.share(own['failing_share'][0])} of cases, those at third parties in "
                f"{numbers.share(third['failing_share'][0])}."
            )
        else:
            finding = f"{numbers.part(own['count'].sum(), frame.filter(pl.col('side') == 'policy')['n'].max())} policy hosts are the domain's own; third parties cannot be compared in a list this small."  # type: ignore[arg-type]
    chart = stacks(frame, "side", "manager", MANAGERS, names=SIDES) if frame.height else None
    columns = {"failing": ("Of these, failing", "count"), "failing_share": ("Failing share", "share")}
    thresholds = f"Third party: {answer.parameters['third_party_min']} domains or more; self: the domain's own name, or {answer.parameters['self_max']} domains or fewer."
    return Figure("One's own or a third party's", finding, chart, f"{basis_of(answer)} {thresholds}", table(frame, columns), ["managers"])


def _entities(facts: Facts) -> list[Figure]:
    answer = facts.ask("entities")
    if answer.frame.height < 2:
        return []
    bars = [
        Bar({"same": "mail and policy with one operator", "different": "with two"}[row["entities"]], row["mismatch_share"],
            f"{numbers.share(row['mismatch_share'])} ({numbers.count(row['mismatch'])} of {numbers.count(row['count'])})", "sts")
        for row in answer.frame.iter_rows(named=True)
    ]  # fmt: skip
    rows = {row["entities"]: row for row in answer.frame.iter_rows(named=True)}
    finding = (
        f"Where policy and mail are with two operators, the mx list misses a host in {numbers.share(rows['different']['mismatch_share'])} of cases; with one "
        f"operator in {numbers.share(rows['same']['mismatch_share'])}."
    )
    columns = {"mismatch": ("List misses a host", "count"), "mismatch_share": ("Share of these", "share")}
    return [Figure("Split between two operators", finding, Bars(bars), basis_of(answer), table(answer.frame, columns), ["entities"])]


def _steps(facts: Facts) -> list[Figure]:
    answer = facts.ask("faults_by_manager")
    frame = answer.frame
    if not frame.height:
        return []
    kinds = [kind for kind in NAMES if kind in frame["manager"]]
    cells = {(NAMES[row["manager"]], STEPS[row["step"]]): row for row in frame.iter_rows(named=True)}
    chart = Matrix([NAMES[kind] for kind in kinds], list(STEPS.values()), {key: row["share"] for key, row in cells.items()},
                   {key: numbers.share(row["share"]) for key, row in cells.items()}, "Policy host", "step that fails")  # fmt: skip
    top = frame.sort("count", descending=True).row(0, named=True)
    finding = f"The usual way to fail is {STEPS[top['step']]} on policy hosts that are {NAMES[top['manager']]}: {numbers.part(top['count'], top['n'])}."
    return [Figure("At which step policies fail", finding, chart, basis_per(answer, "manager", NAMES), table(frame), ["faults_by_manager"])]


def _certificates(facts: Facts) -> list[Figure]:
    answer = facts.ask("mx_certificate_faults")
    frame = answer.frame
    if not frame.height:
        return []
    bars = [
        Bar(row["fault"], row["share"], bar_text(row["count"], row["n"]), "bad", f"MX hosts: {NAMES[row['manager']]}")
        for row in frame.iter_rows(named=True)
    ]
    total, every, enforced = (frame[name].sum() for name in ("count", "every", "enforced"))
    finding = (
        f"{numbers.plural(total, 'domain')} with MTA-STS {numbers.verb(total, 'has', 'have')} an MX host with a certificate that a strict client refuses; "
        f"for {numbers.count(every)} it is every host, and {numbers.count(enforced)} {numbers.verb(enforced, 'enforces', 'enforce')} the policy."
    )
    columns = {"every": ("Every host", "count"), "enforced": ("Enforced", "count")}
    return [
        Figure(
            "MX certificates of MTA-STS adopters",
            finding,
            Bars(bars),
            basis_per(answer, "manager", NAMES),
            table(frame, columns),
            ["mx_certificate_faults"],
        )
    ]


def _dane(facts: Facts) -> list[Figure]:
    answer = facts.ask("dane_managers")
    frame = answer.frame.filter(pl.col("n") > 0)
    if frame.height < 2:
        return []
    bars = [Bar(NAMES[row["manager"]], row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])} of {numbers.count(row['n'])})", "dane")
            for row in frame.iter_rows(named=True)]  # fmt: skip
    worst, best = (
        frame.sort("share", "manager", descending=[True, False]).row(0, named=True),
        frame.sort("share", "manager").row(0, named=True),
    )
    finding = (
        f"DANE fails for {numbers.share(worst['share'])} of the domains whose mail servers are {NAMES[worst['manager']]} and for {numbers.share(best['share'])} of those "
        f"where they are {NAMES[best['manager']]}."
    )
    return [
        Figure(
            "DANE at one's own servers and elsewhere",
            finding,
            Bars(bars),
            basis_per(answer, "manager", NAMES),
            table(answer.frame),
            ["dane_managers"],
        )
    ]
