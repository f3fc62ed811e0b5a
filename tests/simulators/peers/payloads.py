"""Judges of everything that the bot sent to Slack and Discord.

Usage: payloads.py FOLDER [--openapi FILE]   judges the payloads that the simulators kept in FOLDER
       payloads.py --prove [--openapi FILE]  proves that the judges find what is wrong

Slack: blocks and views are read by the models of `slack_sdk`, keep every field on the way through them,
and are valid. It knows no native charts; those are counted, and the simulator's limits judge them alone.
Discord: bodies fit FILE, Discord's own OpenAPI, and have no field that it does not name. Where FILE is
not there, that is said, and Discord's payloads have the simulator and twilight as their judges.
Twilight judges inside of the Discord simulator, and what it refuses is kept with its words.
The simulators judged each payload when it came: one that they refused for its form is a fault here too.
"""

import argparse
import collections
import json
import pathlib
import re
import sys

import jsonschema
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

# Blocks that slack_sdk has no model of.
NATIVE_CHARTS = {"data_visualization"}

# Refusals that say the payload itself is wrong. Others are about the world: no such channel, too fast.
SLACK_FORM = {
    "invalid_arguments",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "invalid_payload",
    "invalid_post_type",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "unknown_method",
    "view_too_large",
}
DISCORD_FORM = {"400 50006", "400 50035", "400 50109", "404 0"}


def plain(value):
    """Without what the models leave out: fields that hold nothing."""
    if isinstance(value, dict):
        kept = {name: plain(member) for name, member in value.items()}
        return {name: member for name, member in kept.items() if member not in (None, "", [], {})}
    if isinstance(value, list):
        return [plain(member) for member in value]
    return value


def same(read, given, at):
    """Whether the model kept everything."""
    if plain(read) != plain(given):
        lost = json.dumps(plain(given), sort_keys=True)[:300]
        yield f"{at}: slack_sdk's model does not know all of {lost}"


def block_faults(blocks, at, tally):
    if not isinstance(blocks, list):
        yield f"{at} is no list"
        return
    for number, block in enumerate(blocks):
        here = f"{at}[{number}]"
        kind = block.get("type") if isinstance(block, dict) else None
        if kind in NATIVE_CHARTS:
            tally["native charts, not judged by slack_sdk"] += 1
            continue
        tally["blocks"] += 1
        try:
            model = Block.parse(block)
            if model is None:
                yield f"{here} is a {kind}, which slack_sdk does not know"
                continue
            # Validates the block, and what is nested in it.
            read = model.to_dict()
        except Exception as error:  # whatever it stumbles over is its verdict
            yield f"{here} ({kind}): {error}"
            continue
        yield from same(read, block, here)


def view_faults(view, at, tally):
    if not isinstance(view, dict):
        yield f"{at} is no object"
        return
    tally["views"] += 1
    yield from block_faults(view.get("blocks", []), f"{at}.blocks", tally)
    frame = {name: value for name, value in view.items() if name != "blocks"}
    # The model wants blocks; they were judged one by one, native charts left out.
    divider = [{"type": "divider"}]
    try:
        model = View(**frame, blocks=divider)
        read = model.to_dict()
    except Exception as error:
        yield f"{at}: {error}"
        return
    yield from same(read, {**frame, "blocks": divider}, at)


def parsed(value):
    """Forms carry JSON as text."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def has_chart(blocks):
    return isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") in NATIVE_CHARTS for block in blocks
    )


def slack_faults(method, payload, outcome, tally):
    payload = payload if isinstance(payload, dict) else {}
    blocks, view = parsed(payload.get("blocks")), parsed(payload.get("view"))
    if outcome in SLACK_FORM:
        # Workspaces without charts refuse them; the bot then sends a picture.
        if outcome == "invalid_blocks" and has_chart(blocks):
            tally["native charts, refused as in a workspace without them"] += 1
        else:
            yield f"the simulator refused it: {outcome}"
    if blocks is not None:
        yield from block_faults(blocks, "blocks", tally)
    if view is not None:
        yield from view_faults(view, "view", tally)


class OpenApi:
    """Discord's description of its API."""

    def __init__(self, path):
        self.document = json.loads(pathlib.Path(path).read_text())
        self.routes = {}
        for template, methods in self.document["paths"].items():
            plain_path = re.sub(r"\{[^}]*\}", "{}", template)
            for method, act in methods.items():
                if isinstance(act, dict) and "responses" in act:
                    self.routes[f"{method.upper()} {plain_path}"] = act
        self.validators = {}

    def validator(self, route, act):
        if route not in self.validators:
            content = act["requestBody"]["content"]
            body = content.get("application/json") or content["multipart/form-data"]
            schema = {
                "allOf": [body["schema"]],
                "unevaluatedProperties": False,
                "components": self.document["components"],
            }
            self.validators[route] = jsonschema.Draft202012Validator(schema)
        return self.validators[route]

    def faults(self, route, payload):
        act = self.routes.get(route)
        if act is None:
            yield "the OpenAPI knows no such route"
        elif payload is None:
            if act.get("requestBody", {}).get("required"):
                yield "the OpenAPI wants a body"
        elif "requestBody" not in act:
            if payload:
                yield "the OpenAPI knows no body here"
        else:
            errors = list(self.validator(route, act).iter_errors(payload))
            # Whatever is wrong inside makes all the rest unevaluated.
            inside = [error for error in errors if error.validator != "unevaluatedProperties"]
            for error in inside or errors:
                best = jsonschema.exceptions.best_match([error])
                yield f"the OpenAPI, at {best.json_path}: {best.message[:300]}"


