"""Does what is published hold, and do the two mechanisms agree?"""

from __future__ import annotations

import polars as pl

from ... import intervals, numbers
from ..blocks import Cell, Column, Figure, Section, Table
from ..charts import Bar, Bars, Matrix, Pair, Pairs
from ..facts import Facts
from .parts import VERDICTS, basis_of, basis_per, stacks, stands_out, table

NAMES = {"mta-sts": "MTA-STS", "dane": "DANE"}
AREAS = {"web": "weak", "text": "odd2", "mail server": "bad", "DNSSEC": "odd"}
AREA_WORDS = {"web": "web server", "text": "what was published", "mail server": "mail server", "DNSSEC": "DNSSEC"}
FAILURES = 12
TLDS = 12
# Adopters below which a share by top-level domain says nothing.
ENOUGH = 20
UNSIGNED = "not signed"
TITLE = "Does it hold?"
LEAD = "Publishing is not protecting. A broken MTA-STS policy leaves mail silently unprotected; a failing enforced one, or a failing DANE, stops it."


def section(facts: Facts) -> Section:
    return Section(
        "holds",
        TITLE,
        LEAD,
        [
            _verdicts(facts),
            _fault(facts),
            _failures(facts, "mta-sts"),
            _failures(facts, "dane"),
            *_mismatches(facts),
            *_by_tld(facts),
            _sensitivity(facts),
        ],
        _notes(facts),
    )


def brief(facts: Facts) -> Section:
    """What holds and whose fault it is, for the short report."""
    return Section("holds", TITLE, LEAD, [_verdicts(facts), _fault(facts)])


def _verdicts(facts: Facts) -> Figure:
    answer = facts.ask("verdicts")
    said = []
    for mechanism, name in NAMES.items():
        rows = answer.rows(mechanism=mechanism)
        if rows.height:
            said.append(
                f"{name} holds at every MX host for {numbers.part(answer.one('count', mechanism=mechanism, verdict='pass') or 0, rows['n'][0])}"
            )
    finding = "; ".join(said) + " of its adopters." if said else "Nobody in this list publishes either mechanism."
    unsigned = answer.one("count", mechanism="dane", verdict="insecure")
    if unsigned:
        finding += f" Of DANE's, {numbers.count(unsigned)} stand below unsigned DNS: without effect, and no failure."
    held, in_force = (
        answer.one("count", mechanism="mta-sts", verdict="pass") or 0,
        facts.one("standing", "count", {"mechanism": "mta-sts", "state": "in-order"}) or 0,
    )
    if held > in_force:
        finding += f" Of MTA-STS's, {numbers.count(held - in_force)} are in mode testing or expire at once, so the first page does not call them in order."
    chart = stacks(answer.frame, "mechanism", "verdict", VERDICTS, names=NAMES) if said else None
    both = [answer.rows(mechanism=mechanism) for mechanism in NAMES]
    foundation = " ".join(
        f"{name}: n = {numbers.count(held['n'][0] if held.height else 0)}, not judged {numbers.count(held['unjudged'][0] if held.height else 0)}."
        for name, held in zip(NAMES.values(), both, strict=True)
    )
    return Figure("The verdicts", finding, chart, foundation, table(answer.frame, drop=("slice",)), ["verdicts"])


def _fault(facts: Facts) -> Figure:
    answer = facts.ask("fault")
    bars = [
        Bar(row["part"], row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])})", AREAS[row["area"]], f"{NAMES[row['mechanism']]}: "
            f"{numbers.count(row['n'])} of {numbers.count(row['adopters'])} adopters fail")
        for row in answer.frame.iter_rows(named=True)
    ]  # fmt: skip
    legend = {AREA_WORDS[area]: tone for area, tone in AREAS.items() if area in answer.frame["area"]}
    said = []
    web = answer.rows(mechanism="mta-sts", area="web")
    sts = answer.rows(mechanism="mta-sts")
    dane = answer.rows(mechanism="dane")
    if sts.height:
        said.append(
            f"The policy host (name, connection, TLS, HTTP), which DANE does not need, is at fault in {numbers.part(web['count'].sum(), sts['n'][0])} MTA-STS failures"
        )
    if dane.height:
        signing = dane.filter(pl.col("area") == "DNSSEC")["count"].sum()
        said.append(f"DNSSEC, which MTA-STS does not need, in {numbers.part(signing, dane['n'][0])} DANE failures")
    finding = ("; ".join(said) + ".") if said else "Nothing that was published fails."
    return Figure("Whose fault it is", finding, Bars(bars, legend) if bars else None, basis_per(answer, "mechanism", NAMES),
                  table(answer.frame, {"share_of_adopters": ("Of adopters", "share")}), ["fault"])  # fmt: skip


