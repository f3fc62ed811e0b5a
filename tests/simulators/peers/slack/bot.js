// A small Bolt app, written against Slack's own client. It plays one scene and leaves: a command,
// a card with a button, a modal, its submission, the card edited, a file in the thread, the home.
// With PORT set it runs in HTTP mode, where Bolt checks every signature; else in Socket Mode.
// The test that starts it plays the people.

const modules = process.env.PATCHBOT_NODE_MODULES;
const { App, LogLevel } = require(require.resolve('@slack/bolt', { paths: [modules] }));

const slackApiUrl = `${process.env.SLACK_BASE_URL}/api/`;
const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  ...(process.env.PORT
    ? { signingSecret: process.env.SLACK_SIGNING_SECRET }
    : { appToken: process.env.SLACK_APP_TOKEN, socketMode: true }),
  logLevel: LogLevel.WARN,
  clientOptions: { slackApiUrl },
  installerOptions: { clientOptions: { slackApiUrl } },
});

const plain = (text) => ({ type: 'plain_text', text });
const card = (text, elements) => [
  { type: 'section', text: { type: 'mrkdwn', text } },
  ...(elements ? [{ type: 'actions', elements }] : []),
];

app.command('/patch', async ({ command, ack, respond, client }) => {
  await ack();
  await respond({ response_type: 'ephemeral', text: `Looking at ${command.text}` });
  await client.chat.postMessage({
    channel: command.channel_id,
    text: 'A plan waits',
    blocks: card('*A plan waits*', [
      { type: 'button', action_id: 'reject', style: 'danger', value: 'plan-1', text: plain('Reject') },
    ]),
    metadata: { event_type: 'plan', event_payload: { plan: 'plan-1' } },
  });
});

app.action('reject', async ({ ack, body, client }) => {
  await ack();
  await client.views.open({
    trigger_id: body.trigger_id,
    view: {
      type: 'modal',
      callback_id: 'reason',
      private_metadata: JSON.stringify({ channel: body.channel.id, ts: body.message.ts }),
      title: plain('Reject'),
      submit: plain('Send'),
      blocks: [
        {
          type: 'input',
          block_id: 'why',
          label: plain('Why?'),
          element: { type: 'plain_text_input', action_id: 'text' },
        },
      ],
    },
  });
});

app.view('reason', async ({ ack, view, body, client }) => {
  const why = view.state.values.why.text.value;
  if (why.length < 5) {
    await ack({ response_action: 'errors', errors: { why: 'Say a little more' } });
    return;
  }
  await ack();
  const { channel, ts } = JSON.parse(view.private_metadata);
  const text = `Rejected by <@${body.user.id}>: ${why}`;
  await client.chat.update({ channel, ts, text, blocks: card(text) });
  await client.filesUploadV2({
    channel_id: channel,
    thread_ts: ts,
    initial_comment: 'Noted.',
    content: 'three nodes\n',
    filename: 'plan.txt',
  });
});

app.event('app_home_opened', async ({ event, client }) => {
  const view = { type: 'home', blocks: card(`Hello <@${event.user}>`) };
  await client.views.publish({ user_id: event.user, view });
  // The home is the last act of the scene.
  await app.stop();
});

app.start(process.env.PORT).catch((error) => {
  console.error(error);
  process.exit(1);
});
