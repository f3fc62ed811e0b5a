"""Checks licences, bans and sources of every dependency against .cargo/deny.toml. Works offline.

The same file is read by cargo-deny, which also knows advisories; that takes their database from the
network, so it is not run here.
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib

METADATA = ["cargo", "metadata", "--locked", "--format-version", "1"]
TOKEN = re.compile(r"\(|\)|[^\s()]+")


def allowed(expression, licences):
    """Whether an SPDX expression can be met with `licences`. The old `A/B` means OR."""
    tokens = TOKEN.findall(expression.replace("/", " OR "))

    def either():
        met = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            met = both() or met
        return met

    def both():
        met = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            met = one() and met
        return met

    def one():
        token = tokens.pop(0)
        if token == "(":
            met = either()
            if tokens.pop(0) != ")":
                raise ValueError(expression)
            return met
        if tokens and tokens[0] == "WITH":
            token = f"{token} {tokens.pop(0)} {tokens.pop(0)}"
        return token in licences

    met = either()
    if tokens:
        raise ValueError(expression)
    return met


def faults(packages, rules):
    licences = set(rules["licenses"]["allow"])
    banned = {entry["crate"] for entry in rules["bans"]["deny"]}
    sources = {f"registry+{address}" for address in rules["sources"]["allow-registry"]}
    sources |= {f"git+{address}" for address in rules["sources"]["allow-git"]}
    for package in packages:
        name = f"{package['name']} {package['version']}"
        if package["source"] is not None and package["source"] not in sources:
            yield f"{name} comes from {package['source']}"
        if package["name"] in banned:
            yield f"{name} is banned"
        expression = package["license"]
        if not expression or not allowed(expression, licences):
            yield f"{name} has the licence {expression}"


def prove():
    """A check that finds nothing has to be able to find something."""
    rules = {
        "licenses": {"allow": ["MIT", "Apache-2.0"]},
        "bans": {"deny": [{"crate": "openssl"}]},
        "sources": {"allow-registry": ["https://index"], "allow-git": []},
    }
    fine = {"name": "a", "version": "1", "source": "registry+https://index", "license": "MIT"}
    assert not list(faults([fine, {**fine, "license": "GPL-3.0 OR (MIT AND Apache-2.0)"}], rules))
    assert not list(faults([{**fine, "license": "Apache-2.0/GPL-2.0"}, {**fine, "source": None}], rules))
    for wrong in (
        {"license": "GPL-3.0"},
        {"license": None},
        {"license": "MIT AND GPL-3.0"},
        {"license": "Apache-2.0 WITH Strange-exception"},
        {"name": "openssl"},
        {"source": "git+https://somewhere"},
        {"source": "registry+https://elsewhere"},
    ):
        assert len(list(faults([{**fine, **wrong}], rules))) == 1, wrong


def main():
    prove()
    rules = tomllib.loads(pathlib.Path(".cargo/deny.toml").read_text(encoding="utf-8"))
    packages = json.loads(subprocess.run(METADATA, check=True, capture_output=True).stdout)["packages"]
    found = list(faults(packages, rules))
    for fault in found:
        print(fault)
    print(f"{len(packages)} packages: licences, bans and sources, {len(found)} faults")
    return 1 if found else 0


sys.exit(main())
