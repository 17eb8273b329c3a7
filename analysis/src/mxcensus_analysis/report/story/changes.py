"""What changed since the crawl before: what `mxcensus diff` found, row by row."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from ... import numbers
from ...comparison import Comparison
from ..blocks import Cell, Column, Figure, Section, Table
from ..charts import Bar, Bars, Matrix, Pair, Pairs
from ..facts import Facts
from .movers import MOVES as NUMBERS
from .movers import ROLES, Movement, movement
from .parts import bar_text, table

MECHANISMS: Final = {"mta-sts": "MTA-STS", "dane": "DANE, signed or not", "tlsrpt": "TLSRPT"}
STS_WORDS: Final = ("pass", "partial", "fail", "broken", "mode-none", "no-policy")
DANE_WORDS: Final = ("pass", "partial", "fail", "unusable", "lookup-failed", "insecure", "none")
# Kinds that are somebody's doing; verdicts that merely follow from them would say everything twice.
DOINGS: Final = {
    "sts-adopted": "began MTA-STS",
    "sts-withdrawn": "gave up MTA-STS",
    "dane-adopted": "began DANE",
    "dane-withdrawn": "gave up DANE",
    "tlsrpt-adopted": "began TLSRPT",
    "tlsrpt-withdrawn": "gave up TLSRPT",
    "dnssec-gained": "signed",
    "dnssec-lost": "no longer signed",
    "failure-new": "began to fail",
    "failure-healed": "healed",
    "mode-downgraded": "weaker mode",
    "mode-upgraded": "stronger mode",
    "policy-without-new-id": "policy changed under the old id",
    "id-without-new-policy": "new id, same policy",
    "policy-updated": "policy updated",
    "policy-outdated": "policy names the former MX",
    "policy-host-moved": "policy host moved away",
    "mx-moved": "mail moved to another provider",
    "mail-ended": "takes no mail any more",
    "mail-began": "takes mail now",
    "rollover-broke": "new certificate, TLSA no longer matches",
    "tlsa-broke": "new TLSA does not match",
    "tlsa-stale": "TLSA names the former certificate",
}

# Kinds that take a domain from one operator to another.
MOVES: Final = frozenset({"mx-moved", "policy-host-moved"})
GROUPS: Final = 15
AT_LEAST: Final = 5
NAMES: Final = 20
# Hosts named in one cell.
NAMED: Final = 2


def section(facts: Facts, comparison: Comparison) -> Section:
    assert facts.previous is not None, "a comparison without the crawl compared with"
    population = comparison.summary["population"]
    return Section(
        "changes",
        "Since the crawl before",
        f"{numbers.count(population['both'])} domains are in the lists of both crawls; {numbers.count(comparison.kind('appeared'))} came into the list and "
        f"{numbers.count(comparison.kind('vanished'))} left it. Only what both crawls could judge counts as a change; the project's page on `mxcensus diff` defines every kind.",
        [
            _headlines(facts, comparison),
            _operators(comparison),
            _adoption(comparison),
            _failures(comparison),
            _transitions(comparison, "sts_verdict", "MTA-STS", STS_WORDS),
            _transitions(comparison, "dane_verdict", "DANE", DANE_WORDS),
            _policies(facts, comparison),
            _rollovers(comparison),
            *_past(comparison),
        ],
        _notes(comparison),
    )


def brief(facts: Facts, comparison: Comparison) -> Section:
    """Who moved the headline numbers, alone."""
    whole = section(facts, comparison)
    return Section(whole.name, whole.title, whole.lead, [_headlines(facts, comparison)])


def _headlines(facts: Facts, comparison: Comparison) -> Figure:
    rows: list[list[Cell]] = []
    said = []
    for key, move in NUMBERS.items():
        moved = movement(comparison, key)
        now, before = _share(facts, key), _share(facts, key, before=True)
        rows.append([move.label, now, numbers.change(now, before) or "–", moved.gained, moved.lost, *_who(moved)])
        if moved.mover:
            of = f", which has {numbers.plural(moved.mover.of, 'domain')}" if moved.mover.of else ""
            said.append(
                f"“{move.label}”, {numbers.share(now)}: of {numbers.plural(moved.gross, 'domain')} that {moved.did}, {numbers.count(moved.mover.count)} are at {moved.mover.operator}{of}."
            )
    finding = " ".join(said) if said else "No single operator moved a headline number."
    columns = [Column("Number"), Column("Now", "share"), Column("Change"), Column("Domains gained", "count"), Column("Domains lost", "count"),
               Column("Largest part at"), Column("Its part", "count"), Column("Its domains", "count")]  # fmt: skip
    return Figure(
        "Who moved the headline numbers",
        finding,
        None,
        f"Gained and lost: domains of both lists whose word is known in both crawls and changed; without protection leaves out policies that went to or from mode testing. An operator is named where it accounts for a quarter of the movement, {AT_LEAST} domains "
        "at least, and twice what its size would make it; a domain's own servers are no operator, and a change that came with a move is nobody's doing.",
        Table(columns, rows),
        [],
        table_open=True,
    )


def _share(facts: Facts, key: str, *, before: bool = False) -> float | None:
    """A number of `movers.MOVES`, in this crawl or in the one before."""
    asked = facts.then if before else facts.one
    if key == "authenticated":
        share = asked("senders", "share", {"sender": "both", "outcome": "authenticated"})
        return share if share is not None or not facts.ask("senders", before=before).rows(sender="both").height else 0.0
    mechanism, _, state = key.partition(" ")
    if not state:
        return asked("publishing", "share", {"mechanism": mechanism})
    return asked("standing", "share", {"mechanism": mechanism, "state": state})


def _who(moved: Movement) -> list[Cell]:
    if moved.mover is None:
        return [None] * 3
    return [f"{moved.mover.operator} ({ROLES[moved.mover.role]})", moved.mover.count, moved.mover.of]


def _operators(comparison: Comparison) -> Figure:
    frame = comparison.operators().filter(pl.col("kind").is_in(list(DOINGS)) & (pl.col("count") >= AT_LEAST)).head(GROUPS)
    rows: list[list[Cell]] = [
        [row["operator"], ROLES[row["role"]], _happened(row), numbers.plural(row["count"], row["subject"]), *_of(row)]
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip
    finding = f"No operator has {AT_LEAST} domains or hosts to which the same thing happened."
    if rows:
        top = frame.row(0, named=True)
        finding = f"The largest: {numbers.plural(top['count'], top['subject'])} of {top['operator']}, {DOINGS[top['kind']]}."
    columns = [Column("Operator", "code"), Column("As"), Column("What happened"), Column("To"), Column("Of", "count"), Column("Share", "share")]  # fmt: skip
    return Figure(
        "Many at one place",
        finding,
        None,
        f"Groups of {AT_LEAST} and more, the {GROUPS} largest. Of: how many domains of both lists the operator had in both crawls; who moved away is not among them.",
        Table(columns, rows),
        [],
        table_open=True,
    )


def _of(row: dict[str, Any]) -> list[Cell]:
    """Of how many, and the share; neither where domains moved: the operator had those in one crawl alone."""
    if row["of"] and row["kind"] not in MOVES:
        return [row["of"], row["count"] / row["of"]]
    return [None, None]


def _happened(row: dict[str, str | None]) -> str:
    words = f" ({row['old']} → {row['new']})" if row["old"] and row["new"] else f" ({row['aspect']})" if row["aspect"] else ""
    return DOINGS[row["kind"] or ""] + words


def _adoption(comparison: Comparison) -> Figure:
    rows: list[list[Cell]] = []
    pairs = []
    said = []
    for row in comparison.adoption().iter_rows(named=True):
        name, n = MECHANISMS[row["mechanism"]], row["comparable"]
        kind = row["mechanism"].replace("mta-sts", "sts")
        began, ended = (comparison.kind(f"{kind}-{what}") for what in ("adopted", "withdrawn"))
        pairs.append(Pair(name, (began / n if n else None, bar_text(began, n)), (ended / n if n else None, bar_text(ended, n))))
        rows.append([name, n, row["old"], row["new"], began, ended])
        said.append(f"{name.split(',')[0]} by {numbers.count(began)}, and given up by {numbers.count(ended)}")
    order = list(MECHANISMS.values())
    pairs.sort(key=lambda pair: order.index(pair.label))
    rows.sort(key=lambda row: order.index(str(row[0])))
    columns = [
        Column("Mechanism"),
        Column("n", "count"),
        Column("Before", "count"),
        Column("Now", "count"),
        Column("Began", "count"),
        Column("Gave up", "count"),
    ]
    return Figure(
        "Begun and given up",
        f"Begun: {'; '.join(sorted(said, key=lambda text: [name.split(',')[0] for name in order].index(text.split(' by ')[0])))}.",
        Pairs(pairs, ("began", "gave up"), ("best", "bad")),
        "Of the domains of both lists where both crawls could tell (n in the table). Publishing counts, right or wrong; of DANE also TLSA records below unsigned DNS.",
        Table(columns, rows),
        [],
    )


def _failures(comparison: Comparison) -> Figure:
    kinds = {"failure-new": "new", "failure-healed": "healed", "failure-persists": "lasting"}
    found = pl.concat([comparison.counts(kind) for kind in kinds]).filter(pl.col("subject") == "domain")
    names = {"sts_verdict": "MTA-STS", "dane_verdict": "DANE"}
    bars = []
    said = []
    for aspect, name in names.items():
        n = int(comparison.summary["comparable"].get(aspect, 0))
        counted = {kind: int(found.filter((pl.col("kind") == kind) & (pl.col("aspect") == aspect))["rows"].sum()) for kind in kinds}
        bars += [
            Bar(
                word,
                counted[kind] / n if n else None,
                bar_text(counted[kind], n),
                tone,
                f"{name} (of {numbers.count(n)} domains judged in both)",
            )
            for (kind, word), tone in zip(kinds.items(), ("bad", "best", "weak"), strict=True)
        ]
        said.append(
            f"{name}: {numbers.count(counted['failure-new'])} new, {numbers.count(counted['failure-healed'])} healed, {numbers.count(counted['failure-persists'])} lasting"
        )
    columns = [Column("What"), Column("Mechanism"), Column("Before", "code"), Column("Now", "code"), Column("Domains", "count")]
    rows: list[list[Cell]] = [
        [kinds[row["kind"]], names[row["aspect"]], row["old"], row["new"], row["rows"]]
        for row in found.sort("rows", descending=True, maintain_order=True).iter_rows(named=True)
    ]
    return Figure("Failures", f"{'. '.join(said)}.", Bars(bars), "Healed needs a pass: whoever takes the record away has not healed. Lasting: fails in both crawls, in whatever way.",
                  Table(columns, rows), [])  # fmt: skip


def _transitions(comparison: Comparison, column: str, name: str, words: tuple[str, ...]) -> Figure:
    frame = comparison.transitions(column)
    n = int(comparison.summary["comparable"].get(column, 0))
    values = {(row["old"], row["new"]): float(row["count"]) for row in frame.iter_rows(named=True)}
    total = frame["count"].sum()
    finding = f"No {name} verdict changed."
    if frame.height:
        top = frame.row(0, named=True)
        finding = f"{numbers.part(total, n)} verdicts on {name} changed, most often from `{top['old']}` to `{top['new']}` ({numbers.count(top['count'])})."
    chart = None
    if values:
        chart = Matrix(
            [word for word in words if any(word == old for old, _ in values)],
            [word for word in words if any(word == new for _, new in values)],
            values,
            {key: numbers.count(value) for key, value in values.items()},
            "Before",
            "now",
        )
    return Figure(f"From verdict to verdict: {name}", finding, chart, f"n = {numbers.count(n)}: domains whose verdict both crawls could decide. Those that stayed are not drawn.",
                  table(frame, {"old": ("Before", "code"), "new": ("Now", "code"), "count": ("Domains", "count")}), [])  # fmt: skip


def _policies(facts: Facts, comparison: Comparison) -> Figure:
    n = _valid_in_both(facts)
    told = {
        "policy-updated": ("changed, with a new id", "best"),
        "policy-without-new-id": ("changed under the old id", "bad"),
        "id-without-new-policy": ("new id, same policy", "weak"),
        "mode-upgraded": ("mode stronger", "best"),
        "mode-downgraded": ("mode weaker", "bad"),
        "max-age-raised": ("max_age raised", "best"),
        "max-age-lowered": ("max_age lowered", "weak"),
        "policy-host-moved": ("policy host moved to another operator", "plain"),
        "policy-outdated": ("names the MX of before, not that of now", "bad"),
    }
    bars = [
        Bar(name, comparison.kind(kind) / n if n else None, bar_text(comparison.kind(kind), n), tone) for kind, (name, tone) in told.items()
    ]
    changed, silent = comparison.kind("policy-updated") + comparison.kind("policy-without-new-id"), comparison.kind("policy-without-new-id")
    finding = (
        f"{numbers.part(silent, changed)} policies that changed kept their id, so a sender that looks at the id alone goes on with the old one."
        if changed
        else "No policy changed."
    )
    weaker = comparison.kind("mode-downgraded")
    if weaker:
        finding += f" {numbers.plural(weaker, 'policy', 'policies')} took a weaker mode."
    columns = [Column("What"), Column("Policies", "count"), Column("n", "count"), Column("Share", "share")]
    rows: list[list[Cell]] = [
        [name, comparison.kind(kind), n, comparison.kind(kind) / n if n else None] for kind, (name, _) in told.items()
    ]
    return Figure("Policies and their ids", finding, Bars(bars), f"n = {numbers.count(n)}: domains with a valid policy below a valid record in both crawls. Order, white space and comments are no change.",
                  Table(columns, rows), [])  # fmt: skip


def _valid_in_both(facts: Facts) -> int:
    assert facts.previous is not None
    valid = "SELECT domain FROM verdicts WHERE sts_record = 'valid' AND sts_policy = 'valid'"
    return facts.census.sql(valid).join(facts.previous.sql(valid), on="domain", how="semi").height


def _rollovers(comparison: Comparison) -> Figure:
    n = int(comparison.summary["population"]["hosts_with_tlsa"])
    names = {"same-key": "the key kept", "new-key": "a new key", "same-tlsa": "TLSA untouched", "new-tlsa": "TLSA renewed"}
    bars = []
    rows: list[list[Cell]] = []
    for kind, word, tone in (("rollover-kept", "still matches", "best"), ("rollover-broke", "matches no more", "bad")):
        for row in comparison.counts(kind).iter_rows(named=True):
            label = ", ".join(names.get(part, part) for part in (row["aspect"] or "").split())
            bars.append(Bar(label, row["rows"] / n if n else None, bar_text(row["rows"], n), tone, word))
            rows.append([word, label, row["rows"], row["domains"]])
    for kind, label in (("tlsa-broke", "TLSA alone changed, and does not match"), ("tlsa-stale", "TLSA names a certificate of before"),
                        ("tlsa-added", "TLSA is new"), ("tlsa-removed", "TLSA is gone")):  # fmt: skip
        counts = comparison.counts(kind)
        rows.append(["–", label, comparison.kind(kind), int(counts["domains"].sum())])
    kept, broke = comparison.kind("rollover-kept"), comparison.kind("rollover-broke")
    finding = "No host with matching TLSA changed its certificate."
    if kept + broke:
        hurt, stale = int(comparison.counts("rollover-broke")["domains"].sum()), comparison.kind("tlsa-stale")
        finding = f"{numbers.plural(kept + broke, 'host')} with matching TLSA changed the certificate; "
        finding += (
            f"at {numbers.part(broke, kept + broke)} the records match no more, and {numbers.plural(hurt, 'domain')} {numbers.verb(hurt, 'hangs', 'hang')} on those."
            if broke
            else "the records match at all of them."
        )
        if stale:
            finding += f" At {numbers.plural(stale, 'host')} TLSA still names the former certificate."
    columns = [Column("TLSA"), Column("How"), Column("Hosts", "count"), Column("Domains", "count")]
    return Figure("Certificates renewed above TLSA", finding, Bars(bars) if bars else None, f"n = {numbers.count(n)}: MX hosts with TLSA records in one crawl at least that both looked at.",
                  Table(columns, rows), [])  # fmt: skip


def _past(comparison: Comparison) -> list[Figure]:
    """Failures that the crawl before explains, by name: whoever runs them can mend them."""
    frame = pl.concat([comparison.rows(kind, NAMES) for kind in ("tlsa-stale", "policy-outdated")]).sort(
        "domains", "name", descending=[True, False]
    )
    if not frame.height:
        return []
    stale, outdated = comparison.kind("tlsa-stale"), comparison.kind("policy-outdated")
    what = {"tlsa-stale": "TLSA names the former certificate", "policy-outdated": "policy names the former MX"}
    said = []
    if stale:
        said.append(f"{numbers.plural(stale, 'host')} forgot the TLSA records when the certificate was renewed")
    if outdated:
        said.append(f"{numbers.plural(outdated, 'domain')} moved the mail and left the policy behind")
    rows: list[list[Cell]] = [
        [row["name"], what[row["kind"]], _short(row["old"]), _short(row["new"]), row["domains"]]
        for row in frame.head(NAMES).iter_rows(named=True)
    ]
    columns = [Column("Name", "code"), Column("What"), Column("Named", "code"), Column("In use", "code"), Column("Domains", "count")]
    return [
        Figure(
            "Failures that the past explains",
            f"{numbers.listed(said)}.",
            None,
            f"The {numbers.count(len(rows))} that serve the most domains. The comparison sees one crawl back.",
            Table(columns, rows),
            [],
            table_open=True,
        )
    ]


def _short(value: str | None) -> str | None:
    """Fingerprints are told apart by their beginnings; of many names a few tell whose they are."""
    if value is None:
        return None
    parts = [f"{part[:12]}…" if len(part) == 64 and "." not in part else part for part in value.split()]
    more = f" and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
    return " ".join(parts[:NAMED]) + more


def _notes(comparison: Comparison) -> list[str]:
    notes = []
    moved = comparison.kind("mx-moved")
    if moved:
        notes.append(f"{numbers.plural(moved, 'domain')} moved the mail to another provider.")
    ended, began = comparison.kind("mail-ended"), comparison.kind("mail-began")
    if ended or began:
        notes.append(
            f"{numbers.plural(ended, 'domain')} of both lists {numbers.verb(ended, 'takes', 'take')} no mail any more; {numbers.count(began)} began to."
        )
    gained, lost = (
        int(comparison.counts(kind).filter(pl.col("subject") == "domain")["rows"].sum()) for kind in ("dnssec-gained", "dnssec-lost")
    )
    if gained or lost:
        notes.append(f"DNSSEC of MX records: {numbers.plural(gained, 'domain')} gained it, {numbers.count(lost)} lost it.")
    unseen = [comparison.summary["population"][key] for key in ("unseen_in_new", "unseen_in_old", "unseen_in_both")]
    if any(unseen):
        notes.append(
            f"Out of sight (opted out, look-up failed, or no row): {numbers.count(unseen[0])} domains in this crawl alone, {numbers.count(unseen[1])} in the one before alone, {numbers.count(unseen[2])} in both."
        )
    return notes
