"""What payloads.py is proven on: payloads as the simulators keep them."""

import json


def cases(with_openapi):
    """Payloads that are right, and payloads that have one fault each. Some only Discord's OpenAPI sees."""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "one"}}
    button = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Approve"}, "value": "v"}
    chart = {"type": "data_visualization", "title": "Nodes"}
    modal = {
        "type": "modal",
        "callback_id": "c",
        "title": {"type": "plain_text", "text": "Why"},
        "blocks": [section],
    }

    def to_slack(to="chat.postMessage", outcome="ok", charts=True, **body):
        return {"platform": "slack", "to": to, "outcome": outcome, "charts": charts, "body": body}

    def with_blocks(*given):
        return to_slack(channel="C1", text="one", blocks=list(given))

    def with_section(**more):
        return with_blocks({**section, **more})

    def with_button(**more):
        return with_blocks({"type": "actions", "elements": [{**button, **more}]})

    def with_view(**more):
        return to_slack("views.open", view={**modal, **more})

    def acks(what, body, outcome="ok"):
        return {**to_slack(f"acknowledgement of {what}", outcome), "body": body}

    def answers(what, **body):
        return acks(what, body)

    good = [
        acks("slash_commands", None),
        acks("slash_commands", "Looking"),
        answers("slash_commands", text="Looking", response_type="in_channel", blocks=[section]),
        acks("slash_commands", "it was received before", "http_401"),
        acks("block_actions", None),
        acks("event_callback", None),
        acks("view_submission", None),
        answers("view_submission", response_action="errors", errors={"why": "A reason is needed"}),
        answers("view_submission", response_action="update", view=modal),
        answers("view_submission", response_action="clear"),
        acks("url_verification", "3eZbrw1aB"),
        answers("url_verification", challenge="3eZbrw1aB"),
        to_slack(channel="C1", text="one"),
        with_blocks(section, {"type": "actions", "elements": [button]}, chart),
        to_slack(channel="C1", text="one", blocks=json.dumps([section])),
        to_slack(channel="C1", text="one", outcome="channel_not_found"),
        to_slack(channel="C1", text="one", blocks=[chart], outcome="invalid_blocks", charts=False),
        to_slack(channel="C1", metadata={"event_type": "e", "event_payload": {"a": 1}}),
        to_slack("response_url", text="one", blocks=[section]),
        with_view(),
        with_view(type="home"),
        with_view(private_metadata="https://x/hooks/****"),
    ]
    bad = [
        acks("slash_commands", None, "http_500"),
        acks("slash_commands", ["Looking"]),
        acks("slash_commands", "xoxb-1234"),
        answers("slash_commands", response_type="in_channel"),
        answers("slash_commands", text="Looking", response_type="public"),
        answers("slash_commands", text="Looking", channel="C1"),
        answers("slash_commands", blocks=[{"type": "sections"}]),
        acks("block_actions", "Looking"),
        answers("block_actions", text="Looking"),
        answers("event_callback", ok=True),
        acks("view_submission", "Looking"),
        answers("view_submission", text="Looking"),
        answers("view_submission", response_action="close"),
        answers("view_submission", response_action="errors"),
        answers("view_submission", response_action="errors", errors={}),
        answers("view_submission", response_action="errors", errors={"why": 1}),
        answers("view_submission", response_action="update", view={**modal, "type": "home"}),
        answers("view_submission", response_action="push", view={**modal, "colour": "red"}),
        answers("view_submission", response_action="clear", view=modal),
        acks("url_verification", None),
        answers("url_verification", challenge="3eZbrw1aB", ok=True),
        with_blocks({"type": "sections"}),
        with_blocks("section"),
        with_blocks({"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}),
        with_blocks({"type": "actions", "elements": [button] * 26}),
        with_blocks({"type": "table", "rows": [[{"type": "rich_text", "elements": [{"type": "purple"}]}]]}),
        with_section(block_id="x" * 256),
        with_section(colour="red"),
        with_section(text={"type": "mrkdwn", "text": "x" * 3001}),
        with_section(text=None),
        with_section(fields=[section["text"]] * 11),
        with_section(accessory={"type": "buton"}),
        with_button(value="x" * 2001),
        with_button(style="purple"),
        with_button(text={"type": "plain_text", "text": "x" * 76}),
        with_button(action_id="x" * 256),
        with_button(tooltip="x"),
        with_view(title={"type": "plain_text", "text": "x" * 25}),
        with_view(type="modal_dialog"),
        with_view(blocks=[{"type": "sections"}]),
        with_view(colour="red"),
        with_view(private_metadata="x" * 3001),
        to_slack("response_url", blocks="[{"),
        to_slack(text="one", blocks=[section], outcome="invalid_blocks"),
        to_slack(text="one", blocks=[section], outcome="invalid_blocks", charts=False),
        to_slack(text="xoxb-1234"),
        with_section(text={"type": "mrkdwn", "text": "<https://x/hooks/****|here>"}),
        to_slack(attachments=[{"text": "x", "colour": "red"}]),
    ]

    create = "POST /channels/{}/messages"
    callback = "POST /interactions/{}/{}/callback"
    registers = "PUT /applications/{}/guilds/{}/commands"
    thread = "POST /channels/{}/messages/{}/threads"
    follow = "PATCH /webhooks/{}/{}/messages/@original"
    press = {"type": 2, "style": 1, "label": "Approve", "custom_id": "a"}
    embed = {"title": "t", "fields": [{"name": "n", "value": "v"}]}
    option = {"type": 3, "name": "what", "description": "Which one"}
    command = {"name": "patch", "description": "Patches", "options": [option]}
    words = {"type": 4, "custom_id": "w", "style": 2}
    form = {"custom_id": "f", "title": "Why", "components": [{"type": 18, "label": "Why", "component": words}]}

    def to_discord(to, body, status=200, refusal=None):
        return {"platform": "discord", "to": to, "body": body, "files": 0, "status": status, "refusal": refusal}

    def with_embed(**more):
        return to_discord(create, {"embeds": [{**embed, **more}]})

    def with_press(**more):
        return to_discord(create, {"components": [{"type": 1, "components": [{**press, **more}]}]})

    def with_form(**more):
        return to_discord(callback, {"type": 9, "data": {**form, **more}})

    def with_command(**more):
        return to_discord(registers, [{**command, **more}])

    refused = {"code": 50035, "message": "Invalid Form Body"}
    good += [
        to_discord(create, {"content": "one"}, 403, {"code": 50013}),
    ]
    bad += [
        to_discord(create, {"content": "one"}, 400, refused),
        to_discord(create, {"content": "discord-token-*"}),
    ]
    if with_openapi:
        good += [
            to_discord(create, {"content": "one", "embeds": [embed]}),
            with_embed(url="https://example.org/a", timestamp="2026-11-23T00:00:00Z"),
            with_press(),
            with_press(style=5, url="https://example.org", custom_id=None),
            with_form(),
            with_command(),
            to_discord(callback, {"type": 5, "data": {"flags": 64}}),
            to_discord(callback, {"type": 8, "data": {"choices": [{"name": "a", "value": "a"}]}}),
            to_discord(thread, {"name": "run", "auto_archive_duration": 1440}),
            to_discord(follow, {"content": "one", "components": []}),
            to_discord("GET /channels/{}", None),
        ]
        bad += [
            to_discord("POST /channels/{}/letters", {"content": "one"}),
            to_discord(create, {"content": "x" * 4001}),
            to_discord(create, {"contents": "one"}),
            to_discord(create, {"embeds": [embed] * 11}),
            to_discord(create, None),
            to_discord("GET /channels/{}", {"a": 1}),
            with_embed(title="x" * 257),
            with_embed(color="red"),
            with_embed(colour=1),
            with_embed(url="example"),
            with_embed(timestamp="yesterday"),
            with_embed(fields=[{"name": "n"}]),
            with_embed(fields=embed["fields"] * 26),
            with_press(style=9),
            with_press(label="x" * 81),
            with_press(custom_id="x" * 101),
            with_press(tooltip="x"),
            with_form(title="x" * 46),
            with_form(components=[]),
            with_form(components=[{"type": 18, "label": "x" * 46, "component": words}]),
            with_command(name="x" * 33),
            with_command(description="x" * 101),
            with_command(options=[{**option, "type": 12}]),
            with_command(options=[option] * 26),
            with_command(name_localizations={"ja": ""}),
            to_discord(callback, {"type": 3}),
            to_discord(callback, {"type": 8, "data": {"choices": [{"name": "a"}]}}),
            to_discord(thread, {"name": "run", "auto_archive_duration": 61}),
            to_discord(thread, {"title": "run"}),
            to_discord(follow, {"content": "x" * 2001}),
        ]
    return good, bad
