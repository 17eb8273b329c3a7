"""Charts of answers and frames, for notebooks and papers. Needs the extra ``notebooks``.

Altair, because a notebook's reader wants to change a figure and its grammar is short. JupyterLab shows them interactive (tooltips with n
and what could not be judged; the wheel zooms along the shares); whatever cannot run them, and every export, shows the same as SVG.
Nothing is fetched to show a chart. Each carries its description for those who cannot see it, and says so where the data are made.
"""

from __future__ import annotations

import hashlib
import math
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import altair as alt
import polars as pl
import vl_convert

from . import intervals, made, numbers, show
from .errors import ParameterError
from .question import Question, nearest, question

# Okabe and Ito's colours, which colour-blind readers tell apart.
COLOURS: Final = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000", "#999999"]
# Words that mean better or worse have the colours that they have in the report, in its order.
MEANING: Final = {
    "always": "#00606B",
    "authenticated": "#00606B",
    "in-order": "#00606B",
    "after-first-contact": "#74C3BD",
    "encrypted": "#74C3BD",
    "in-part": "#74C3BD",
    "plaintext": "#E8B400",
    "unprotected": "#E8B400",
    "refused": "#B3390E",
    "unreachable": "#B6BAC0",
    "never": "#B6BAC0",
}
FONT: Final = 12
# The widest letters of common fonts, in ems: room that holds a label whatever the reader's font is.
_EM: Final = 0.72
_LABEL: Final = 44
_WIDTH: Final = 400
# Bars that a figure still shows well.
ROWS: Final = 60
_INTERVAL: Final = "95% interval"


class Answered(Protocol):
    """What a chart needs of an answer (`mxcensus_analysis.Answer`, which can draw itself and so must not be imported here)."""

    @property
    def question(self) -> Question: ...
    @property
    def frame(self) -> pl.DataFrame: ...
    @property
    def labels(self) -> list[str]: ...
    @property
    def reading(self) -> str: ...
    @property
    def caption(self) -> str: ...
    @property
    def made(self) -> str | None: ...


class Asked(Protocol):
    """What a chart needs of a crawl (`mxcensus_analysis.Census`)."""

    @property
    def made(self) -> str | None: ...
    def ask(self, name: str, **options: Any) -> Answered: ...


def of_census(census: Asked, what: str | pl.DataFrame, **options: Any) -> alt.Chart:
    """A chart of a question by name, or of a frame; ``options`` are the question's, the scope's and the chart's.

    >>> of_census(census, "standing").to_dict()["width"]
    400
    """
    if isinstance(what, pl.DataFrame):
        _check(options)
        return bars(what, **{"marked": census.made, **options})
    if not isinstance(what, str):
        raise ParameterError(
            f"a chart is of a question's name or of a polars frame, not of a {type(what).__name__}; pl.from_pandas makes one"
        )
    known = question(what).parameters
    asked = {name: options.pop(name) for name in list(options) if name in known or name in ("without_top_operators", "include_inferred")}
    strangers = set(options) - set(_CHART_OPTIONS)
    asked |= {name: options.pop(name) for name in strangers}
    return of_answer(census.ask(what, **asked), **options)


def of_answer(answer: Answered, **options: Any) -> alt.Chart:
    """A chart of an answer, see `bars`. Rows of two words are divided bars where their shares add up, side by side where not.

    >>> of_answer(census.ask("adoption"), title="Who publishes what").to_dict()["width"]
    400
    """
    _check(options)
    frame = answer.frame
    names = (
        [name for name in answer.labels if name in options.values() or frame[name].n_unique() > 1] or answer.labels or [frame.columns[0]]
    )
    if frame.height and "colour" not in options and "label" not in options and len(names) > 1:
        options |= {"label": names[0], "colour": names[1]}
        if "value" not in options:
            options["divided"] = _adds_up(frame, names[0])
    options.setdefault("label", names[0])
    chart = bars(frame, **{"title": answer.question.question, "marked": answer.made, "description": answer.reading, **options})
    chart.usermeta = {"caption": answer.caption}
    return chart