def _failures(facts: Facts, mechanism: str) -> Figure:
    answer = facts.ask("failures_mta_sts" if mechanism == "mta-sts" else "failures_dane")
    frame = answer.frame
    named = frame.group_by("stage", "failure", maintain_order=True).agg(
        pl.col("count").sum(), pl.col("n").first(), pl.col("unjudged").first()
    )
    named = named.with_columns((pl.col("count") / pl.col("n")).alias("share")).sort(
        "count", "stage", "failure", descending=[True, False, False]
    )
    tone = "sts" if mechanism == "mta-sts" else "dane"
    bars = [
        Bar(
            f"{row['stage']}: {row['failure']}",
            row["share"],
            f"{numbers.share(row['share'])} ({numbers.count(row['count'])})",
            "faint" if row["stage"] == UNSIGNED else tone,
        )
        for row in named.head(FAILURES).iter_rows(named=True)
    ]
    name = NAMES[mechanism]
    finding = f"No {name} adopter fails."
    # Unsigned is no failure: the records have no effect, and mail flows.
    real = named.filter(pl.col("stage") != UNSIGNED)
    if real.height:
        top = real.row(0, named=True)
        finding = (
            f"The most frequent failure of {name} is `{top['failure']}` ({top['stage']}): {numbers.part(top['count'], top['n'])} adopters."
        )
        if named.height > FAILURES:
            finding += f" {numbers.plural(named.height - FAILURES, 'rarer one')} {numbers.verb(named.height - FAILURES, 'is', 'are')} in the table."
    unsigned = named.filter(pl.col("stage") == UNSIGNED)["count"].sum()
    if unsigned:
        finding += f" {numbers.count(unsigned)} more publish TLSA records that have no effect, since something on the way is not signed."
    return Figure(
        f"How {name} fails", finding, Bars(bars) if bars else None, basis_of(answer), table(frame, drop=("slice",)), [answer.question.name]
    )


def _mismatches(facts: Facts) -> list[Figure]:
    answer = facts.ask("mx_mismatches")
    if not answer.frame.height:
        return []
    words = {
        "domain": "another domain altogether",
        "3ld-mta-sts": "an mta-sts label in the list",
        "3ld": "same domain, other labels",
        "wildcard-depth": "wildcard one label short",
        "tld": "another suffix",
        "typo": "a typo",
    }
    bars = [
        Bar(
            words[row["class"]],
            row["share"],
            f"{numbers.share(row['share'])} ({numbers.count(row['count'])}, {numbers.count(row['enforced'])} enforced)",
            "sts",
        )
        for row in answer.frame.iter_rows(named=True)
    ]
    top = answer.frame.row(0, named=True)
    total, enforced = answer.frame["count"].sum(), answer.frame["enforced"].sum()
    finding = (
        f"{numbers.part(total, top['n'])} policies miss an MX host of their domain, {numbers.count(enforced)} of them enforced, so that mail is "
        f"refused there. The usual way: {words[top['class']]}."
    )
    return [Figure("How mx lists miss", finding, Bars(bars), basis_of(answer), table(answer.frame), ["mx_mismatches"])]


