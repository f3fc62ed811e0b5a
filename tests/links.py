"""Checks that every relative link in a Markdown file points at something that exists: a file, and a heading in it.

Reads nothing but this repository. Addresses on the web are not asked for: whether they answer is not up to a commit.
"""

import pathlib
import re
import sys

LINK = re.compile(r"\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:")
# What is built or fetched.
NOT_OURS = {".git", "node_modules", "target"}


def without_code(text):
    """The text without fenced blocks and code spans, in which brackets are no links."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M))


def anchors(text):
    """The anchors that GitHub gives to the headings of a text."""
    for heading in re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M), re.M):
        yield re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def faults(path, text, read):
    """The links of `text` that lead nowhere. `read` gives the text of a file, and None if there is no such file."""
    for link in LINK.findall(without_code(text)):
        if ELSEWHERE.match(link):
            continue
        name, _, anchor = link.partition("#")
        found = read(path.parent / name) if name else text
        if found is None:
            yield f"{path}: {link} does not exist"
        elif anchor and anchor not in anchors(found):
            yield f"{path}: {link} has no such heading"


def read(path):
    if path.is_dir():
        return ""
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else None


def prove():
    """A check that finds nothing has to be able to find something."""
    known = {pathlib.Path("a/b.md"): "# One `two`\n```\n# three\n```\n"}
    for link, expected in [
        ("b.md", 0),
        ("b.md#one-two", 0),
        ("https://example.com/x", 0),
        ("c.md", 1),
        ("b.md#three", 1),
        ("#nothing", 1),
    ]:
        found = list(faults(pathlib.Path("a/x.md"), f"See [this]({link}), and `[not](this)`.", known.get))
        assert len(found) == expected, (link, found)


def main():
    prove()
    paths = [path for path in sorted(pathlib.Path().rglob("*.md")) if not NOT_OURS & set(path.parts)]
    found = [fault for path in paths for fault in faults(path, read(path), read)]
    for fault in found:
        print(fault)
    print(f"{len(paths)} documents, {len(found)} links that lead nowhere")
    return 1 if found else 0


sys.exit(main())
