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
COLOURS: Final = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000"]

alt.renderers.enable("svg")
pl.Config.set_tbl_rows(40)


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
    if colour is not None:
        shown["color"] = alt.Color(f"{colour}:N", sort=None, scale=alt.Scale(range=COLOURS), legend=alt.Legend(orient="bottom", columns=4))
    else:
        shown["color"] = alt.value(COLOURS[0])
    return alt.Chart(alt.Data(values=frame.to_dicts()), title=title).mark_bar().encode(**shown).properties(width=520)


def matrix(frame: pl.DataFrame, x: str, y: str, value: str = "count", title: str = "") -> alt.LayerChart:
    """A table of two words, each cell with its number; shades are by logarithm, as one cell often outweighs all."""
    base = alt.Chart(alt.Data(values=frame.to_dicts()), title=title).encode(x=alt.X(f"{x}:N", sort=None), y=alt.Y(f"{y}:N", sort=None))
    cells = base.mark_rect().encode(color=alt.Color(f"{value}:Q", scale=alt.Scale(type="log", range=["#EAF2F8", "#56B4E9"]), legend=None))
    return (cells + base.mark_text().encode(text=alt.Text(f"{value}:Q", format=",d"))).properties(width=420)
