"""Checks licences, bans and sources of every dependency against .cargo/deny.toml, and that the one that has
advisories reaches no further than is written there.

Cargo is asked about the packages of all platforms: on a fresh machine it fetches those of the others from crates.io.

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


# What may stand between a package with advisories and the crate that brings it, see .cargo/deny.toml.
OLD = ("rustls-webpki", (0, 103, 13))
WAY = {"rustls 0.22.4", "tokio-rustls 0.25.0", "tungstenite 0.21.0", "tokio-tungstenite 0.21.0", "serenity 0.12.5"}


def release(package):
    return tuple(int(part) for part in re.split(r"[-+]", package["version"])[0].split("."))


def reach(packages, nodes):
    """Faults of where the releases of OLD that have advisories are used; WAY ends at patchbot itself."""
    by_id = {package["id"]: package for package in packages}
    dependents = {}
    for node in nodes:
        for dependency in node["deps"]:
            dependents.setdefault(dependency["pkg"], set()).add(node["id"])
    old = [package for package in packages if package["name"] == OLD[0] and release(package) < OLD[1]]
    if not old:
        yield f"no {OLD[0]} older than {OLD[1]} is left: take what .cargo/deny.toml and this file say of it away"
    seen, waiting = set(), [package["id"] for package in old]
    while waiting:
        for user in sorted(dependents.get(waiting.pop(), set()) - seen):
            seen.add(user)
            name = f"{by_id[user]['name']} {by_id[user]['version']}"
            if name in WAY:
                waiting.append(user)
            elif by_id[user]["source"] is not None:
                yield f"{name} reaches a {OLD[0]} with advisories, and .cargo/deny.toml does not say so"


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
    crates = [("rustls-webpki", "0.102.8"), ("rustls", "0.22.4"), ("serenity", "0.12.5"), ("other", "1.0.0")]
    crates = [{**fine, "id": name, "name": name, "version": version} for name, version in crates]
    bot = {**fine, "id": "bot", "name": "bot", "source": None}
    uses = lambda user, used: {"id": user, "deps": [{"pkg": used}]}
    way = [uses("rustls", "rustls-webpki"), uses("serenity", "rustls"), uses("bot", "serenity")]
    assert not list(reach([*crates, bot], way))
    assert len(list(reach([*crates, bot], [*way, uses("other", "rustls")]))) == 1
    assert len(list(reach([bot], []))) == 1


def main():
    prove()
    rules = tomllib.loads(pathlib.Path(".cargo/deny.toml").read_text(encoding="utf-8"))
    metadata = json.loads(subprocess.run(METADATA, check=True, stdout=subprocess.PIPE).stdout)
    packages = metadata["packages"]
    found = [*faults(packages, rules), *reach(packages, metadata["resolve"]["nodes"])]
    for fault in found:
        print(fault)
    print(f"{len(packages)} packages: licences, bans and sources, {len(found)} faults")
    return 1 if found else 0


sys.exit(main())
