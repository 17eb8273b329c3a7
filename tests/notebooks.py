"""The notebooks: stored without outputs, and run top to bottom on the sample (`make notebooks-test`)."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "target" / "notebook-data"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_there_are_thirteen_and_they_are_numbered():
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{number:02}" for number in range(1, 14)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_is_stored(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def run(path, folder, environment):
    """The notebook as it is after it ran in that folder."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=1200, resources={"metadata": {"path": str(folder)}})
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        client.execute()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return notebook


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path, tmp_path):
    notebook = run(path, tmp_path, {"MXCENSUS_DATASET": str(DATA / "month-1"), "MXCENSUS_WATCH": str(DATA / "hours")})
    assert not [output for output in outputs(notebook) if output.output_type == "error" or output.get("name") == "stderr"]
    shown = [output.data for output in outputs(notebook) if output.output_type in ("display_data", "execute_result")]
    # Figures are made on this machine: nothing is fetched to show them.
    assert "cdn.jsdelivr.net" not in str(shown)
    charts = [data for data in shown if "image/svg+xml" in data]
    assert charts
    for data in charts:
        # Interactive where a notebook can run it, and never without words for those who cannot see it.
        assert "application/vnd.jupyter.widget-view+json" in data
        assert re.search(r'aria-label="[^"]{20,}', data["image/svg+xml"])
        assert "Made data (sample)" in data["image/svg+xml"]
    # Every table is read in a sentence, and writes shares as everything else does.
    tables = [data["text/html"] for data in shown if "<thead>" in data.get("text/html", "") and "class=\"dataframe\"" not in data["text/html"]]
    assert tables
    for table in tables:
        assert re.match(r"<p>[^<]{10,}[.:]</p><table>", table), table[:200]
        assert not re.search(r">0\.\d{4,}<", table), "a share that is not written as per cent"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_last_cell_saves_svg_and_pdf(path, tmp_path):
    run(path, tmp_path, {"MXCENSUS_DATASET": str(DATA / "month-1"), "MXCENSUS_WATCH": str(DATA / "hours")})
    saved = sorted((tmp_path / "figures").iterdir())
    assert [file.suffix for file in saved] == [".pdf", ".svg", ".txt"]
    assert saved[0].read_bytes().startswith(b"%PDF")
    assert saved[1].read_text(encoding="utf-8").startswith("<svg")
    assert len(saved[2].read_text(encoding="utf-8")) > 20


def test_a_comparison_needs_no_variable_of_its_own(tmp_path):
    """Where nobody compared the two crawls yet, that is done; the earlier one is found beside the later."""
    for month in ("month-0", "month-1"):
        (tmp_path / month).symlink_to(DATA / month)
    path = next(path for path in NOTEBOOKS if path.name.startswith("06"))
    binary = ROOT / "target" / "debug"
    environment = {"MXCENSUS_DATASET": str(tmp_path / "month-1"), "PATH": f"{binary}:{os.environ['PATH']}"}
    notebook = run(path, tmp_path, environment)
    assert "What changed from the crawl of" in str(outputs(notebook))


def test_words_have_colours_that_can_be_told_apart():
    from polars import DataFrame

    from mxcensus_analysis.plots import COLOURS, MEANING, bars

    def scale(words):
        frame = DataFrame({"label": ["x"] * len(words), "word": words, "share": [0.1] * len(words)})
        return bars(frame, "label", colour="word").to_dict()["encoding"]["color"]["scale"]

    assert scale(["refused", "authenticated"]) == {"domain": ["authenticated", "refused"], "range": [MEANING["authenticated"], MEANING["refused"]]}
    nine = scale([f"w{number}" for number in range(9)])["range"]
    assert nine == COLOURS
    assert len(set(nine)) == 9


def test_the_sample_is_the_one_that_the_notebooks_find():
    assert os.environ.get("MXCENSUS_DATASET") or (ROOT / "target/notebook-data/month-1/manifest.json").is_file()
