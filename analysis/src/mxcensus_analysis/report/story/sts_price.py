"""What MTA-STS costs: first contact, policies, time, and trust in roots."""

from __future__ import annotations

import polars as pl

from ... import numbers
from ..blocks import Figure, Section
from ..charts import Bar, Bars, Curves, Line, Matrix, Pair, Pairs, Range, Ranges
from ..facts import Facts
from .parts import basis, basis_of, table

AGES = ("0", "under a day", "1 to 6 days", "1 to 3 weeks", "4 weeks to 5 months", "6 months to a year")
ID_AGES = ("under 30 days", "1 to 6 months", "6 to 12 months", "1 to 2 years", "over 2 years", "in the future", "no date")
ROOTS = 12


def section(facts: Facts) -> Section:
    return Section(
        "mta-sts",
        "The price of MTA-STS",
        "MTA-STS trusts the first answer, remembers it for max_age, and needs a web server beside the mail server.",
        [_policies(facts), *_ages(facts), _first_contact(facts), _unsigned(facts), _time(facts)],
    )


def _policies(facts: Facts) -> Figure:
    answer = facts.ask("mode_max_age")
    values = {(row["mode"], row["max_age"]): float(row["count"]) for row in answer.frame.iter_rows(named=True)}
    modes = [mode for mode in ("enforce", "testing", "none") if any(mode == key[0] for key in values)]
    ages = [age for age in AGES if any(age == key[1] for key in values)]
    texts = {key: numbers.count(value) for key, value in values.items()}
    finding = "There is no valid policy."
    if values:
        n = answer.frame["n"][0]
        enforce = answer.rows(mode="enforce")["count"].sum()
        short = answer.frame.filter(pl.col("max_age").is_in(AGES[:3]))["count"].sum()
        finding = f"{numbers.part(enforce, n)} valid policies enforce; {numbers.part(short, n)} have a max_age below the week that the RFC expects at least."
    chart = Matrix(modes, ages, values, texts, "Mode", "max_age") if values else None
    return Figure("Mode and max_age", finding, chart, basis_of(answer), table(answer.frame), ["mode_max_age"])


def _ages(facts: Facts) -> list[Figure]:
    """Only where some id holds a date."""
    answer = facts.ask("id_age")
    dated = answer.frame.filter(pl.col("age") != "no date")
    if not dated.height:
        return []
    values = {(row["mode"], row["age"]): float(row["count"]) for row in answer.frame.iter_rows(named=True)}
    modes = [mode for mode in ("enforce", "testing", "none") if any(mode == key[0] for key in values)]
    ages = [age for age in ID_AGES if any(age == key[1] for key in values)]
    n, known = answer.frame["n"][0], dated["count"].sum()
    old = dated.filter(pl.col("age").is_in(ID_AGES[3:5]))["count"].sum()
    finding = f"{numbers.part(known, n)} policies have an id that holds a date; {numbers.count(old)} of these are older than a year."
    chart = Matrix(modes, ages, values, {key: numbers.count(value) for key, value in values.items()}, "Mode", "age of the id")
    return [Figure("Age of the policies, by their ids", finding, chart, basis_of(answer), table(answer.frame), ["id_age"])]


def _first_contact(facts: Facts) -> Figure:
    answer, kept = facts.ask("first_contact"), facts.ask("first_contact", refresh="eager")
    frame = answer.frame
    rows = {row["mail"]: row for row in frame.iter_rows(named=True)}
    eager = {row["mail"]: row["mean_exposed"] for row in kept.frame.iter_rows(named=True)}
    n = rows["daily"]["n"]
    pairs = [
        Pair(f"{mail} mail", (row["mean_exposed"], numbers.share(row["mean_exposed"])), (eager[mail], numbers.share(eager[mail])))
        for mail, row in rows.items()
        if n
    ]
    finding = "No policy enforces, so nothing is protected after first contact."
    if n:
        weekly, monthly = rows["weekly"], rows["monthly"]
        finding = (
            f"A model, not a measurement: an attacker hides the policy at each first contact. Of a sender that writes once a week and fetches only when it must, {numbers.share(weekly['mean_exposed'])} "
            f"of the messages go out unprotected; of one that writes once a month {numbers.share(monthly['mean_exposed'])}, since {numbers.part(monthly['count'], n)} policies are "
            "forgotten before the next message. Refreshing at every message helps where max_age outlasts the interval."
        )
    columns = {"mean_exposed": ("Mean exposed", "share"), "median_exposed": ("Median exposed", "share"), "p90_exposed": ("90th centile", "share"),
               "shield_days": ("Median shield, days", "decimal"), "lag_days": ("Median lag, days", "decimal"), "count": ("Never protected", "count")}  # fmt: skip
    chart = Pairs(pairs, ("fetches when it must", "refreshes at every message"), ("sts", "plain")) if pairs else None
    return Figure(
        "Messages without a live policy",
        finding,
        chart,
        f"{basis_of(answer)} Means over domains.",
        table(frame, columns),
        ["first_contact"],
    )


def _unsigned(facts: Facts) -> Figure:
    answer = facts.ask("unsigned_dns")
    rows = {row["signed"]: row for row in answer.frame.iter_rows(named=True)}
    bars = [
        Bar(f"signed: {name}", row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])})", "sts")
        for name, row in rows.items()
        if row["n"]
    ]
    n = rows["neither"]["n"] if rows else 0
    finding = "There is no valid policy whose DNS could be judged."
    if n:
        unsigned = rows["neither"]["count"] + rows["policy host only"]["count"]
        finding = f"{numbers.part(unsigned, n)} records hang on unsigned DNS: whoever can forge it makes the policy vanish for new senders."
    return Figure(
        "On signed or unsigned DNS", finding, Bars(bars) if bars else None, basis_of(answer), table(answer.frame), ["unsigned_dns"]
    )


