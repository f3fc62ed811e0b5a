"""Checks that the modules of a crate import each other in one direction only.

The modules are those that `lib.rs` declares: a file or a folder of src. One imports another by a path that begins with
`crate::`. Tests are left out, since they may look anywhere; so are comments. A circle means that none of its modules
can be read, tested or moved without all the others.

What it does not see: paths through a re-export at the top of the crate, and macros.

With --prove it tries itself on sources whose circles it has to find.
"""

import pathlib
import re
import sys

CRATES = ["bot", "commands", "storage", "tests", "tests/simulators"]
COMMENTS = re.compile(r"(?m)//.*$")
TESTS = re.compile(r"^#\[cfg\((?:all\()?test\b[^\n]*\n(?:pub(?:\([a-z ]+\))? )?mod \w+ \{", re.M)


def shipped(text):
    """The text without comments and without the tests at its end."""
    return COMMENTS.sub("", TESTS.split(text, maxsplit=1)[0])


def grouped(text, start):
    """The first name of each path in the group that opens before `start`."""
    depth, name, names = 1, "", []
    for char in text[start:]:
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        if depth == 0 or (depth == 1 and char == ","):
            names.append(name)
            name = ""
        elif depth == 1:
            name += char
        if depth == 0:
            return [found[1] for found in (re.match(r"\s*(\w+)", name) for name in names) if found]
    return []


def imported(text):
    """The names that stand directly behind `crate::`."""
    text = shipped(text)
    names = set(re.findall(r"\bcrate::(\w+)", text))
    for group in re.finditer(r"\bcrate::\{", text):
        names.update(grouped(text, group.end()))
    return names


def arrows(sources):
    """Which module imports which, with one file that does. `sources` are texts by their path below src."""
    modules = {}
    for path, text in sources.items():
        parts = pathlib.PurePosixPath(path).parts
        name = parts[0].removesuffix(".rs")
        is_test = any(re.search(r"(?:^|_)tests$", part.removesuffix(".rs")) for part in parts)
        if name not in {"lib", "main", "bin"} and not is_test:
            modules.setdefault(name, []).append((path, text))
    found = {name: {} for name in modules}
    for name, files in modules.items():
        for path, text in sorted(files):
            for other in imported(text) & modules.keys() - {name}:
                found[name].setdefault(other, path)
    return found


def circles(found):
    """The largest sets of modules each of which leads to every other, by Tarjan's algorithm."""
    index, low, stack, result = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(found[node]):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            circle = set()
            while node not in circle:
                circle.add(stack.pop())
            if len(circle) > 1:
                result.append(circle)

    for node in sorted(found):
        if node not in index:
            visit(node)
    return result


def wrong(crate, sources):
    """What is to be said of one crate."""
    found = arrows(sources)
    for circle in circles(found):
        yield f"{crate}: {', '.join(sorted(circle))} import each other:"
        for name in sorted(circle):
            for other in sorted(found[name].keys() & circle):
                yield f"  {name} -> {other}, such as in {found[name][other]}"


def prove():
    """Tries the check on sources of which it is known what it has to say."""
    lone = {"lib.rs": "mod a; mod b;", "a.rs": "use crate::b::X;", "b/mod.rs": "// crate::a\nuse std::fmt;"}
    assert not circles(arrows(lone)), "a comment is no import"
    direct = {"a.rs": "use crate::b::X;", "b/mod.rs": "", "b/c.rs": "fn f(x: crate::a::Y) {}"}
    assert circles(arrows(direct)) == [{"a", "b"}], "a path in a signature is an import"
    group = {"a.rs": "use crate::{\n    b::{X, c},\n    d,\n};", "b.rs": "", "d.rs": "use crate::e::E;", "e.rs": "use crate::a;"}
    assert circles(arrows(group)) == [{"a", "d", "e"}], "a group imports each of its paths, and a circle may be long"
    tested = {"a.rs": "use crate::b::X;", "b.rs": "#[cfg(test)]\nmod tests {\n use crate::a::Y;\n}", "b/tests.rs": "use crate::a::Y;"}
    assert not circles(arrows(tested)), "tests may look anywhere"
    assert len(list(wrong("x", direct))) == 3, "every arrow of a circle is told"


def main():
    if "--prove" in sys.argv[1:]:
        prove()
    said = []
    for crate in CRATES:
        src = pathlib.Path(crate, "src")
        sources = {str(path.relative_to(src)): path.read_text() for path in src.rglob("*.rs")}
        said += wrong(crate, sources)
    for line in said:
        print(f"module_circles: {line}")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
