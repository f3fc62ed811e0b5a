//! The simulated methods of the Web API, and the arguments of each.

use super::reach::{Answer, Reach};
use super::{Args, chat, conversations, files, identity, views};
use crate::slack::rate_limits::Tier;

/// The token that a method requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Anyone,
    Either,
    Bot,
    App,
}

/// The kind of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Flag,
    Number,
    /// A JSON value, as text in forms.
    Json,
    /// Several texts, separated by commas in forms.
    Texts,
}

impl Kind {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Flag => "a boolean",
            Self::Number => "a number",
            Self::Json => "JSON",
            Self::Texts => "a list of strings",
        }
    }
}

pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) token: Holder,
    pub(super) scope: Option<&'static str>,
    pub(super) tier: Tier,
    pub(super) takes_json: bool,
    pub(super) args: &'static [(&'static str, Kind)],
    pub(super) act: fn(&mut Reach<'_>, &Args) -> Answer,
}

impl Rule {
    /// The bucket in which a call is counted: posts are limited by channel.
    pub(super) fn bucket(&self, args: &Args) -> String {
        match (self.tier, args.text("channel")) {
            (Tier::Posting, Some(channel)) => format!("{} {channel}", self.name),
            _ => self.name.to_owned(),
        }
    }
}

pub(super) fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

use Holder::{Anyone, App, Bot, Either};
use Kind::{Flag, Json, Number, Text, Texts};

const fn rule(
    name: &'static str,
    (token, scope): (Holder, Option<&'static str>),
    tier: Tier,
    takes_json: bool,
    args: &'static [(&'static str, Kind)],
    act: fn(&mut Reach<'_>, &Args) -> Answer,
) -> Rule {
    Rule { name, token, scope, tier, takes_json, args, act }
}

const POST: &[(&str, Kind)] = &[
    ("channel", Text),
    ("text", Text),
    ("blocks", Json),
    ("attachments", Json),
    ("thread_ts", Text),
    ("metadata", Json),
    ("reply_broadcast", Flag),
    ("unfurl_links", Flag),
    ("unfurl_media", Flag),
    ("mrkdwn", Flag),
    ("parse", Text),
    ("link_names", Flag),
    ("client_msg_id", Text),
];
const UPDATE: &[(&str, Kind)] = &[
    ("channel", Text),
    ("ts", Text),
    ("text", Text),
    ("blocks", Json),
    ("attachments", Json),
    ("metadata", Json),
    ("parse", Text),
    ("link_names", Flag),
    ("reply_broadcast", Flag),
];
const EPHEMERAL: &[(&str, Kind)] = &[
    ("channel", Text),
    ("user", Text),
    ("text", Text),
    ("blocks", Json),
    ("attachments", Json),
    ("thread_ts", Text),
    ("parse", Text),
    ("link_names", Flag),
];
const HISTORY: &[(&str, Kind)] = &[
    ("channel", Text),
    ("cursor", Text),
    ("limit", Number),
    ("oldest", Text),
    ("latest", Text),
    ("inclusive", Flag),
    ("include_all_metadata", Flag),
];
const REPLIES: &[(&str, Kind)] = &[
    ("channel", Text),
    ("ts", Text),
    ("cursor", Text),
    ("limit", Number),
    ("oldest", Text),
    ("latest", Text),
    ("inclusive", Flag),
    ("include_all_metadata", Flag),
];
const INFO: &[(&str, Kind)] =
    &[("channel", Text), ("include_locale", Flag), ("include_num_members", Flag)];
const LIST: &[(&str, Kind)] =
    &[("cursor", Text), ("limit", Number), ("exclude_archived", Flag), ("types", Texts)];
const OPEN: &[(&str, Kind)] =
    &[("users", Texts), ("channel", Text), ("return_im", Flag), ("prevent_creation", Flag)];
const USERS: &[(&str, Kind)] = &[("cursor", Text), ("limit", Number), ("include_locale", Flag)];
const GROUPS: &[(&str, Kind)] =
    &[("include_count", Flag), ("include_disabled", Flag), ("include_users", Flag)];
