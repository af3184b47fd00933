"""The documentation: its examples run, in order and from nothing; its links lead somewhere."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest
from PIL import Image

import lab
from figures.kit.gallery import gallery

ROOT = Path(__file__).parent.parent
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
RUN = [ROOT / "docs" / name for name in ("verdicts.md", "adding.md")]


def blocks(page: Path) -> list[str]:
    """The Python of a page."""
    return re.findall(r"```python\n(.*?)```", page.read_text(), re.S)


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_the_examples_of_a_page_run_one_after_the_other(page: Path, tmp_path: Path) -> None:
    code = "\n".join(["from __future__ import annotations\n", *blocks(page)])
    file = tmp_path / f"{page.stem}_examples.py"
    file.write_text(code)
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[file.stem]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_gallery_shows_every_figure() -> None:
    text = (ROOT / "docs" / "gallery.md").read_text()
    assert re.findall(r"^## (\w+)$", text, re.M) == sorted(lab.list_figures())


def test_a_gallery_shows_each_drawn_figure_small_with_its_caption(tmp_path: Path) -> None:
    stem = tmp_path / "figures" / "one"
    stem.parent.mkdir()
    Image.effect_noise((1100, 700), 50).convert("RGB").save(stem.with_suffix(".png"))
    facts = {"title": "A finding", "caption": "What was run.", "claims": {"doe2024.thm1": "a paper"}}
    stem.with_suffix(".json").write_text(json.dumps(facts))
    page = tmp_path / "docs" / "shown.md"
    picture, written = gallery([stem], page)
    assert written == page
    assert picture == page.parent / "shown" / "one.png"
    with Image.open(picture) as small:
        assert small.size == (825, 525)
    for words in ("## one", "**A finding**", "(shown/one.png)", "What was run.", "Claims: `doe2024.thm1`."):
        assert words in page.read_text()


def test_a_gallery_of_a_figure_that_is_not_drawn_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(lab.LabError, match="figure nothing is not drawn"):
        gallery([tmp_path / "nothing"], tmp_path / "shown.md")
    assert list(tmp_path.iterdir()) == []
