"""Judges of every payload that the bot sent to Slack and to Discord.

Usage: payloads.py FOLDER [OPENAPI]   judges what the simulators kept in FOLDER
       payloads.py --prove [OPENAPI]  proves that the judges find what is wrong

Slack: `slack_sdk`'s models of blocks, views, attachments and metadata. Each must read the payload, find it
within its limits, and write it again with nothing lost: a field that it drops is one that it does not know.
What is said with an acknowledgement, over a socket or as the answer to a request, must also be what Slack
takes there: a message, errors or a view, a challenge, or nothing.
Discord: Discord's own OpenAPI (https://github.com/discord/discord-api-spec), with objects closed, so that
a field that it does not know is a fault. Without that file this judge does not sit, and it says so.
Both: what the simulator refused as malformed (for Discord that is twilight's opinion too), and no secret.
"""

import collections
import copy
import json
import logging
import pathlib
import re
import sys
import urllib.parse

import jsonschema
import payloads_proof
import referencing
import referencing.jsonschema
from slack_sdk.models.attachments import Attachment
from slack_sdk.models.blocks import Block
from slack_sdk.models.metadata import Metadata
from slack_sdk.models.views import View

# Native charts, which slack_sdk does not know. Slack's limits in the simulator judge them alone.
UNKNOWN_BLOCKS = {"data_visualization"}

# Refusals by which Slack says that a payload is malformed; others speak of the world, such as a channel
# that is gone. https://docs.slack.dev/reference/methods/chat.postMessage#errors and views.open.
MALFORMED_IN_SLACK = {
    "invalid_arg_name",
    "invalid_arguments",
    "invalid_array_arg",
    "invalid_attachments",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_charset",
    "invalid_form_data",
    "invalid_json",
    "invalid_metadata_format",
    "invalid_payload",
    "invalid_post_type",
    "json_not_object",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "unknown_method",
}

# Before the name of what was acknowledged.
ACKNOWLEDGEMENT = "acknowledgement of "

# The same of Discord: no such route, empty message, invalid form body, invalid JSON.
MALFORMED_IN_DISCORD = {0, 50006, 50035, 50109}

# What opens a door must not stand in any payload; the simulators keep only its beginning. The one place
# for it is a view's `private_metadata`, which Slack gives to the app alone.
SECRETS = re.compile(r"xox[a-z]-|xapp-|/hooks/|/upload/v1/|discord-token-|AKIA[0-9A-Z]{16}")
# https://docs.slack.dev/reference/views/modal-views
FOR_THE_APP = "private_metadata"


class Heard(logging.Handler):
    """slack_sdk logs what it does not know, and goes on: here that is a fault."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.said = []

    def emit(self, record):
        self.said.append(record.getMessage().split(" (")[0])


HEARD = Heard()
logging.getLogger("slack_sdk").addHandler(HEARD)
logging.getLogger("slack_sdk").propagate = False


def lost(given, written, at):
    """What of `given` is not in `written`. Null and absent are the same."""
    if isinstance(given, dict) and isinstance(written, dict):
        for name, value in given.items():
            if value is None or value == []:
                continue
            if name not in written:
                yield f"{at} has {name}, which slack_sdk does not know"
            else:
                yield from lost(value, written[name], f"{at}.{name}")
    elif isinstance(given, list) and isinstance(written, list) and len(given) == len(written):
        for number, (one, other) in enumerate(zip(given, written)):
            yield from lost(one, other, f"{at}[{number}]")
    elif given != written:
        yield f"{at} is {given!r}, and slack_sdk reads {written!r}"


def modelled(read, given, at):
    """What slack_sdk's model has against `given`."""
    HEARD.said.clear()
    try:
        # The models take their arguments apart.
        model = read(copy.deepcopy(given))
        if model is None:
            yield f"{at} is nothing that slack_sdk knows: {given!r:.200}"
            return
        # Unlike `validate_json`, this descends into the parts.
        written = json.loads(json.dumps(model.to_dict()))
    except Exception as error:  # whatever it raises is its verdict
        yield f"{at}: {type(error).__name__}: {error}"
        return
    yield from (f"{at}: {said}" for said in HEARD.said)
    yield from lost(given, written, at)


def kind_of(block):
    return block.get("type") if isinstance(block, dict) else None


def blocks(given, at, excepted):
    if not isinstance(given, list):
        yield f"{at} is no list"
        return
    for number, block in enumerate(given):
        place = f"{at}[{number}]"
        kind = kind_of(block)
        if kind in UNKNOWN_BLOCKS:
            excepted[kind] += 1
            continue
        yield from modelled(Block.parse, block, place)
        if kind == "table":
            # The model of a table leaves its cells unread.
            for line, row in enumerate(block.get("rows", [])):
                for column, cell in enumerate(row):
                    if kind_of(cell) == "rich_text":
                        yield from modelled(Block.parse, cell, f"{place}.rows[{line}][{column}]")


def view(given, at, excepted):
    if not isinstance(given, dict):
        yield f"{at} is no object"
        return
    yield from blocks(given.get("blocks", []), f"{at}.blocks", excepted)
    known = [one for one in given.get("blocks", []) if kind_of(one) not in UNKNOWN_BLOCKS]
    yield from modelled(lambda it: View(**it), {**given, "blocks": known}, at)