def _time(facts: Facts) -> Figure:
    answer = facts.ask("https_cost")
    names = {"dns": "DNS", "connect": "connect", "tls": "TLS", "http": "HTTP", "https": "connect, TLS and HTTP together"}
    rows = {row["phase"]: row for row in answer.frame.iter_rows(named=True)}
    ranges = [
        Range(
            name,
            rows[key]["p10_ms"],
            rows[key]["median_ms"],
            rows[key]["p90_ms"],
            numbers.milliseconds(rows[key]["median_ms"]),
            "dane" if key == "dns" else "sts",
        )
        for key, name in names.items()
        if key in rows
    ]
    finding = "No policy was fetched to the end."
    if rows and rows["dns"]["median_ms"]:
        finding = (
            f"At the median the web part of a policy fetch takes {numbers.milliseconds(rows['https']['median_ms'])}, "
            f"{rows['https']['median_ms'] / rows['dns']['median_ms']:.1f} times the DNS look-up before it ({numbers.milliseconds(rows['dns']['median_ms'])})."
        )
    columns = {f"{name}_ms": (f"{name.capitalize()}, ms", "decimal") for name in ("median", "p10", "p90", "p99")}
    chart = Ranges(ranges, "Band: from the 10th to the 90th centile. Tick: the median.") if ranges else None
    return Figure(
        "What HTTPS costs in time", finding, chart, basis_of(answer), table(answer.frame, columns, drop=("count",)), ["https_cost"]
    )


def roots(facts: Facts) -> Section:
    return Section(
        "roots",
        "Who must be trusted",
        "Every policy and every authenticated MX host hangs on a CA root. If a root is distrusted, policies that hang on it alone can no longer be fetched "
        "(protection is lost, mail flows), and mail to hosts that hang on it alone is refused by senders that still hold the policy.",
        [_dependence(facts), _curve(facts)],
    )


def _dependence(facts: Facts) -> Figure:
    answer = facts.ask("roots")
    frame = answer.frame
    pairs = [
        Pair(
            row["root"],
            (row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])})"),
            (row["mail_share"], f"{numbers.share(row['mail_share'])} ({numbers.count(row['mail_refused'])})"),
        )
        for row in frame.head(ROOTS).iter_rows(named=True)
    ]
    finding = "No policy and no MX host of an enforced policy has an anchor."
    if frame.height:
        top = frame.row(0, named=True)
        finding = (
            f"{numbers.plural(frame.height, 'root')} {numbers.verb(frame.height, 'carries', 'carry')} MTA-STS here. If {top['root']} alone were distrusted, {numbers.part(top['mail_refused'], top['n_mail'])} "
            f"domains with an enforced policy would have their mail refused, and {numbers.part(top['count'], top['n'])} policies could not be fetched."
        )
    columns = {"root": ("Root", "text"), "organisation": ("Organisation", "text"), "policies": ("Policies that can use it", "count"), "count": ("Policies on it alone", "count"),
               "mail": ("Domains that can use it", "count"), "mail_refused": ("Mail refused", "count"), "mail_degraded": ("Some hosts refused", "count"),
               "n_mail": ("n, mail", "count"), "mail_share": ("Share, mail", "share")}  # fmt: skip
    return Figure(
        "If one root is distrusted",
        finding,
        Pairs(pairs, ("policies lost", "mail refused"), ("sts", "bad")) if pairs else None,
        basis_of(answer),
        table(frame, columns, drop=("sha256",)),
        ["roots"],
    )


def _curve(facts: Facts) -> Figure:
    answer = facts.ask("root_curve")
    frame = answer.frame
    finding = "There is nothing to distrust."
    chart = None
    if frame.height:
        size = frame.height
        points = [((k / size), row["share"] or 0.0) for k, row in enumerate(frame.iter_rows(named=True), 1)]
        policies = [((k / size), row["policies_share"] or 0.0) for k, row in enumerate(frame.iter_rows(named=True), 1)]
        start = [(0.0, 0.0)]
        chart = Curves(
            [
                Line("mail refused", "bad", start + points, steps=True),
                Line("policies lost", "sts", start + policies, dashed=True, steps=True),
            ],
            [(0, "0"), (1, str(size))],
            "most used roots distrusted together",
            "share",
        )
        half = next((row for row in frame.iter_rows(named=True) if (row["share"] or 0) >= 0.5), None)
        if half:
            which = "the most used root alone" if half["roots"] == 1 else f"the {half['roots']} most used roots together"
            finding = f"Distrusting {which} stops mail for {numbers.share(half['share'])} of the domains that enforce."
        else:
            last = frame.row(-1, named=True)
            finding = (
                f"Even all {last['roots']} roots together would stop mail for {numbers.share(last['share'])} of the domains that enforce."
            )
    columns = {"roots": ("Roots", "count"), "root": ("The last of them", "text"), "policies": ("Policies lost", "count"), "n_policies": ("n, policies", "count"),
               "policies_share": ("Share of policies", "share")}  # fmt: skip
    n, unjudged = (frame["n"][0], frame["unjudged"][0]) if frame.height else (0, 0)
    return Figure("If several are", finding, chart, basis(answer, n, unjudged), table(frame, columns), ["root_curve"])