_CHART_OPTIONS: Final = ("label", "value", "colour", "title", "divided", "marked", "description")


def _check(options: dict[str, Any]) -> None:
    for name, value in options.items():
        if name not in _CHART_OPTIONS:
            raise ParameterError(f"a chart has no option {name!r}{nearest(name, _CHART_OPTIONS)}; it has: {', '.join(_CHART_OPTIONS)}")
        if not isinstance(value, bool if name == "divided" else str) and not (value is None and name in ("label", "colour", "marked")):
            raise ParameterError(f"{name} is {'True or False' if name == 'divided' else 'text'}, not {value!r}")


def _adds_up(frame: pl.DataFrame, by: str) -> bool:
    """The rows of each group are a whole."""
    sums = frame.group_by(by).agg(pl.col("count").sum(), pl.col("n").max())
    return bool((sums["count"] == sums["n"]).all())


def bars(
    frame: pl.DataFrame,
    label: str | None = None,
    value: str = "share",
    *,
    colour: str | None = None,
    title: str = "",
    divided: bool = True,
    marked: str | None = None,
    description: str = "",
) -> alt.Chart:
    """Horizontal bars, in the order of the rows.

    ``label`` names the rows, ``value`` is their length; with ``colour`` each bar is ``divided`` by it, or there is one bar per colour.
    Shares that are not divided show their 95 % interval, where the frame has it. ``marked`` is the dataset's `made`.
    Raises `ParameterError`.

    >>> bars(pl.DataFrame({"mechanism": ["dane"], "share": [0.5]}), title="Half").to_dict()["width"]
    400
    """
    if not frame.width:
        raise ParameterError("a frame without columns has nothing to draw")
    label = label or frame.columns[0]
    for name in filter(None, (label, value, colour)):
        if name not in frame.columns:
            raise ParameterError(f"no column {name!r} to draw{nearest(name, frame.columns)}; there are: {', '.join(frame.columns)}")
    if not frame[value].dtype.is_numeric() and frame[value].dtype != pl.Null:
        numeric = ", ".join(name for name in frame.columns if frame[name].dtype.is_numeric())
        raise ParameterError(f"{value} holds no numbers to draw; these do: {numeric or 'none'}")
    rows = _rows(frame, label, value, colour)
    axis = alt.Axis(format="%" if _is_share(value) else ",d", title=value, labelOverlap=True, tickCount=5)
    shown: dict[str, Any] = {
        "x": alt.X("value:Q", axis=axis, stack="zero" if colour and divided else None),
        "y": alt.Y("label:N", sort=None, title=None, axis=_labels([row["label"] for row in rows])),
        "tooltip": [alt.Tooltip(f"{name}:N") for name in _told(frame)],
    }
    if colour is None:
        shown["color"] = alt.value(COLOURS[0])
    else:
        shown |= _coloured(rows, side_by_side=not divided)
    base = alt.Chart(alt.Data(values=rows)).encode(**shown)
    drawn = (
        base.mark_bar() if (colour and divided) or not _has_intervals(frame, value) else _with_whiskers(base, coloured=colour is not None)
    )
    return _dressed(drawn, title, marked, description or _described(rows, colour))


def _rows(frame: pl.DataFrame, label: str, value: str, colour: str | None) -> list[dict[str, Any]]:
    kept = frame.head(ROWS)
    made_of = []
    for row in kept.to_dicts():
        ends = intervals.of(row) if value == "share" else None
        told = {name: numbers.interval(ends) if name == _INTERVAL else show.cell(name, row[name]) for name in _told(frame)}
        name = numbers.plain(row[label]) if row[label] is not None else "–"
        drawn = {
            "label": name if len(name) <= _LABEL else f"{name[: _LABEL - 1]}…",
            "value": None if row[value] is None else float(row[value]),
        }
        if ends:
            drawn |= {"low": ends.low, "high": ends.high}
        if colour:
            drawn["colour"] = numbers.plain(row[colour]) if row[colour] is not None else "–"
        made_of.append({**told, **drawn})
    return made_of


