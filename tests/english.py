"""Keeps the worst constructions out of what people read: messages and documents.

It knows a few patterns that are wrong wherever they stand, and no more: whether a sentence is plain is for its
reader to say. STYLE is in .github/CONTRIBUTING.md: active voice, articles, "no longer", "if there are none",
"the person who".

With --prove it tries itself on sentences that it has to find, and on some that it must not.
"""

import pathlib
import re
import subprocess
import sys

# What is looked through, by the end of the name. In Rust only comments and literals are read.
SUFFIXES = (".ftl", ".md", ".toml", ".yaml", ".service")

# Each with what to write instead.
WRONG = [
    (r"\bwhoever\b", "name the person: the requester, an approver, your patchbot administrator"),
    (r"\b(?:to|for|of|by) who\b", '"the person who"'),
    (r"\b(?:is|are) none\b", '"there is no …", "if there are none"'),
    (r"\b(?:not|no|nobody|nothing|never|none|\w+n't)\b[^.;:!?]*\bany more\b", '"no longer"'),
    (r"\bdeeds?\b", '"interaction"'),
    (r"\bat an end\b", '"has ended"'),
    (r"\bcall(?:ed|s|ing)? (?:\w+ ){0,3}?off\b", '"stop"'),
    (r"\bgo(?:es|ing)? on by itself\b|\blets? everything go on\b", '"continue", "resume"'),
]
WRONG = [(re.compile(pattern, re.I), better) for pattern, better in WRONG]

# Other people's words, quoted.
QUOTED = {
    ".github/CONTRIBUTING.md": ['"not any more"'],
}

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
# A name, a command and what stands in code or in a value are no English. Neither is what Fluent chooses by.
NOT_WORDS = re.compile(r"`[^`]*`|\{[^{}]*\}|https?://\S+")
# In Japanese: four words of English in a row. The notice that the NVD asks for is quoted as it is.
SENTENCE = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){3,}\b[a-z]{2,}\b")
NOTICE = "This product uses the NVD API but is not endorsed or certified by the NVD."


def readable(path, text):
    """The parts of a file that somebody reads, each with its line."""
    if path.suffix != ".rs":
        # A paragraph is read as one: a phrase may be broken between two lines.
        at = 1
        for paragraph in re.split(r"(\n\s*\n)", text):
            yield at, paragraph
            at += paragraph.count("\n")
        return
    for found in re.finditer(r'(?P<comment>(?://[^\n]*\n\s*)+)|"(?P<literal>(?:[^"\\]|\\.)*)"', text):
        part = found["comment"] or found["literal"]
        yield text.count("\n", 0, found.start()) + 1, re.sub(r"\s*//[/!]? ?", " ", part) if found["comment"] else part


def faults(path, text):
    for quote in QUOTED.get(str(path), []):
        text = text.replace(quote, "")
    for line, part in readable(path, text):
        plain = re.sub(r"\n\s*#? *", " ", part)
        for pattern, better in WRONG:
            for found in pattern.finditer(plain):
                yield f'{path}: from line {line}: "{found.group()}": rather {better}'
        if path.suffix == ".ftl" and JAPANESE.search(part):
            for one in part.split("\n"):
                if JAPANESE.search(one) and (found := SENTENCE.search(NOT_WORDS.sub("", one.replace(NOTICE, "")))):
                    yield f'{path}: from line {line}: "{found.group()}": English in a Japanese sentence'


def prove():
    found = [
        ("it.md", "Ask whoever runs patchbot."),
        ("it.md", "It is a button for who asked."),
        ("it.ftl", "x = There is none today."),
        ("it.md", "It is not sent\nany more."),
        ("it.md", "Each deed is stored."),
        ("it.md", "When patience is at an end, it stops."),
        ("it.ftl", "x = The run was called off."),
        ("it.ftl", "x = To call this run off, type it."),
        ("it.ftl", "x = It goes on by itself."),
        ("it.ftl", "x = 失敗しました：the network is not there"),
        ("it.rs", "/// For\n    /// whoever asks.\nfn f() {}"),
        ("it.rs", 'log("it is not there any more")'),
    ]
    fine = [
        ("it.md", "The person who asked may not vote; there are two of whom one may."),
        ("it.ftl", "x = If there are no nodes, none of them is missing."),
        ("it.md", "Are there any more nodes?"),
        ("it.ftl", "x = AWS の `ssm put the list here` に失敗しました：s3:GetObject"),
        ("it.rs", "let whoever = 1;"),
    ]
    missed = [text for name, text in found if not list(faults(pathlib.Path(name), text))]
    wrong = [text for name, text in fine if list(faults(pathlib.Path(name), text))]
    for text in missed:
        print(f"not found: {text!r}")
    for text in wrong:
        print(f"found without reason: {text!r}")
    return missed or wrong


def main():
    if "--prove" in sys.argv and prove():
        return 1
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True).stdout
    paths = [pathlib.Path(name) for name in listed.split("\0") if name.endswith(SUFFIXES)]
    found = [fault for path in paths if path.is_file() for fault in faults(path, path.read_text(encoding="utf-8"))]
    for line in found:
        print(line)
    print(f"{len(paths)} files of messages and documents, {len(found)} constructions to mend")
    return 1 if found else 0


sys.exit(main())