def _by_tld(facts: Facts) -> list[Figure]:
    """Where enough domains adopt a mechanism that a share says something."""
    answer = facts.ask("verdicts", by="tld")
    failing = pl.col("verdict").is_in(["broken", "fail", "partial", "unusable", "lookup-failed"])
    frame = (
        answer.frame.group_by("slice", "mechanism", maintain_order=True)
        .agg(
            pl.col("count").filter(failing).sum(),
            pl.col("count").filter(pl.col("verdict") != "insecure").sum().alias("n"),
            pl.col("unjudged").first(),
        )
        .with_columns(share=pl.when(pl.col("n") > 0).then(pl.col("count") / pl.col("n")))
        .select("slice", "mechanism", "count", "n", "share", "unjudged")
    )
    frame = intervals.with_intervals(frame)
    cells = {(row["slice"], row["mechanism"]): row for row in frame.iter_rows(named=True)}
    tlds = [
        tld
        for tld in frame["slice"].unique(maintain_order=True)
        if all((cells.get((tld, name)) or {"n": 0})["n"] >= ENOUGH for name in NAMES)
    ][:TLDS]
    if len(tlds) < 2:
        return []

    def side(tld: str, mechanism: str) -> tuple[float | None, str]:
        row = cells[tld, mechanism]
        return row["share"], f"{numbers.share(row['share'])} of {numbers.count(row['n'])}"

    pairs = [Pair(f".{tld}", side(tld, "mta-sts"), side(tld, "dane")) for tld in tlds]
    said = []
    for mechanism, name in NAMES.items():
        top = stands_out(frame.filter((pl.col("mechanism") == mechanism) & pl.col("slice").is_in(tlds)), "slice")
        told = (
            f"fails more often under .{top} than under any other ({numbers.share(cells[top, mechanism]['share'])} of its adopters there)"
            if top
            else "fails nowhere so much more often that the intervals do not touch"
        )
        said.append(f"{name} {told}")
    finding = f"{'; '.join(said)}."
    shown = frame.filter(pl.col("slice").is_in(tlds))
    return [
        Figure(
            "Failures by top-level domain",
            finding,
            Pairs(pairs, ("MTA-STS fails", "DANE fails"), ("sts", "dane")),
            f"Top-level domains with {ENOUGH} adopters of each at least; n beside each share: {answer.question.denominator}, of DANE without TLSA below unsigned DNS.",
            table(shown, {"slice": ("TLD", "code"), "count": ("Fail", "count")}),
            ["verdicts"],
        )
    ]


def _sensitivity(facts: Facts) -> Figure:
    """The same rates without the largest providers, and without what was inferred."""
    scopes: list[tuple[str, dict[str, int | bool]]] = [
        ("all domains", {}),
        ("without the largest provider", {"without_top_operators": 1}),
        ("without the 5 largest", {"without_top_operators": 5}),
        ("without the 10 largest", {"without_top_operators": 10}),
    ]
    if facts.frame("population")["inferred"].sum():
        scopes.append(("without inferred rows", {"include_inferred": False}))
    rows: list[list[Cell]] = []
    for name, scope in scopes:
        adoption, verdicts, senders = (facts.ask(asked, before=False, **scope) for asked in ("adoption", "verdicts", "senders"))
        rows.append([
            name, adoption.one("n", mechanism="mta-sts"),
            adoption.one("share", mechanism="mta-sts"), _held(verdicts.one("share", mechanism="mta-sts", verdict="pass"), verdicts.rows(mechanism="mta-sts").height),
            adoption.one("share", mechanism="dane"), _held(verdicts.one("share", mechanism="dane", verdict="pass"), verdicts.rows(mechanism="dane").height),
            _held(senders.one("share", sender="both", outcome="authenticated"), senders.frame.height),
        ])  # fmt: skip
    columns = [Column("Population"), Column("n", "count"), Column("Publish MTA-STS", "share"), Column("MTA-STS holds", "share"),
               Column("Publish DANE", "share"), Column("DANE holds", "share"), Column("Authenticated by both", "share")]  # fmt: skip
    first, last = rows[0], rows[min(3, len(rows) - 1)]
    finding = (
        "One operator's habit can move any rate. Without the ten largest MX providers, MTA-STS is published by "
        f"{numbers.share(_number(last[2]))} instead of {numbers.share(_number(first[2]))} and DANE by {numbers.share(_number(last[4]))} instead of "
        f"{numbers.share(_number(first[4]))}."
    )
    foundation = "n: domains that take mail. “Holds”: of the mechanism's adopters that could be judged. Every question of the analysis package can be asked so."
    return Figure("Without the largest operators", finding, None, foundation, Table(columns, rows), ["adoption", "verdicts", "senders"],
                  table_open=True)  # fmt: skip


def _held(value: float | None, rows: int) -> float | None:
    """A word that occurs nowhere has a share of nought, where there is something to share."""
    return 0.0 if value is None and rows else value


def _number(cell: Cell) -> float | None:
    return cell if isinstance(cell, float) else None


def _notes(facts: Facts) -> list[str]:
    notes = []
    for row in facts.frame("backup_only").iter_rows(named=True):
        if row["count"]:
            notes.append(
                f"{NAMES[row['mechanism']]}: for {numbers.plural(row['count'], 'domain')} only a backup MX host is at fault; the preferred ones pass."
            )
    for row in facts.frame("strictness").iter_rows(named=True):
        if row["count"]:
            notes.append(f"{numbers.plural(row['count'], row['what'], 'records' if row['what'] == 'record' else 'policies')} would be valid to a tolerant "
                         f"reader and {'is' if row['count'] == 1 else 'are'} not by the grammar (of {numbers.count(row['n'])}).")  # fmt: skip
    return notes