def decoded(value):
    """Forms carry JSON as text."""
    return json.loads(value) if isinstance(value, str) else value


# https://docs.slack.dev/interactivity/implementing-slash-commands#responding_to_commands
MESSAGE = {"response_type", "text", "blocks", "attachments", "mrkdwn", "unfurl_links", "unfurl_media"}
# https://docs.slack.dev/surfaces/modals#response_actions
ACTIONS = {"errors": {"errors"}, "update": {"view"}, "push": {"view"}, "clear": set()}


def acknowledgement(payload, excepted):
    """What is wrong with what was said with an acknowledgement. Nothing is always right, but for a challenge."""
    to, body, outcome = payload["to"], payload["body"], payload["outcome"]
    what = to.removeprefix(ACKNOWLEDGEMENT)
    if outcome != "ok":
        # What is not believed is refused, in words; everything else has to be acknowledged.
        if outcome != "http_401" or not isinstance(body, str):
            yield f"{to} is {outcome}: {body!r:.200}"
    elif what == "url_verification":
        challenge = body.get("challenge") if isinstance(body, dict) else body
        if not isinstance(challenge, str) or not challenge or (isinstance(body, dict) and len(body) > 1):
            yield f"{to} is no challenge: {body!r:.200}"
    elif body is None or (what == "slash_commands" and isinstance(body, str)):
        return
    elif what not in ("slash_commands", "view_submission") or not isinstance(body, dict):
        yield f"{to} takes nothing such as {body!r:.200}"
    elif what == "slash_commands":
        yield from (f"{to} has {name}, which no message has" for name in body.keys() - MESSAGE)
        if body.get("response_type", "ephemeral") not in ("ephemeral", "in_channel"):
            yield f"{to} has the response_type {body['response_type']!r}"
        if not any(body.get(name) for name in ("text", "blocks", "attachments")):
            yield f"{to} says nothing"
        yield from parts_of(to, body, excepted)
    else:
        action = body.get("response_action")
        if action not in ACTIONS:
            yield f"{to} has the response_action {action!r}"
            return
        takes = ACTIONS[action]
        yield from (f"{to} has {name}, which {action} has not" for name in body.keys() - takes - {"response_action"})
        yield from (f"{to} lacks {name}, which {action} has" for name in takes - body.keys())
        errors = body.get("errors", {"a": "b"})
        if not (isinstance(errors, dict) and errors and all(isinstance(one, str) and one for one in errors.values())):
            yield f"{to} has errors that are no sentences: {errors!r:.200}"
        if isinstance(body.get("view"), dict) and body["view"].get("type") != "modal":
            yield f"{to} has a view that is no modal"
        yield from parts_of(to, body, excepted)


def slack(payload, excepted):
    """What is wrong with one payload for Slack."""
    if payload["to"].startswith(ACKNOWLEDGEMENT):
        yield from acknowledgement(payload, excepted)
        return
    to, body, outcome = payload["to"], payload["body"], payload["outcome"]
    yield from parts_of(to, body, excepted)
    try:
        has_chart = any(kind_of(one) in UNKNOWN_BLOCKS for one in decoded(body.get("blocks")) or [])
    except ValueError:
        return
    # A workspace without charts refuses them, and the bot says it again without.
    if outcome in MALFORMED_IN_SLACK and not (has_chart and not payload["charts"]):
        yield f"{to} was refused as {outcome}"


def parts_of(to, body, excepted):
    """What is wrong with the parts that slack_sdk has models of."""
    try:
        parts = {name: decoded(body[name]) for name in ("blocks", "attachments", "view", "metadata") if body.get(name)}
    except ValueError as error:
        yield f"{to}: {error}"
        return
    if "blocks" in parts:
        yield from blocks(parts["blocks"], f"{to} blocks", excepted)
    if "view" in parts:
        yield from view(parts["view"], f"{to} view", excepted)
    for number, one in enumerate(parts.get("attachments", [])):
        yield from modelled(lambda it: Attachment(**it), one, f"{to} attachments[{number}]")
    if "metadata" in parts:
        yield from modelled(lambda it: Metadata(**it), parts["metadata"], f"{to} metadata")


def formats():
    checker = jsonschema.FormatChecker(formats=["date-time"])

    @checker.checks("uri")
    def uri(value):
        parts = urllib.parse.urlsplit(value) if isinstance(value, str) else None
        return parts is None or bool(parts.scheme and parts.netloc)

    return checker