def _told(frame: pl.DataFrame) -> list[str]:
    names = [name for name in frame.columns if name not in ("low", "high") and not frame[name].dtype.is_nested()]
    return [*names, _INTERVAL] if {"low", "high"} <= set(frame.columns) else names


def _is_share(name: str) -> bool:
    return name == "share" or name.endswith("_share") or name == "cumulative"


def _has_intervals(frame: pl.DataFrame, value: str) -> bool:
    return value == "share" and {"low", "high"} <= set(frame.columns) and frame["low"].null_count() < frame.height


def _labels(words: Sequence[str]) -> alt.Axis:
    longest = max((len(word) for word in words), default=0)
    return alt.Axis(labelLimit=0, minExtent=math.ceil(longest * FONT * _EM) + 8, labelPadding=6)


def _coloured(rows: list[dict[str, Any]], *, side_by_side: bool) -> dict[str, Any]:
    words = list(dict.fromkeys(row["colour"] for row in rows))
    if set(words) <= set(MEANING):
        words = [word for word in MEANING if word in words]
        tones = [MEANING[word] for word in words]
    else:
        tones = [COLOURS[index % len(COLOURS)] for index in range(len(words))]
    for row in rows:
        row["place"] = words.index(row["colour"])
    columns = max(1, min(4, int(_WIDTH / (max(map(len, words), default=1) * FONT * _EM + 30))))
    legend = alt.Legend(orient="bottom", columns=columns, labelLimit=0, title=None, columnPadding=24)
    shown: dict[str, Any] = {
        "color": alt.Color("colour:N", scale=alt.Scale(domain=words, range=tones), legend=legend),
        "order": alt.Order("place:Q"),
    }
    if side_by_side:
        shown["yOffset"] = alt.YOffset("colour:N", scale=alt.Scale(domain=words))
        shown.pop("order")
    return shown


def _with_whiskers(base: alt.Chart, *, coloured: bool) -> alt.LayerChart:
    """Bars with their 95 % intervals."""
    whisker = base.mark_rule(strokeWidth=1.6, color="#222").encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"), color=alt.value("#222"))
    return alt.layer(base.mark_bar(opacity=1 if coloured else 0.85), whisker)


def _dressed(chart: Any, title: str, marked: str | None, description: str, below_title: str | None = None) -> Any:
    below = [word for word in (made.words(marked), below_title) if word]
    heading = alt.TitleParams(textwrap.wrap(title, 54) or [""], subtitle=below, anchor="start", frame="bounds", offset=12, limit=0)
    zoom = alt.selection_interval(bind="scales", encodings=["x"])
    target = chart.layer[0] if isinstance(chart, alt.LayerChart) else chart
    if isinstance(target, alt.Chart) and "value" in str(target.to_dict()["encoding"].get("x", {})):
        chart = chart.add_params(zoom)
    dressed = chart.properties(width=_WIDTH, title=heading, description=description)
    # Room on the right for whatever a wider font makes of the last number and of the legend.
    return dressed.properties(padding={"left": 8, "top": 8, "bottom": 8, "right": 90}).configure(
        axis=alt.AxisConfig(labelFontSize=FONT, titleFontSize=FONT),
        legend=alt.LegendConfig(labelFontSize=FONT),
        title=alt.TitleConfig(fontSize=15, subtitleFontSize=FONT, subtitleColor="#B3390E"),
        view=alt.ViewConfig(stroke=None),
        font="sans-serif",
    )


def _described(rows: Sequence[dict[str, Any]], colour: str | None) -> str:
    """What a frame's bars show, in words."""
    told = []
    for row in rows[:12]:
        name = f"{row['label']}, {row['colour']}" if colour else row["label"]
        told.append(f"{name}: {row.get('share') or numbers.plain(row['value'])}")
    rest = f"; and {len(rows) - 12} more" if len(rows) > 12 else ""
    return "; ".join(told) + rest


