"""A small app with Bolt for Python. It plays one scene and leaves: a command, a card with a button, a
modal, its submission, the card edited, a file in the thread, the home tab.

With `PORT` set it runs in HTTP mode, where Bolt checks every signature; else in Socket Mode.
The test that starts it plays the people."""

import json
import os
import sys
import threading

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

web = WebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_BASE_URL"] + "/api/")
app = App(client=web, signing_secret=os.environ["SLACK_SIGNING_SECRET"])
is_over = threading.Event()


def plain(text):
    return {"type": "plain_text", "text": text}


def card(text, *buttons):
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    return blocks + ([{"type": "actions", "elements": list(buttons)}] if buttons else [])


@app.command("/patch")
def patch(ack, respond, command, client):
    ack()
    name = client.users_info(user=command["user_id"])["user"]["name"]
    respond(response_type="ephemeral", text=f"{name} looks at {command['text']}")
    button = {
        "type": "button",
        "action_id": "reject",
        "style": "danger",
        "value": "plan-1",
        "text": plain("Reject"),
    }
    client.chat_postMessage(
        channel=command["channel_id"], text="A plan waits", blocks=card("*A plan waits*", button)
    )


@app.action("reject")
def reject(ack, body, client):
    ack()
    place = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
    why = {
        "type": "input",
        "block_id": "why",
        "label": plain("Why?"),
        "element": {"type": "plain_text_input", "action_id": "text"},
    }
    view = {
        "type": "modal",
        "callback_id": "reason",
        "private_metadata": json.dumps(place),
        "title": plain("Reject"),
        "submit": plain("Send"),
        "blocks": [why],
    }
    client.views_open(trigger_id=body["trigger_id"], view=view)


@app.view("reason")
def reason(ack, view, body, client):
    why = view["state"]["values"]["why"]["text"]["value"]
    if len(why) < 5:
        ack(response_action="errors", errors={"why": "Say a little more"})
        return
    ack()
    place = json.loads(view["private_metadata"])
    text = f"Rejected by <@{body['user']['id']}>: {why}"
    client.chat_update(**place, text=text, blocks=card(text))
    client.files_upload_v2(
        channel=place["channel"],
        thread_ts=place["ts"],
        initial_comment="Noted.",
        content="three nodes\n",
        filename="plan.txt",
    )


@app.event("app_home_opened")
def home(event, client):
    view = {"type": "home", "blocks": card(f"Hello <@{event['user']}>")}
    client.views_publish(user_id=event["user"], view=view)
    # The home is the last act of the scene.
    is_over.set()


if "PORT" in os.environ:
    # Bolt's own server, on a thread that ends with the process.
    port = int(os.environ["PORT"])
    threading.Thread(target=lambda: app.start(port, path="/slack/events"), daemon=True).start()
    is_over.wait()
else:
    handler = SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
    handler.connect()
    is_over.wait()
    handler.close()
sys.exit(0)