def closed(schema, composed=False):
    """The schema, with objects that take only what it names."""
    if isinstance(schema, list):
        return [closed(one, composed) for one in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {name: closed(part, name == "allOf") for name, part in schema.items()}
    if not composed and isinstance(schema.get("properties"), dict):
        shut.setdefault("additionalProperties", False)
    return shut


class OpenApi:
    """Discord's own description of what it takes."""

    def __init__(self, path):
        spec = closed(json.loads(pathlib.Path(path).read_text()))
        resource = referencing.Resource(spec, referencing.jsonschema.DRAFT202012)
        self.registry = referencing.Registry().with_resource("urn:discord", resource)
        self.routes = {}
        for address, route in spec["paths"].items():
            plain = re.sub(r"\{[^}]*\}", "{}", address)
            for method, operation in route.items():
                if method not in ("get", "put", "post", "patch", "delete"):
                    continue
                body = operation.get("requestBody", {})
                self.routes[f"{method.upper()} {plain}"] = self.validator(address, method, body)

    def validator(self, address, method, body):
        if "application/json" not in body.get("content", {}):
            return None
        escaped = urllib.parse.quote(address.replace("~", "~0").replace("/", "~1"), safe="~@")
        pointer = f"/paths/{escaped}/{method}/requestBody/content/application~1json/schema"
        return jsonschema.Draft202012Validator(
            {"$ref": f"urn:discord#{pointer}"}, registry=self.registry, format_checker=formats()
        )

    def faults(self, payload):
        to, body = payload["to"], payload["body"]
        if to not in self.routes:
            yield f"{to} is no route that Discord's OpenAPI knows"
            return
        validator = self.routes[to]
        if validator is None:
            if body:
                yield f"{to} takes no body, and has one"
            return
        for error in validator.iter_errors(body):
            deepest = jsonschema.exceptions.best_match([error])
            yield f"{to} {deepest.json_path}: {deepest.message:.300}"


def discord(payload, openapi):
    """What is wrong with one payload for Discord."""
    if openapi:
        yield from openapi.faults(payload)
    refusal = payload["refusal"] or {}
    if refusal.get("code") in MALFORMED_IN_DISCORD and payload["status"] != 401:
        yield f"{payload['to']} was refused: {json.dumps(refusal):.300}"


def without(value, name):
    if isinstance(value, dict):
        return {key: without(part, name) for key, part in value.items() if key != name}
    return [without(part, name) for part in value] if isinstance(value, list) else value


def judge(payload, openapi, excepted):
    if payload["platform"] == "slack":
        yield from slack(payload, excepted)
    else:
        yield from discord(payload, openapi)
    found = SECRETS.search(json.dumps(without(payload["body"], FOR_THE_APP)))
    if found:
        yield f"{payload['to']} carries a secret: {found.group()}…"


def payloads(folder):
    for file in sorted(pathlib.Path(folder).glob("*.jsonl")):
        with file.open() as lines:
            for number, line in enumerate(lines, 1):
                # A process that is killed may leave its last line half written.
                if line.endswith("\n"):
                    yield f"{file.name}:{number}", json.loads(line)


def seated(path):
    """Discord's judge, when its law is there."""
    if path and pathlib.Path(path).is_file():
        return OpenApi(path)
    print(f"Discord's OpenAPI is not here ({path or 'no file was named'}): this judge does not sit")
    return None


def main(folder, path):
    openapi, excepted = seated(path), collections.Counter()
    sent, condemned, wrong = collections.Counter(), collections.Counter(), []
    # The same payload is sent in many stories.
    known = {}
    for where, payload in payloads(folder):
        name = f"{payload['platform']:8}{payload['to']}"
        sent[name] += 1
        said = json.dumps(payload, sort_keys=True)
        if said not in known:
            faults = collections.Counter()
            known[said] = list(judge(payload, openapi, faults)), faults
            wrong.extend(f"{where}: {sentence}" for sentence in known[said][0])
        excepted.update(known[said][1])
        condemned[name] += bool(known[said][0])
    for platform in ("slack", "discord"):
        if not any(name.startswith(platform) for name in sent):
            sys.exit(f"nothing was kept of what was sent to {platform}: nothing was judged")
    print("    sent  faulty")
    for name, count in sorted(sent.items()):
        print(f"{count:8} {condemned[name]:7}  {name}")
    for name, count in sorted(excepted.items()):
        print(f"{count:8}          {name} blocks, excepted: slack_sdk does not know them")
    if wrong:
        print("\n".join(wrong[:40]))
        sys.exit(f"{len(wrong)} faults")
    sat = "slack_sdk, the simulators and Discord's OpenAPI" if openapi else "slack_sdk and the simulators"
    print(f"payloads: {sum(sent.values())} payloads, {len(known)} of them different, no fault; judges: {sat}")


def prove(path):
    """Each bad payload has one fault, and the judges must find it."""
    openapi = seated(path)
    good, bad = payloads_proof.cases(openapi is not None)
    for payload in good:
        found = list(judge(payload, openapi, collections.Counter()))
        if found:
            sys.exit(f"the judges condemn what is right: {payload}: {found}")
    unseen = [one for one in bad if not list(judge(one, openapi, collections.Counter()))]
    if unseen:
        sys.exit("the judges do not see what is wrong with\n" + "\n".join(map(str, unseen)))
    print(f"payloads: the judges find {len(bad)} of {len(bad)} faults")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["--prove"] and len(arguments) <= 2:
        prove(*arguments[1:] or [None])
    elif 1 <= len(arguments) <= 2 and not arguments[0].startswith("-"):
        main(arguments[0], *arguments[1:] or [None])
    else:
        sys.exit(__doc__)
