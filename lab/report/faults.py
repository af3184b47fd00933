"""What is wrong with a folder of pages: links that lead nowhere, anything loaded from elsewhere, bad HTML.

The pages must also be whole without a script: no control in them that only a script could serve, nothing hidden.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
CONTROLS = frozenset({"button", "form", "input", "select", "textarea", "noscript"})
LOADED = frozenset({"src", "srcset", "poster", "data", "action", "xlink:href"})
URL = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")
Links = list[tuple[str, str]]  # (element, address)


class Page(HTMLParser):
    """One page, read: its ids, its links, and what is wrong with it by itself."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: Counter[str] = Counter()
        self.links: Links = []
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element that begins, and remember that it is open."""
        self._look(tag, attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element that ends where it begins."""
        self._look(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close an element; say so where another one is open."""
        if tag in VOID:
            return
        if not self._open or self._open[-1] != tag:
            inner = self._open[-1] if self._open else "nothing"
            self.faults.append(f"</{tag}> closes <{inner}> (line {self.getpos()[0]})")
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def _look(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.counts[tag] += 1
        if "id" in given:
            self.ids[given["id"]] += 1
        for name, value in given.items():
            if name == "href" or name in LOADED:
                self.links.append((tag if name == "href" else "img", value))
            if name == "style":
                self.links += [("link", address) for address in addresses(value)]
            if name.startswith("on") or value.startswith("javascript:"):
                self.faults.append(f"<{tag} {name}> holds a script")
        if tag in CONTROLS or "hidden" in given:
            self.faults.append(f"<{tag}> is of no use without a script")
        if tag == "th" and given.get("scope") not in ("col", "row"):
            self.faults.append("a <th> without scope")
        if tag in ("img", "svg") and not any(given.get(name) for name in ("alt", "aria-label")):
            self.faults.append(f"<{tag}> without words for those who cannot see it")


def addresses(css: str) -> list[str]:
    """Return what a style sheet would load."""
    return [a or b for a, b in URL.findall(css)]


def faults(folder: Path) -> list[str]:
    """Return a line for each fault of a site, with its file; none for a sound one."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}
    found = [f"{folder}: no page"] if not pages else []
    places = {path.resolve(): page.ids for path, page in pages.items()}
    for path, page in pages.items():
        lines = [*_by_itself(page, "cards" in path.relative_to(folder).parts), *_links(path, page, places, folder)]
        found += [f"{path.relative_to(folder)}: {line}" for line in dict.fromkeys(lines)]
    for path in sorted(folder.rglob("*.css")):
        found += [f"{path.relative_to(folder)}: loads {a}" for a in addresses(path.read_text()) if _elsewhere(a)]
    for path in sorted(folder.rglob("*.svg")):
        loaded = re.findall(r"<(?:image|use|script)[^>]*href=\"([^\"]*)", path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(folder)}: loads {a}" for a in loaded if _elsewhere(a)]
    return found


def _by_itself(page: Page, foreign: bool) -> Iterator[str]:
    """Yield a page's own faults. foreign: a kept card, whose tables and pictures are not the site's own."""
    ours = ("a <th>", "<svg>", "<img>")
    yield from (line for line in page.faults if not (foreign and line.startswith(ours)))
    yield from (f"the id {name!r} is given {n} times" for name, n in page.ids.items() if n > 1 and not foreign)
    for tag in ("title", "h1"):
        if page.counts[tag] != 1:
            yield f"{page.counts[tag]} elements <{tag}>, there must be one"
    if page.counts["table"] > page.counts["caption"] and not foreign:
        yield "a table without caption"


def _elsewhere(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme not in ("", "data")


def _links(path: Path, page: Page, places: Mapping[Path, Counter[str]], folder: Path) -> Iterator[str]:
    for tag, address in page.links:
        if _elsewhere(address):
            if tag != "a":  # a link may lead out; nothing may be loaded from there
                yield f"<{tag}> loads {address}"
            continue
        if address.startswith("data:"):
            continue
        parts = urlsplit(address)
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
        if not target.is_relative_to(folder.resolve()) or not target.is_file():
            yield f"{address} leads nowhere"
        elif parts.fragment and unquote(parts.fragment) not in places.get(target, ()):
            yield f"{address}: no such place on that page"
