"""Names each dependency of the workspace that no source file mentions. Works offline.

A dependency counts as used where its crate name stands before `::`, `!` or after `use`; tests and
benches count for dependencies of tests only.
"""

import json
import pathlib
import re
import subprocess
import sys

METADATA = ["cargo", "metadata", "--locked", "--offline", "--no-deps", "--format-version", "1"]


def text_of(folder, places):
    files = [file for place in places for file in sorted((folder / place).rglob("*.rs"))]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def main():
    metadata = json.loads(subprocess.run(METADATA, check=True, capture_output=True).stdout)
    unused, looked_at = [], 0
    for package in metadata["packages"]:
        folder = pathlib.Path(package["manifest_path"]).parent
        shipped = text_of(folder, ["src"])
        everything = shipped + text_of(folder, ["tests", "benches", "examples"])
        for dependency in package["dependencies"]:
            looked_at += 1
            name = (dependency["rename"] or dependency["name"]).replace("-", "_")
            mention = re.compile(rf"\b{name}(::|!)|\buse {name}\b")
            if not mention.search(everything if dependency["kind"] == "dev" else shipped):
                unused.append(f"{package['name']}: {name}")
    for line in unused:
        print(f"nobody uses {line}")
    print(f"{looked_at} dependencies, {len(unused)} unused")
    return 1 if unused else 0


sys.exit(main())