const GROUP_USERS: &[(&str, Kind)] = &[("usergroup", Text), ("include_disabled", Flag)];
const VIEWS_UPDATE: &[(&str, Kind)] =
    &[("view", Json), ("view_id", Text), ("external_id", Text), ("hash", Text)];

static RULES: &[Rule] = &[
    rule("api.test", (Anyone, None), Tier::Special, true, &[("foo", Text)], identity::api_test),
    rule("auth.test", (Either, None), Tier::Special, true, &[], identity::auth_test),
    rule(
        "apps.connections.open",
        (App, Some("connections:write")),
        Tier::One,
        true,
        &[],
        identity::connections_open,
    ),
    rule("chat.postMessage", (Bot, Some("chat:write")), Tier::Posting, true, POST, chat::post),
    rule("chat.update", (Bot, Some("chat:write")), Tier::Three, true, UPDATE, chat::update),
    rule(
        "chat.postEphemeral",
        (Bot, Some("chat:write")),
        Tier::Four,
        true,
        EPHEMERAL,
        chat::ephemeral,
    ),
    rule(
        "chat.delete",
        (Bot, Some("chat:write")),
        Tier::Three,
        true,
        &[("channel", Text), ("ts", Text)],
        chat::delete,
    ),
    rule(
        "chat.getPermalink",
        (Bot, None),
        Tier::Special,
        false,
        &[("channel", Text), ("message_ts", Text)],
        chat::permalink,
    ),
    rule(
        "reactions.add",
        (Bot, Some("reactions:write")),
        Tier::Three,
        true,
        &[("channel", Text), ("timestamp", Text), ("name", Text)],
        chat::react,
    ),
    rule(
        "conversations.history",
        (Bot, Some("channels:history")),
        Tier::Three,
        false,
        HISTORY,
        conversations::history,
    ),
    rule(
        "conversations.replies",
        (Bot, Some("channels:history")),
        Tier::Three,
        false,
        REPLIES,
        conversations::replies,
    ),
    rule(
        "conversations.info",
        (Bot, Some("channels:read")),
        Tier::Three,
        false,
        INFO,
        conversations::info,
    ),
    rule(
        "conversations.list",
        (Bot, Some("channels:read")),
        Tier::Two,
        false,
        LIST,
        conversations::list,
    ),
    rule(
        "conversations.open",
        (Bot, Some("im:write")),
        Tier::Three,
        true,
        OPEN,
        conversations::open,
    ),
    rule(
        "users.info",
        (Bot, Some("users:read")),
        Tier::Four,
        false,
        &[("user", Text), ("include_locale", Flag)],
        identity::user,
    ),
    rule(
        "files.getUploadURLExternal",
        (Bot, Some("files:write")),
        Tier::Four,
        false,
        &[("filename", Text), ("length", Text), ("alt_txt", Text), ("snippet_type", Text)],
        files::get_upload_url,
    ),
    rule(
        "files.completeUploadExternal",
        (Bot, Some("files:write")),
        Tier::Four,
        true,
        &[("files", Json), ("channel_id", Text), ("thread_ts", Text), ("initial_comment", Text)],
        files::complete_upload,
    ),
    rule("users.list", (Bot, Some("users:read")), Tier::Two, false, USERS, identity::users),
    rule(
        "usergroups.list",
        (Bot, Some("usergroups:read")),
        Tier::Two,
        false,
        GROUPS,
        identity::groups,
    ),
    rule(
        "usergroups.users.list",
        (Bot, Some("usergroups:read")),
        Tier::Two,
        false,
        GROUP_USERS,
        identity::group_users,
    ),
    rule(
        "views.open",
        (Bot, None),
        Tier::Four,
        true,
        &[("trigger_id", Text), ("view", Json)],
        views::open,
    ),
    rule(
        "views.push",
        (Bot, None),
        Tier::Four,
        true,
        &[("trigger_id", Text), ("view", Json)],
        views::push,
    ),
    rule("views.update", (Bot, None), Tier::Four, true, VIEWS_UPDATE, views::update),
    rule(
        "views.publish",
        (Bot, None),
        Tier::Four,
        true,
        &[("user_id", Text), ("view", Json), ("hash", Text)],
        views::publish,
    ),
];
