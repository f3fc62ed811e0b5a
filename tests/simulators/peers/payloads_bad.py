"""Payloads that a judge has to refuse, and some that it has to take: `(name, is it good, line)`."""


def slack(method="chat.postMessage", outcome="ok", **payload):
    return {"platform": "slack", "method": method, "payload": payload, "outcome": outcome}


def discord(method, payload, outcome="200"):
    return {"platform": "discord", "method": method, "payload": payload, "outcome": outcome}


def words(text, kind="mrkdwn"):
    return {"type": kind, "text": text}


def section(**more):
    return {"type": "section", "text": words("A plan"), **more}


def button(**more):
    return {"type": "button", "action_id": "a", "text": words("Approve", "plain_text"), **more}


def modal(**more):
    view = {
        "type": "modal",
        "callback_id": "reason",
        "title": words("Reject", "plain_text"),
        "submit": words("Send", "plain_text"),
        "blocks": [section()],
    }
    return {**view, **more}


CHART = {"type": "data_visualization", "title": "Nodes"}
OPTION = {"text": words("One", "plain_text"), "value": "1"}

SLACK = [
    ("a card", True, slack(blocks=[section(), {"type": "actions", "elements": [button()]}])),
    ("blocks as text", True, slack(blocks='[{"type": "divider"}]')),
    ("a native chart", True, slack(blocks=[section(), CHART])),
    ("a chart refused", True, slack(blocks=[CHART], outcome="invalid_blocks")),
    ("no such channel", True, slack(blocks=[section()], outcome="channel_not_found")),
    ("a modal", True, slack("views.open", view=modal())),
    ("an unknown block", False, slack(blocks=[{"type": "sectoin"}])),
    ("an unknown field", False, slack(blocks=[section(colour="red")])),
    ("an unknown field of a button", False, slack(blocks=[section(accessory=button(colour="red"))])),
    ("a section without words", False, slack(blocks=[{"type": "section"}])),
    ("long text", False, slack(blocks=[section(text=words("x" * 3001))])),
    ("eleven fields", False, slack(blocks=[section(fields=[words("x")] * 11)])),
    ("a long label", False, slack(blocks=[section(accessory=button(text=words("x" * 76, "plain_text")))])),
    ("a long value", False, slack(blocks=[section(accessory=button(value="x" * 2001))])),
    ("an unknown style", False, slack(blocks=[section(accessory=button(style="green"))])),
    ("a long header", False, slack(blocks=[{"type": "header", "text": words("x" * 151, "plain_text")}])),
    ("eleven in a context", False, slack(blocks=[{"type": "context", "elements": [words("x")] * 11}])),
    (
        "a long menu",
        False,
        slack(
            blocks=[section(accessory={"type": "static_select", "action_id": "a", "options": [OPTION] * 101})]
        ),
    ),
    ("blocks that are no list", False, slack(blocks={"type": "divider"})),
    ("refused for its form", False, slack(blocks=[section()], outcome="invalid_blocks")),
    ("an unknown method", False, slack("chat.shout", outcome="unknown_method")),
    ("a long title", False, slack("views.open", view=modal(title=words("x" * 25, "plain_text")))),
    ("an unknown view", False, slack("views.open", view=modal(type="sheet"))),
    ("a field of no view", False, slack("views.open", view=modal(colour="red"))),
    ("long metadata", False, slack("views.open", view=modal(private_metadata="x" * 3001))),
    ("a bad block in a view", False, slack("views.open", view=modal(blocks=[{"type": "section"}]))),
    ("an answer with a bad view", False, slack("acknowledgement", view=modal(blocks=[{"type": "nope"}]))),
]

POST = "POST /channels/{}/messages"
CALLBACK = "POST /interactions/{}/{}/callback"
COMMANDS = "PUT /applications/{}/commands"


def row(**more):
    whole = {"type": 2, "style": 3, "label": "Approve", "custom_id": "a", **more}
    return [{"type": 1, "components": [whole]}]


def command(**more):
    return [{"type": 1, "name": "patch", "description": "Patches", **more}]


DISCORD = [
    ("a message", True, discord(POST, {"content": "Noted.", "components": row()})),
    ("deferred", True, discord(CALLBACK, {"type": 5, "data": {"flags": 64}})),
    ("choices", True, discord(CALLBACK, {"type": 8, "data": {"choices": [{"name": "a", "value": "a"}]}})),
    ("a command", True, discord(COMMANDS, command())),
    ("nothing to send", True, discord("GET /channels/{}", None)),
    ("no such message", True, discord("DELETE /channels/{}/messages/{}", None, "404 10008")),
    ("long content", False, discord(POST, {"content": "x" * 4001})),
    ("an unknown field", False, discord(POST, {"content": "x", "colour": "red"})),
    ("content of numbers", False, discord(POST, {"content": 5})),
    ("eleven embeds", False, discord(POST, {"embeds": [{"title": "x"}] * 11})),
    ("a long title", False, discord(POST, {"embeds": [{"title": "x" * 257}]})),
    ("an unknown component", False, discord(POST, {"components": [{"type": 99}]})),
    ("a long custom id", False, discord(POST, {"components": row(custom_id="x" * 101)})),
    ("a long nonce", False, discord(POST, {"content": "x", "nonce": "x" * 26})),
    ("an unknown response", False, discord(CALLBACK, {"type": 77})),
    ("a long name", False, discord(COMMANDS, command(name="x" * 33))),
    ("a command without a name", False, discord(COMMANDS, [{"type": 1, "description": "x"}])),
    ("an unknown route", False, discord("POST /channels/{}/shouts", {})),
    ("refused for its form", False, discord(POST, {"content": "x"}, "400 50035")),
    ("refused by twilight", False, discord(POST, {"content": "x"}, "twilight refuses embeds: long")),
    ("nothing to see", False, discord(POST, {}, "400 50006")),
]