def discord_faults(method, payload, outcome, tally, openapi):
    if outcome in DISCORD_FORM:
        yield f"the simulator refused it: {outcome}"
    if outcome.startswith("twilight"):
        # Kept beside the same payload with its answer.
        yield outcome
        return
    if openapi is not None:
        tally["bodies judged by the OpenAPI"] += payload is not None
        yield from openapi.faults(method, payload)


def faults(line, tally, openapi):
    arguments = line["method"], line["payload"], line["outcome"], tally
    if line["platform"] == "slack":
        return slack_faults(*arguments)
    if line["platform"] == "discord":
        return discord_faults(*arguments, openapi)
    return [f"no judge for {line['platform']}"]


def kept(folder):
    """Every payload, and how often it was sent."""
    counted = collections.Counter()
    for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
        for text in path.read_text().splitlines():
            # The process may have been killed while it wrote the last line.
            if text.endswith("}"):
                counted[text] += 1
    return counted


def judge(folder, openapi):
    payloads = kept(folder)
    methods, found, total = collections.Counter(), collections.Counter(), collections.Counter()
    for text, times in payloads.items():
        line = json.loads(text)
        name = f"{line['platform']:8} {line['method']}"
        methods[name] += times
        tally = collections.Counter()
        for fault in faults(line, tally, openapi):
            found[f"{name}: {fault}"] += times
        for what, count in tally.items():
            total[f"{line['platform']:8} {what}"] += count * times
    for name, times in sorted(methods.items()):
        print(f"{times:7} {name}")
    print()
    for what, count in sorted(total.items()):
        print(f"{count:7} {what}")
    if openapi is None:
        print("        discord  NOT judged by the OpenAPI: the file is not there")
    for fault, times in found.most_common():
        print(f"FAULT ({times} times) {fault}")
    platforms = {name.split()[0] for name in methods}
    for platform in {"slack", "discord"} - platforms:
        print(f"FAULT nothing was kept of {platform}: there is nothing to judge")
    print(f"{sum(methods.values())} payloads, {len(payloads)} of them different, {len(found)} faults")
    return not found and platforms == {"slack", "discord"}


def prove(openapi):
    # No folder of compiled files in the sources.
    sys.dont_write_bytecode = True
    import payloads_bad

    missed = 0
    cases = [*payloads_bad.SLACK, *(payloads_bad.DISCORD if openapi else [])]
    for name, is_good, line in cases:
        said = list(faults(line, collections.Counter(), openapi))
        if is_good == bool(said):
            missed += 1
            print(f"MISSED {name}: {said or 'nothing was found'}")
    if openapi is None:
        print("the proof of the OpenAPI was NOT done: the file is not there")
    bad = sum(not is_good for _, is_good, _ in cases)
    print(f"{bad} bad and {len(cases) - bad} good payloads, {missed} judged wrongly")
    return missed == 0


def main():
    reader = argparse.ArgumentParser()
    reader.add_argument("folder", nargs="?")
    reader.add_argument("--prove", action="store_true")
    reader.add_argument("--openapi")
    given = reader.parse_args()
    has_file = given.openapi and pathlib.Path(given.openapi).is_file()
    openapi = OpenApi(given.openapi) if has_file else None
    if given.prove:
        return prove(openapi)
    if not given.folder:
        reader.error("name a folder, or --prove")
    return judge(given.folder, openapi)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
