"""The notebooks: stored without outputs, and run top to bottom on the sample (`make notebooks-test`)."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_there_are_seven_and_they_are_numbered():
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{number:02}" for number in range(1, 8)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_is_stored(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=1200, resources={"metadata": {"path": str(path.parent)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    shown = [output for output in outputs if output.output_type in ("display_data", "execute_result")]
    assert shown, "a notebook that shows nothing tells nothing"
    # Figures are made on this machine: nothing is fetched to show them.
    for output in shown:
        assert "cdn.jsdelivr.net" not in str(output.data)
    if "bars(" in str([cell.source for cell in notebook.cells if cell.cell_type == "code"][1:]):
        assert any("image/svg+xml" in output.data for output in shown)


def test_words_have_colours_that_can_be_told_apart():
    from polars import DataFrame

    from mxcensus_analysis.notebook import COLOURS, MEANING, bars

    def scale(words):
        frame = DataFrame({"label": ["x"] * len(words), "word": words, "share": [0.1] * len(words)})
        return bars(frame, "label", colour="word").to_dict()["encoding"]["color"]["scale"]

    assert scale(["refused", "authenticated"]) == {"domain": ["authenticated", "refused"], "range": [MEANING["authenticated"], MEANING["refused"]]}
    nine = scale([f"w{number}" for number in range(9)])["range"]
    assert nine == COLOURS
    assert len(set(nine)) == 9


def test_the_sample_is_the_one_that_the_notebooks_find():
    assert os.environ.get("MXCENSUS_DATASET") or (ROOT / "target/notebook-data/month-1/manifest.json").is_file()
