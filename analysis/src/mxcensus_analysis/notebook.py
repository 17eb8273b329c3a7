"""For notebooks: which dataset, and figures. Needs the extra ``notebooks``.

Altair, because a notebook's reader wants to change a figure and its grammar is short. Figures become SVG on this machine, so that they
show without a network, in JupyterLab and in whatever a notebook is exported to.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import altair as alt
import polars as pl

from .errors import NotADatasetError

_SAMPLES: Final = {"dataset": "month-1", "previous": "month-0", "comparison": "changes"}
# Okabe and Ito's colours, which colour-blind readers tell apart.
COLOURS: Final = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000", "#999999"]
# Words that mean better or worse have the colours that they have in the report, in its order.
MEANING: Final = {
    "always": "#00606B",
    "authenticated": "#00606B",
    "after-first-contact": "#74C3BD",
    "encrypted": "#74C3BD",
    "plaintext": "#E8B400",
    "refused": "#B3390E",
    "unreachable": "#B6BAC0",
    "never": "#B6BAC0",
}

alt.renderers.enable("svg")
pl.Config.set_tbl_rows(40)
pl.Config.set_tbl_hide_column_data_types(True)
pl.Config.set_tbl_hide_dataframe_shape(True)
pl.Config.set_float_precision(4)


def place(what: str = "dataset") -> Path:
    """Where the ``dataset``, the ``previous`` one or their ``comparison`` is.

    ``MXCENSUS_DATASET``, ``MXCENSUS_PREVIOUS`` and ``MXCENSUS_COMPARISON`` say so; else the sample that ``make notebooks`` makes.
    """
    given = os.environ.get(f"MXCENSUS_{what.upper()}")
    if given:
        return Path(given)
    for folder in (Path.cwd(), *Path.cwd().parents):
        found = folder / "target" / "notebook-data" / _SAMPLES[what]
        if found.is_dir():
            return found
    raise NotADatasetError(f"no {what}: set MXCENSUS_{what.upper()}, or run make notebooks, which makes a sample")


def bars(frame: pl.DataFrame, label: str, value: str = "share", *, colour: str | None = None, title: str = "") -> alt.Chart:
    """Horizontal bars, in the order of the rows; with ``colour`` stacked by it."""
    scale = alt.X(f"{value}:Q", axis=alt.Axis(format="%" if value == "share" else ",d", title=value))
    shown: dict[str, Any] = {"x": scale, "y": alt.Y(f"{label}:N", sort=None, title=None, axis=alt.Axis(labelLimit=280))}
    rows = frame.to_dicts()
    if colour is not None:
        words = list(dict.fromkeys(row[colour] for row in rows))
        if set(words) <= set(MEANING):
            words = [word for word in MEANING if word in words]
            tones = [MEANING[word] for word in words]
        else:
            tones = [COLOURS[index % len(COLOURS)] for index in range(len(words))]
        rows = [{**row, "place": words.index(row[colour])} for row in rows]
        scale_of_words = alt.Scale(domain=words, range=tones)
        shown["color"] = alt.Color(f"{colour}:N", scale=scale_of_words, legend=alt.Legend(orient="bottom", columns=5))
        shown["order"] = alt.Order("place:Q")
    else:
        shown["color"] = alt.value(COLOURS[0])
    return alt.Chart(alt.Data(values=rows), title=title).mark_bar().encode(**shown).properties(width=520)


def matrix(frame: pl.DataFrame, x: str, y: str, value: str = "count", title: str = "") -> alt.LayerChart:
    """A table of two words, each cell with its number; shades are by logarithm, as one cell often outweighs all."""
    across = alt.X(f"{x}:N", sort=None, axis=alt.Axis(labelAngle=0))
    base = alt.Chart(alt.Data(values=frame.to_dicts()), title=title).encode(x=across, y=alt.Y(f"{y}:N", sort=None))
    cells = base.mark_rect().encode(color=alt.Color(f"{value}:Q", scale=alt.Scale(type="log", range=["#EAF2F8", "#56B4E9"]), legend=None))
    return (cells + base.mark_text().encode(text=alt.Text(f"{value}:Q", format=",d"))).properties(width=520)
