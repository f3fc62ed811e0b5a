"""Checks that `bot` makes no sentence that a person reads on a card: whatever it says comes from commands/locales.

Three things are looked for in bot/src, outside of tests, of the sandbox, of config and of comments:

1. A `Text` or `Span` made of a literal with a letter in it.
2. A literal with two words or more in what the domain is told: in a value of `Refusal`, `Unavailable`, `RunRequest`,
   `Failure`, `Cause`, `Finding`, `Remedy`, `ChatFailure`, `ChatFault` or `Trouble`, in `AwsError::ours` and in `quote`.
   By their types these hold words only where AWS, its SDK, the network or a platform is quoted.
3. An error that is put into such a value by its own words (`to_string()`): `quote` and the fields called `said`,
   `message` and `why` in error.rs are where somebody else is quoted.

What it does not see: words that are made somewhere else and come in by a variable; and what is no value of the domain,
such as the log, the command line and the mistakes of a configuration, which are in English on purpose. Against the
first stand the types: AwsError and ChatFailure have no field for words of ours.

With --prove it tries itself on sentences that it has to find.
"""

import pathlib
import re
import sys

SOURCES = pathlib.Path("bot/src")
# The simulators' own page and the console; what is wrong with a configuration.
NOT_A_CARD = {"sandbox", "config", "tests.rs", "tests"}
TOLD = re.compile(
    r"(?<!-> )(?<!StoreError::)\b(?:Refusal|Unavailable|RunRequest|Failure|Cause|Finding|Remedy|ChatFailure|ChatFault|Trouble|Text|Span)"
    r"(?:::\w+)*\s*[({]|\bAwsError::ours\s*\(|\bquote\s*\("
)
MADE_OF_WORDS = re.compile(r"\b(?:Text|Span)(?:::\w+)*\s*[({]")
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"', re.S)
SENTENCE = re.compile(r"[^\W\d_]\S*\s+[^\W\d_]")
OWN_WORDS = re.compile(r"\.to_string\(\)")
# Where somebody else is quoted: the network, the SDK, an operating system's name for itself.
QUOTES = re.compile(r"\bquote\s*\([^()]*\.to_string\(\)|\b(?:platform|code|status|name)\b[^,]*\.to_string\(\)")


def shipped(text):
    """The text without comments and without tests."""
    text = re.split(r"^#\[cfg\(test\)\]\nmod \w+ \{", text, maxsplit=1, flags=re.M)[0]
    return re.sub(r"(?m)^\s*//.*$|(?<=[;,{)]) //.*$", "", text)


def values(text):
    """Everything between the brackets of a value that the domain is told, with where it begins."""
    for start in TOLD.finditer(text):
        depth, at, inside = 0, start.end() - 1, False
        while at < len(text):
            char = text[at]
            if inside:
                if char == "\\":
                    at += 1
                elif char == '"':
                    inside = False
            elif char == '"':
                inside = True
            elif char in "({[":
                depth += 1
            elif char in ")}]":
                depth -= 1
                if depth == 0:
                    break
            at += 1
        value = text[start.end() : at]
        # A pattern of a match makes nothing.
        if not re.match(r"\s*(?:=>|if\b|\||=[^=>])", text[at + 1 :]) or '"' in value:
            yield start, value


def faults(path, text):
    text = shipped(text)
    for start, value in values(text):
        line = text.count("\n", 0, start.start()) + 1
        words = SENTENCE if not MADE_OF_WORDS.match(start.group()) else re.compile(r"[^\W\d_]")
        for literal in LITERAL.findall(value):
            if words.search(re.sub(r"\{[^}]*\}", "", literal)):
                yield f'{path}: about line {line}: {start.group()}… "{literal}": words belong in commands/locales'
        for own in OWN_WORDS.finditer(value):
            before = value[: own.end()]
            if not start.group().startswith("quote") and not QUOTES.search(before[before.rfind(",") + 1 :]):
                yield f"{path}: about line {line}: {start.group()}… to_string(): an error is told by its data"


def prove():
    found = [
        'Refusal::Unavailable { why: "the environment could not be looked at".to_owned() }',
        'AwsError::ours(OPERATION, &place.environment, Fault::Unreadable, quote("the answer names no account"))',
        'RunRequest::SendRefused { dispatch, why: format!("{error}. Ask again later"), blame }',
        "Refusal::Unavailable { why: error.to_string() }",
        "Trouble { since, why: error.to_string() }",
        'Text::from("Done")',
        'Text(vec![Span::Strong("Approved".into())])',
        'Cause::Said { code: None, words: Quoted::Words("no cause given".into()) }',
        'ChatFault::Broken { said: Some("the stream ended".to_owned()) }',
    ]
    fine = [
        "Refusal::Unavailable(Unavailable::Fault)",
        "AwsError::ours(OPERATION, &place.environment, Fault::Unreadable, Finding::NoAccount)",
        "AwsError::ours(operation, environment, Fault::Settings, quote(&error.to_string()))",
        'ChatFailure { platform: "Slack".into(), operation: operation.into(), fault }',
        'Text(vec![Span::Strong(fact.label.clone()), Span::Plain(": ".into())])',
        'tracing::warn!(run.id = %run, "a run refused what AWS answered");',
        '// Refusal::Unavailable { why: "the environment could not be looked at" }',
    ]
    missed = [text for text in found if not list(faults("it", text))]
    wrong = [text for text in fine if list(faults("it", text))]
    for text in missed:
        print(f"not found: {text}")
    for text in wrong:
        print(f"found without reason: {text}")
    return missed or wrong


def main():
    if "--prove" in sys.argv and prove():
        return 1
    looked_at, found = 0, []
    for path in sorted(SOURCES.rglob("*.rs")):
        if NOT_A_CARD & set(path.parts):
            continue
        looked_at += 1
        found += faults(path, path.read_text(encoding="utf-8"))
    for line in found:
        print(line)
    print(f"{looked_at} files of bot, {len(found)} sentences of their own")
    return 1 if found else 0


sys.exit(main())