def together(facts: Facts) -> Section:
    return Section(
        "together",
        "The same domains, both mechanisms",
        "Who publishes both, and does one hold where the other fails? A sender that does both must obey DANE where DANE fails, whatever MTA-STS says.",
        [_sets(facts), _agreement(facts), *_contradictions(facts)],
    )


def _sets(facts: Facts) -> Figure:
    answer = facts.ask("mechanism_sets")
    rows = {row["publishes"]: row for row in answer.frame.iter_rows(named=True)}
    words = {"both": ("both", "best"), "mta-sts only": ("MTA-STS only", "sts"), "dane only": ("DANE only", "dane")}
    bars = [
        Bar(name, rows[key]["share"], f"{numbers.share(rows[key]['share'])} ({numbers.count(rows[key]['count'])})", tone)
        for key, (name, tone) in words.items()
        if rows
    ]
    finding = "Nothing to compare."
    if rows and rows["both"]["n"]:
        either = sum(rows[key]["count"] for key in words)
        finding = (
            f"{numbers.part(either, rows['both']['n'])} domains publish one of the two; {numbers.count(rows['both']['count'])} "
            f"{'publishes' if rows['both']['count'] == 1 else 'publish'} both."
        )
    return Figure(
        "Overlap", finding, Bars(bars) if bars else None, basis_of(answer), table(answer.frame, drop=("slice",)), ["mechanism_sets"]
    )


def _agreement(facts: Facts) -> Figure:
    answer, held = facts.ask("overlap"), facts.ask("agreement")
    frame = answer.frame.filter(~((pl.col("sts_verdict") == "no-policy") & (pl.col("dane_verdict") == "none")))
    values = {(row["sts_verdict"], row["dane_verdict"]): float(row["count"]) for row in frame.iter_rows(named=True)}
    sts = [word for word in ("pass", "partial", "fail", "broken", "mode-none", "no-policy") if any(word == key[0] for key in values)]
    dane = [
        word
        for word in ("pass", "partial", "fail", "unusable", "lookup-failed", "insecure", "none")
        if any(word == key[1] for key in values)
    ]
    texts = {key: numbers.count(value) for key, value in values.items()}
    against = [held.one("count", finding=f"contradict: {word}") or 0 for word in ("dane-pass-sts-fail", "dane-fail-sts-pass")]
    n = held.frame["n"][0] if held.frame.height else 0
    finding = "No domain publishes both."
    if n:
        finding = (
            f"Of {numbers.plural(n, 'domain')} that {'publishes' if n == 1 else 'publish'} both, both hold for {numbers.count(held.one('count', finding='both hold'))}; "
            f"DANE passes where MTA-STS fails for {numbers.count(against[0])}, and the reverse is true for {numbers.count(against[1])}."
        )
    chart = Matrix(sts, dane, values, texts, "MTA-STS verdict", "DANE verdict") if values else None
    return Figure(
        "Verdict against verdict",
        f"{finding} The cell of those that publish neither is left out of the drawing.",
        chart,
        basis_of(answer),
        table(answer.frame),
        ["overlap"],
    )


def _contradictions(facts: Facts) -> list[Figure]:
    answer = facts.ask("contradictions")
    frame = answer.frame
    if not frame.height:
        return []
    lost = frame.filter(pl.col("conflict") == "dane-fail-sts-pass").height
    finding = (
        f"{numbers.plural(frame.height, 'domain')} {numbers.verb(frame.height, 'is', 'are')} told two things. "
        f"Where DANE fails and MTA-STS passes ({numbers.count(lost)}), a sender with DANE refuses mail that one with MTA-STS delivers; "
        f"where MTA-STS fails and DANE passes ({numbers.count(frame.height - lost)}), an enforced policy does the same to the other."
    )
    columns = {
        "domain": ("Domain", "code"),
        "sts_failure": ("MTA-STS failure", "code"),
        "sts_verdict": ("MTA-STS", "code"),
        "dane_verdict": ("DANE", "code"),
    }
    shown = frame.select("domain", "provider", "mode", "sts_verdict", "sts_failure", "dane_verdict")
    return [
        Figure(
            "Where they contradict each other",
            finding,
            None,
            basis_of(answer),
            table(shown, columns, limit=20),
            ["contradictions"],
            table_open=True,
        )
    ]
