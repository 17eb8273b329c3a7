#!/usr/bin/env python3
"""Makes the pictures of the README: ``pictures.py MXCENSUS NOTEBOOK_DATA OUT``. `make pictures` runs it.

Chromium draws what a reader would see: the first page of a report on a made crawl, a notebook as it is run, and `mxcensus check` as a terminal
shows it, of two domains of the lab.
"""

from __future__ import annotations

import html
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbconvert.filters.ansi import ansi2html
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "13-between-two-crawls.ipynb"
# One in order, one with something to repair.
CHECKED = ("lab-both-pass.org", "lab-policy-no-mx.com")
TERMINAL = """<meta charset="utf-8"><style>
body {{ margin: 0; background: #fff }} main {{ background: #14181d; color: #d5d9de; padding: 18px 22px; display: inline-block; border-radius: 8px }}
pre {{ margin: 0; font: 14px/1.45 "DejaVu Sans Mono", monospace; white-space: pre-wrap; width: 112ch }}
.ansi-green-fg {{ color: #6cc07a }} .ansi-red-fg {{ color: #e8716a }} .ansi-yellow-fg {{ color: #e0b34c }} .ansi-cyan-fg {{ color: #63b8c9 }}
.ansi-blue-fg {{ color: #7aa6e8 }} .ansi-bold {{ font-weight: bold }} .prompt {{ color: #8a929b }}
</style><main><pre><span class="prompt">$ mxcensus check {domains}</span>
{said}</pre></main>"""


def main(program: Path, data: Path, out: Path) -> None:
    """Makes all three."""
    with tempfile.TemporaryDirectory(prefix="mxcensus-pictures-") as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        report(browser, data, folder, out / "report.png")
        notebook(browser, data, folder, out / "notebook.png")
        check(browser, program, folder, out / "check.png")
        browser.close()


def report(browser: Any, data: Path, folder: Path, picture: Path) -> None:
    """The first page of the report, down to what comes after its chart."""
    written = folder / "report.html"
    command = [sys.executable, "-m", "mxcensus_analysis.report.command", data / "month-1", "--previous", data / "month-0"]
    subprocess.run([*command, "--changes", data / "changes", "--out", written], check=True, stdout=subprocess.DEVNULL)
    tab = browser.new_page(viewport={"width": 840, "height": 1200})
    tab.goto(written.as_uri())
    end = tab.evaluate("document.querySelector('nav').getBoundingClientRect().top + window.scrollY")
    tab.screenshot(path=picture, full_page=True, clip={"x": 0, "y": 0, "width": 840, "height": end})


def notebook(browser: Any, data: Path, folder: Path, picture: Path) -> None:
    """The notebook after it was run, its first screen."""
    run = nbformat.read(NOTEBOOK, as_version=4)
    os.environ["MXCENSUS_WATCH"] = str((data / "hours").resolve())
    NotebookClient(run, timeout=600, resources={"metadata": {"path": str(folder)}}).execute()
    exporter = HTMLExporter(template_name="lab")
    # A widget needs JupyterLab; a picture has what is shown without it.
    exporter.register_preprocessor(_without_widgets, enabled=True)
    page, _ = exporter.from_notebook_node(run)
    (folder / "notebook.html").write_text(page, encoding="utf-8")
    tab = browser.new_page(viewport={"width": 980, "height": 1250})
    # Nothing is fetched: what a page would like to have from elsewhere is left out.
    tab.route("http*://**", lambda route: route.abort())
    tab.goto((folder / "notebook.html").as_uri(), wait_until="domcontentloaded")
    tab.screenshot(path=picture)


def _without_widgets(run: Any, resources: Any) -> tuple[Any, Any]:
    for cell in run.cells:
        for output in cell.get("outputs", []):
            if "data" in output and "image/svg+xml" in output.data:
                output.data = {"image/svg+xml": output.data["image/svg+xml"]}
    return run, resources


def check(browser: Any, program: Path, folder: Path, picture: Path) -> None:
    """What `check` says of two domains of the lab."""
    lab = subprocess.Popen([program, "lab", "--dir", folder / "lab"], stdout=subprocess.DEVNULL)
    try:
        flags = folder / "lab" / "flags.txt"
        for _ in range(600):
            if flags.is_file():
                break
            time.sleep(0.1)
        command = [program, "check", *CHECKED, *flags.read_text(encoding="utf-8").split("\n")[:-1]]
        environment = {**os.environ, "CLICOLOR_FORCE": "1", "COLUMNS": "110"}
        said = subprocess.run(command, check=False, capture_output=True, text=True, env=environment).stdout
    finally:
        lab.terminate()
        lab.wait()
    shown = TERMINAL.format(domains=html.escape(" ".join(CHECKED)), said=ansi2html(said.strip()))
    (folder / "check.html").write_text(shown, encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1100, "height": 600})
    tab.goto((folder / "check.html").as_uri())
    tab.locator("main").screenshot(path=picture)


if __name__ == "__main__":
    main(*(Path(argument).resolve() for argument in sys.argv[1:4]))