def matrix(frame: pl.DataFrame, x: str, y: str, value: str = "count", title: str = "", *, marked: str | None = None) -> alt.LayerChart:
    """A table of two words, each cell with its number; shades are by root, as one cell often outweighs all.

    >>> len(matrix(pl.DataFrame({"a": ["x"], "b": ["y"], "count": [3]}), "a", "b").layer)
    2
    """
    rows = [{**row, value: float(row[value]), "told": numbers.count(row[value])} for row in frame.select(x, y, value).to_dicts()]
    across = alt.X(f"{x}:N", sort=None, title=None, axis=alt.Axis(labelAngle=-40, labelLimit=0, orient="top", minExtent=90))
    down = alt.Y(f"{y}:N", sort=None, title=None, axis=_labels([str(row[y]) for row in rows]))
    tips = [alt.Tooltip(f"{y}:N"), alt.Tooltip(f"{x}:N"), alt.Tooltip("told:N", title=value)]
    base = alt.Chart(alt.Data(values=rows)).encode(x=across, y=down, tooltip=tips)
    shade = alt.Color(f"{value}:Q", scale=alt.Scale(type="sqrt", range=["#EAF2F8", "#56B4E9"]), legend=None)
    largest = sorted(rows, key=lambda row: -row[value])[:8]
    described = "The largest cells: " + "; ".join(f"{y} {row[y]} with {x} {row[x]}: {row['told']}" for row in largest)
    cells = alt.layer(base.mark_rect().encode(color=shade), base.mark_text(fontSize=FONT).encode(text="told:N"))
    return _dressed(cells, title, marked, described, f"Down: {y}. Across: {x}.")


def svg(chart: Any) -> str:
    """The chart as SVG, made on this machine.

    >>> svg(bars(pl.DataFrame({"mechanism": ["dane"], "share": [0.5]}))).startswith("<svg")
    True
    """
    return _drawn(chart.to_dict())


def _drawn(spec: dict[str, Any]) -> str:
    """The SVG, whose ids are its own: a page that holds several would else cut one by the frame of another."""
    made_of = vl_convert.vegalite_to_svg(spec)
    own = hashlib.sha256(made_of.encode()).hexdigest()[:8]
    return re.sub(r'(?<=id=")(?=\w)|(?<=url\(#)', f"m{own}-", made_of)


def save(chart: Any, path: str | Path) -> list[Path]:
    """Writes ``PATH.svg``, ``PATH.pdf`` and ``PATH.txt``, which holds caption and description. Gives the files.

    >>> [file.suffix for file in save(census.chart("adoption"), folder / "adoption")]
    ['.svg', '.pdf', '.txt']
    """
    stem = Path(path)
    stem.parent.mkdir(parents=True, exist_ok=True)
    files = [stem.with_suffix(suffix) for suffix in (".svg", ".pdf", ".txt")]
    spec = chart.to_dict()
    files[0].write_text(_drawn(spec), encoding="utf-8")
    files[1].write_bytes(vl_convert.vegalite_to_pdf(spec))
    told = [(spec.get("usermeta") or {}).get("caption"), spec.get("description")]
    files[2].write_text("\n\n".join(filter(None, told)) + "\n", encoding="utf-8")
    return files


def _mimebundle(spec: dict[str, Any], **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Altair's own widget where a notebook can run it, and SVG for all others."""
    alt.JupyterChart.enable_offline()
    widget = alt.JupyterChart(alt.Chart.from_dict(spec))._repr_mimebundle_()
    found = widget[0] if isinstance(widget, tuple) else widget
    return {**(found or {}), "image/svg+xml": _drawn(spec)}, {}


def interactive() -> None:
    """Makes notebooks show charts so from here on.

    >>> interactive()
    """
    alt.renderers.register("mxcensus", _mimebundle)
    alt.renderers.enable("mxcensus")
