use super::*;
use crate::aws::Access;

const GOOD: &str = r#"
[bot]
data = "/var/lib/patchbot"

[slack]
channel = "C0123456789"

[[person]]
name = "aiko"
slack = "U0AIKO"

[[group]]
name = "sre"
slack = "S0SRE"

[[environment]]
name = "verification"
account = "111111111111"
region = "ap-northeast-1"
patch_group = "web-verification"
approvers = ["aiko", "@sre"]

[[environment]]
name = "production"
account = "222222222222"
region = "ap-northeast-1"
patch_group = "web-production"
approvers = ["aiko", "@sre"]
quorum = 2
window = "nightly"
windows = ["sunday-02"]
override_location = "s3://lists/patchbot"
soak = "15m"
on_drift = "shrink"
"#;

fn refused(change: (&str, &str), expected: &str) {
    let text = GOOD.replacen(change.0, change.1, 1);
    assert_ne!(text, GOOD, "the change {change:?} changes nothing");
    let error = format!("{:#}", Config::parse(&text).expect_err(change.1));
    assert!(error.contains(expected), "{error}\n  does not say\n{expected}");
}

#[test]
fn a_whole_configuration_is_read() {
    let config = Config::parse(GOOD).expect("it is good");
    let [verification, production] = config.promotion.0.as_slice() else {
        panic!("two environments")
    };
    assert_eq!(verification.start, StartRule::OnApproval);
    assert_eq!(production.start, StartRule::InWindow("nightly".into()));
    assert_eq!(production.windows(), ["nightly", "sunday-02"]);
    assert_eq!(verification.windows(), Vec::<&str>::new());
    assert_eq!(production.soak, Seconds::minutes(15));
    assert_eq!(production.policy.quorum, 2);
    assert_eq!((verification.on_drift, production.on_drift), (OnDrift::Void, OnDrift::Shrink));
    assert_eq!(config.poll, Duration::from_secs(10));
    assert!(config.insecure_endpoints().is_empty());
}

#[test]
fn the_example_that_operators_start_from_is_good() {
    let example = include_str!("../../../deploy/patchbot.example.toml");
    let config = Config::parse(example).expect("the example is read by the program it is for");
    assert!(config.insecure_endpoints().is_empty());
}

#[test]
fn without_approvers_nobody_may_approve() {
    let text = GOOD.replace(r#"approvers = ["aiko", "@sre"]"#, "");
    let config = Config::parse(&text).expect("it is allowed, and says nobody");
    assert!(config.promotion.0.iter().all(|environment| environment.policy.approvers.is_empty()));
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_key() {
    refused(
        ("soak", "soka"),
        "`environment[2].soka` is a key that patchbot does not know (an unknown field)",
    );
    refused(("soak", "soka"), "line 33");
    refused(("\"15m\"", "\"a while\""), "has to be a span of time");
    refused(("\"shrink\"", "\"ignore\""), "has to be \"void\" or \"shrink\"");
    refused(("[slack]", "[calendar]\n[slack]"), "column 2: the file has here a key that");
    refused(("[slack]", "[slack"), "line 5, column 7: This is not TOML");
    refused(("C0123456789", "#patching"), "has to be a channel's id");
    refused(("\"@sre\"]", "\"@ops\"]"), "names a group that is not described");
    refused(("\"aiko\", ", "\"bob\", "), "names a person that is not described");
    refused(("quorum = 2", "quorum = 0"), "`environment[2].quorum` has to be a whole number");
    refused(("sunday-02", "sunday night"), "letters, digits, hyphens");
    refused(("sunday-02", "NOW"), "what people type for no window at all");
    refused(("\"sunday-02\"", "\"sunday-02\", \"sunday-02\""), "stands twice in its list");
    refused(("222222222222", "2222"), "twelve digits");
    refused(("override_location", "# override_location"), "override_location` is missing");
    refused(("s3://lists", "/srv/lists"), "has to be a place in S3");
    refused(("\"production\"", "\"verification\""), "is the name of another one");
    refused(("\"production\"", "\"Production!\""), "lower-case letters");
}

#[test]
fn definition_updates_are_installed_unless_the_file_leaves_them_out() {
    let of_both = |text: &str| {
        let config = Config::parse(text)?;
        anyhow::Ok(config.promotion.0.iter().map(|one| one.definition_updates).collect::<Vec<_>>())
    };
    let production = |value: &str| {
        let line = format!("definition_updates = {value}\non_drift");
        of_both(&GOOD.replacen("on_drift", &line, 1))
    };
    use DefinitionUpdates::{Install, LeaveOut};
    assert_eq!(of_both(GOOD).expect("nothing is said"), [Install, Install]);
    assert_eq!(production("\"install\"").expect("as by default"), [Install, Install]);
    assert_eq!(production("\"leave_out\"").expect("of production alone"), [Install, LeaveOut]);
    for value in ["\"maybe\"", "\"Install\"", "\"leave-out\"", "\"\"", "true", "1", "[\"install\"]"]
    {
        let error = format!("{:#}", production(value).expect_err(value));
        let says = "line 34, column 22: `environment[2].definition_updates` has to be \"install\" or \"leave_out\"";
        assert!(error.contains(says), "{error}\n  does not say\n{says}");
        assert!(!error.contains("maybe"), "what is there is not quoted: {error}");
    }
}

#[test]
fn who_may_ask_for_plans_and_how_often() {
    let may_ask = |value: &str| {
        let line = format!("may_ask = {value}\non_drift");
        Config::parse(&GOOD.replacen("on_drift", &line, 1))
    };
    let config = may_ask("[\"@sre\", \"aiko\"]").expect("both are described");
    let [verification, production] = config.promotion.0.as_slice() else { panic!("two") };
    assert_eq!(verification.may_ask, None, "everybody, unless it says otherwise");
    assert_eq!(production.may_ask.as_ref().map(Vec::len), Some(2));
    let one = GOOD.replace("approvers = [\"aiko\", \"@sre\"]", "may_ask = [\"@sre\"]");
    let one = Config::parse(&one).expect("nobody approves, and a group may ask");
    let sre = GroupRef("sre".into());
    assert_eq!(one.groups_in_use(), [&sre].into(), "its members are asked for");
    for (value, says) in [
        ("[]", "`environment[2].may_ask` names nobody"),
        ("\"aiko\"", "`environment[2].may_ask` has to be"),
        ("[\"bob\"]", "`environment[2].may_ask[1]` names a person that is not described"),
        ("[\"@ops\"]", "`environment[2].may_ask[1]` names a group that is not described"),
    ] {
        let error = format!("{:#}", may_ask(value).expect_err(value));
        assert!(error.contains(says), "{error}\n  does not say\n{says}");
        assert_eq!(error.matches("may_ask").count(), 1, "{error}");
    }
    assert_eq!((config.plans_per_hour.get(), config.surveys_per_hour.get()), (10, 30));
    let limited = |key: &str, count: &str| {
        let line = format!("[bot]\n{key} = {count}");
        Config::parse(&GOOD.replacen("[bot]", &line, 1))
    };
    assert_eq!(limited("plans_per_hour", "3").expect("it is a count").plans_per_hour.get(), 3);
    assert_eq!(limited("surveys_per_hour", "3").expect("it is a count").surveys_per_hour.get(), 3);
    for key in ["plans_per_hour", "surveys_per_hour"] {
        for count in ["0", "-1", "1001", "\"3\""] {
            let error = format!("{:#}", limited(key, count).expect_err(count));
            assert!(error.contains(&format!("`bot.{key}` has to be a whole number")), "{error}");
        }
    }
}

#[test]
fn several_channels_follow_what_they_want() {
    let more = r#"
[[channel]]
name = "patching-ja"
slack = "C0JAPAN"
environments = ["production"]
levels = ["III", "II"]
locale = "ja"
compliance = false
"#;
    let text = format!("{GOOD}{more}");
    let config = Config::parse(&text).expect("it is good");
    let [short, japan] = config.channels.as_slice() else { panic!("two channels") };
    assert_eq!((short.key().as_str(), short.locale), ("slack:C0123456789", Locale::En));
    assert_eq!(short.subscription, commands::state::subscription::Subscription::default());
    assert_eq!((japan.key().as_str(), japan.locale), ("slack:C0JAPAN", Locale::Ja));
    assert!(japan.subscription.plans && !japan.subscription.compliance);

    let wrong = |from: &str, to: &str, expected: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "the change {from:?} changes nothing");
        let error = format!("{:#}", Config::parse(&changed).expect_err(to));
        assert!(error.contains(expected), "{error}\n  does not say\n{expected}");
    };
    wrong("C0JAPAN", "C0123456789", "are the same one");
    wrong("C0JAPAN", "#japan", "has to be a channel's id");
    wrong("[\"production\"]", "[\"staging\"]", "there is no such environment");
    wrong("\"II\"]", "\"IV\"]", "has to be a level");
    wrong("patching-ja", "slack", "is the name of `slack.channel`");
}

#[test]
fn a_channel_can_follow_what_a_team_owns() {
    let text = GOOD.replace("soak = \"15m\"", "soak = \"15m\"\nowner = \"@sre\"");
    let channel = |more: &str| {
        let channel = "[[channel]]\nname = \"ours\"\nslack = \"C0OURS\"\nowners = [\"@sre\"]\n";
        Config::parse(&format!("{text}\n{channel}{more}"))
    };
    let config = channel("").expect("it is good");
    let [_, production] = config.promotion.0.as_slice() else { panic!("two environments") };
    assert_eq!(production.owner, Some(GroupRef("sre".into())));
    let production = BTreeSet::from([production.name.clone()]);
    assert_eq!(config.channels[1].subscription.environments, Some(production));
    assert_eq!(config.channels[0].subscription.environments, None, "the other hears of all");

    let wrong = |text: &str, expected: &str| {
        let error = format!("{:#}", Config::parse(text).expect_err(expected));
        assert!(error.contains(expected), "{error}\n  does not say\n{expected}");
    };
    let nothing = channel("environments = [\"verification\"]").expect_err("nothing is left");
    assert!(format!("{nothing:#}").contains("nothing is left to hear of"), "{nothing:#}");
    let ours = "[[channel]]\nname = \"ours\"\nslack = \"C0OURS\"\nowners = [\"@sre\"]\n";
    wrong(&format!("{GOOD}\n{ours}"), "no [[environment]] has it as its `owner`");
    wrong(&text.replace("owner = \"@sre\"", "owner = \"sre\""), "has to be a group with an @");
    wrong(&text.replace("owner = \"@sre\"", "owner = \"@ops\""), "is not described by a [[group]]");
}

#[test]
fn an_id_belongs_to_one_person() {
    let ben = |ids: &str| {
        let text = format!("{GOOD}\n[[person]]\nname = \"ben\"\n{ids}\n");
        Config::parse(&text).map(|_| ()).map_err(|error| format!("{error:#}"))
    };
    ben("slack = \"U0BEN\"\ndiscord = \"123456789012345678\"").expect("both");
    ben("discord = \"123456789012345678\"").expect("either");
    let check = |ids: &str, expected: &str| {
        let error = ben(ids).expect_err(ids);
        assert!(error.contains(expected), "{error}\n  does not say\n{expected}");
    };
    check("slack = \"U0AIKO\"", "is the id of another one");
    check("", "neither `slack` nor `discord`");
    check("slack = \"@ben\"", "has to be a member's id");
    check("discord = \"ben#1234\"", "has to be an id of Discord");
}

#[test]
fn endpoints_without_tls_are_named() {
    let text = format!("{GOOD}\n[aws]\nendpoint = \"http://127.0.0.1:4566\"\n");
    let config = Config::parse(&text).expect("it is good");
    assert_eq!(config.insecure_endpoints(), ["http://127.0.0.1:4566"]);
}

#[test]
fn a_secret_never_stands_in_an_error() {
    let wrong = |name: &str| Some(format!("hunter2-{name}"));
    let config = Config::parse(GOOD).expect("it is good");
    let error = format!("{:?}", Secrets::read(&wrong, &config).expect_err("no such tokens"));
    assert!(error.contains("SLACK_BOT_TOKEN") && !error.contains("hunter2"), "{error}");
    let missing = |_: &str| None;
    let error = format!("{:?}", Secrets::read(&missing, &config).expect_err("no tokens at all"));
    assert!(error.contains("SLACK_BOT_TOKEN is not set"), "{error}");
}

#[test]
fn patches_travel_along_trees() {
    let more = r#"
[[environment]]
name = "production-eu"
after = "verification"
account = "333333333333"
region = "eu-central-1"
patch_group = "web-production"
override_location = "s3://lists-eu/patchbot"

[[environment]]
name = "db-verification"
first = true
account = "111111111111"
region = "ap-northeast-1"
patch_group = "db-verification"
"#;
    let text = format!("{GOOD}{more}");
    let promotion = Config::parse(&text).expect("it is good").promotion;
    let name = |text: &str| text.parse().expect("a name");
    let before =
        |text: &str| promotion.before(&name(text)).map(|before| before.name.as_str().to_owned());
    assert_eq!(before("production").as_deref(), Some("verification"));
    assert_eq!(before("production-eu").as_deref(), Some("verification"));
    assert_eq!(before("db-verification"), None);
    assert_eq!(promotion.after(&name("verification")).count(), 2);
    let first = promotion.first_of(&name("production-eu")).map(|first| first.name.as_str());
    assert_eq!(first, Some("verification"));

    let wrong = |from: &str, to: &str, expected: &str| {
        let error = Config::parse(&text.replacen(from, to, 1)).expect_err(to);
        let error = format!("{error:#}");
        assert!(error.contains(expected), "{error}");
    };
    wrong("after = \"verification\"", "after = \"staging\"", "no environment of that name");
    wrong("first = true", "first = true\nafter = \"production\"", "contradict each other");
    wrong("override_location = \"s3://lists-eu/patchbot\"", "", "override_location` is missing");
}

#[test]
fn how_many_nodes_install_at_once_is_a_count_or_a_share() {
    use commands::environment::Concurrency;
    let with = |value: &str| {
        let line = format!("concurrency = {value}\npatch_group");
        Config::parse(&GOOD.replacen("patch_group", &line, 1))
    };
    let check = |value: &str, expected| {
        let config = with(value).expect(value);
        assert_eq!(config.promotion.0[0].waves.concurrency, expected, "{value}");
    };
    check("10", Concurrency::Nodes(10));
    check("\"25%\"", Concurrency::Percent(25));
    let unset = Config::parse(GOOD).expect("it is good").promotion;
    assert_eq!(unset.0[0].waves.concurrency, Concurrency::Percent(100));
    for wrong in ["0", "\"0%\"", "\"101%\"", "\"10\"", "\"all\"", "1.5"] {
        let error = format!("{:#}", with(wrong).expect_err(wrong));
        assert!(error.contains("concurrency"), "{wrong}: {error}");
    }
}

#[test]
fn slack_calls_the_bot_only_where_that_was_chosen() {
    let http = "[slack]\nmode = \"http\"\nlisten = \"127.0.0.1:3000\"";
    let config = Config::parse(&GOOD.replace("[slack]", http)).expect("it is good");
    assert_eq!(
        config.slack.as_ref().and_then(|slack| slack.port).map(|address| address.port()),
        Some(3000)
    );
    refused(("[slack]", "[slack]\nmode = \"http\""), "`slack.listen` is missing");
    refused(("[slack]", "[slack]\nlisten = \"127.0.0.1:3000\""), "Socket Mode opens no port");
    refused(("[slack]", "[slack]\nmode = \"webhook\""), "has to be \"socket\" or \"http\"");

    let only = |name: &str| (name == "SLACK_BOT_TOKEN").then(|| "xoxb-1".to_owned());
    let error = Secrets::read(&only, &config).expect_err("no signing secret");
    assert!(error.to_string().contains("SLACK_SIGNING_SECRET is not set"), "{error}");
}

#[test]
fn reading_and_acting_have_their_roles() {
    let production = "patch_group = \"web-production\"\n";
    let with = |lines: &str| {
        let text = GOOD.replacen(production, &format!("{production}{lines}\n"), 1);
        Config::parse(&text).map(|config| {
            let production = &config.aws[1];
            (production.read.clone(), production.execute.clone())
        })
    };
    let access = |role: &str, id: Option<&str>| Access {
        role_arn: Some(format!("arn:aws:iam::222222222222:role/{role}")),
        external_id: id.map(str::to_owned),
    };
    let check = |lines: &str, read: Access, execute: Option<Access>| {
        assert_eq!(with(lines).expect(lines), (read, execute), "{lines}");
    };
    check("", Access::default(), Some(Access::default()));
    let both = access("both", Some("id"));
    check(
        "role_arn = \"arn:aws:iam::222222222222:role/both\"\nexternal_id = \"id\"",
        both.clone(),
        Some(both),
    );
    check(
        "read_role_arn = \"arn:aws:iam::222222222222:role/r\"\nexecute_role_arn = \"arn:aws:iam::222222222222:role/x\"\nread_external_id = \"aa\"",
        access("r", Some("aa")),
        Some(access("x", None)),
    );
    check(
        "read_role_arn = \"arn:aws:iam::222222222222:role/r\"\nexecute_role_arn = \"arn:aws:iam::222222222222:role/x\"\nexternal_id = \"aa\"",
        access("r", Some("aa")),
        Some(access("x", Some("aa"))),
    );
    check("read_role_arn = \"arn:aws:iam::222222222222:role/r\"", access("r", None), None);

    let wrong = |lines: &str, expected: &str| {
        let error = format!("{:#}", with(lines).expect_err(lines));
        assert!(error.contains(expected) && error.contains("environment[2]"), "{error}");
    };
    wrong(
        "role_arn = \"arn:aws:iam::222222222222:role/b\"\nread_role_arn = \"arn:aws:iam::222222222222:role/r\"",
        "role_arn` is short for",
    );
    wrong(
        "role_arn = \"arn:aws:iam::222222222222:role/b\"\nexternal_id = \"ii\"\nread_external_id = \"aa\"",
        "external_id` is short for",
    );
    wrong("external_id = \"ii\"", "`role_arn` is missing");
    wrong("execute_role_arn = \"arn:aws:iam::222222222222:role/x\"", "nothing could be seen there");
    wrong(
        "read_role_arn = \"arn:aws:iam::222222222222:role/r\"\nexecute_external_id = \"aa\"",
        "`execute_role_arn` is missing",
    );
}

#[test]
fn how_often_aws_is_asked_can_be_said() {
    let text = format!("{GOOD}\n[aws]\nreads_per_second = 5\nsends_per_second = 1\n");
    let rates = Config::parse(&text).expect("it is good").rates;
    assert_eq!((rates.reads.get(), rates.burst.get(), rates.sends.get()), (5, 20, 1));
    let none = text.replace("= 5", "= 0");
    let error = format!("{:#}", Config::parse(&none).expect_err("nothing could be asked"));
    assert!(error.contains("reads_per_second"), "{error}");
}

#[test]
fn discord_stands_beside_slack_or_alone() {
    let discord =
        "[discord]\napplication_id = \"111\"\n\n[[channel]]\nname = \"dc\"\ndiscord = \"222\"\n";
    let both = Config::parse(&format!("{GOOD}\n{discord}")).expect("both");
    let ids: Vec<String> = both.channels.iter().map(crate::chat::Channel::key).collect();
    assert_eq!(ids, ["slack:C0123456789", "discord:222"]);
    let alone = GOOD.replace("[slack]\nchannel = \"C0123456789\"\n", discord);
    let alone = Config::parse(&alone).expect("Discord alone");
    assert!(alone.slack.is_none());
    let error = Secrets::read(&|_| None, &alone).expect_err("no token");
    assert!(error.to_string().contains("DISCORD_BOT_TOKEN is not set"), "{error}");

    refused(("[slack]\nchannel = \"C0123456789\"", ""), "neither [slack] nor [discord]");
    let wrong = |from: &str, to: &str, expected: &str| {
        let text = format!("{GOOD}\n{discord}").replacen(from, to, 1);
        let error = format!("{:#}", Config::parse(&text).expect_err(to));
        assert!(error.contains(expected), "{error}\n  does not say\n{expected}");
    };
    wrong("\"222\"", "\"#ops\"", "has to be an id of Discord");
    wrong("\"111\"", "\"app\"", "`discord.application_id` has to be an id");
    wrong("[discord]\napplication_id = \"111\"\n", "", "needs [discord], which is missing");
    wrong("discord = \"222\"", "", "exactly one of `slack` and `discord`");
}

#[test]
fn queues_of_events_are_checked() {
    let with =
        |events: &str| GOOD.replacen("[slack]", &format!("[aws.events]\n{events}\n\n[slack]"), 1);
    let url = |account: &str, name: &str| {
        format!("https://sqs.ap-northeast-1.amazonaws.com/{account}/{name}")
    };
    let one = with(&format!("queue_url = {:?}", url("111111111111", "events")));
    let queues = Config::parse(&one).expect("one queue").queues;
    assert_eq!(
        queues.iter().map(|queue| queue.as_str()).collect::<Vec<_>>(),
        [url("111111111111", "events")]
    );
    let two = [url("111111111111", "events"), url("222222222222", "events")];
    let two = with(&format!("queue_url = {two:?}"));
    assert_eq!(Config::parse(&two).expect("two queues").queues.len(), 2);
    assert!(Config::parse(GOOD).expect("none").queues.is_empty());
    let twice = [url("111111111111", "events"), url("111111111111", "events")];
    for (events, expected) in [
        (format!("queue_url = {:?}", url("999999999999", "events")), "no environment is"),
        ("queue_url = \"events\"".to_owned(), "has to be the address of a queue"),
        (format!("queue_url = {twice:?}"), "stands twice"),
        ("queue_url = []".to_owned(), "is empty"),
        ("queue_url = 7".to_owned(), "has to be the address of a queue"),
        ("queue = \"x\"".to_owned(), "unknown field"),
        (String::new(), "`aws.events.queue_url` is missing"),
    ] {
        let error = Config::parse(&with(&events)).expect_err(&events);
        let error = format!("{error:#}");
        assert!(error.contains(expected), "{error}\n  does not say\n{expected}");
    }
}

/// The lines of the example that set a key, including those that are commented out, with what they
/// set.
fn lines_of_the_example() -> Vec<(usize, String, String)> {
    let example = include_str!("../../../deploy/patchbot.example.toml");
    let key = |line: &str| {
        let (key, value) = line.strip_prefix("# ").unwrap_or(line).split_once(" = ")?;
        let is_key = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let is_value = value.starts_with(['"', '[', 't', 'f']) || value.parse::<i64>().is_ok();
        (is_key && is_value).then(|| (key.to_owned(), value.to_owned()))
    };
    let lines = example.lines().enumerate();
    lines.filter_map(|(at, line)| key(line).map(|(key, value)| (at, key, value))).collect()
}

/// The example with one more of its lines in force, and with what that line needs: its table with
/// its required keys, and without the keys that exclude it.
fn with_line_of_the_example(at: usize) -> String {
    let bare = |line: &str| line.strip_prefix("# ").unwrap_or(line).to_owned();
    let is_header = |line: &str| line.starts_with('[') && line.ends_with(']');
    let key =
        |line: &str| line.split_once(" = ").map(|(key, _)| key.to_owned()).unwrap_or_default();
    let mut lines: Vec<String> =
        include_str!("../../../deploy/patchbot.example.toml").lines().map(str::to_owned).collect();
    let begins = (0..at).rev().find(|at| is_header(&bare(&lines[*at]))).expect("a table");
    let ends = (at..lines.len()).find(|at| is_header(&bare(&lines[*at]))).unwrap_or(lines.len());
    let wanted = key(&bare(&lines[at]));
    if lines[begins].starts_with("# ") {
        lines[begins] = bare(&lines[begins]);
        let required = ["application_id", "queue_url", "listen", "name"];
        let channel = if wanted == "discord" { "discord" } else { "slack" };
        for line in &mut lines[begins + 1..ends] {
            let key = key(&bare(line));
            if required.contains(&key.as_str()) || key == channel {
                *line = bare(line);
            }
        }
    }
    let rivals: &[&str] = match wanted.as_str() {
        "role_arn" => &["read_role_arn", "execute_role_arn"],
        "read_external_id" | "execute_external_id" => &["external_id"],
        _ => &[],
    };
    for line in &mut lines[begins..ends] {
        if rivals.contains(&key(line).as_str()) {
            line.insert_str(0, "# ");
        }
    }
    lines[at] = bare(&lines[at]);
    match (lines[begins].as_str(), wanted.as_str()) {
        ("[slack]", "listen") => lines.insert(at, "mode = \"http\"".to_owned()),
        // The first environment of the file has no predecessor.
        ("[[environment]]", "after") => {
            let line = lines.remove(at);
            lines.push(line);
        }
        _ => {}
    }
    if wanted == "owners" {
        let owner = lines.iter().position(|line| line.starts_with("# owner = ")).expect("the key");
        lines[owner] = bare(&lines[owner]);
    }
    // Discord ids have a meaning only if Discord is configured.
    if wanted.starts_with("discord") && lines[begins] != "[discord]" {
        let table = lines.iter().position(|line| line == "# [discord]").expect("the table");
        lines[table] = bare(&lines[table]);
        let application = lines.iter().position(|line| line.starts_with("# application_id"));
        let application = application.expect("the key");
        lines[application] = bare(&lines[application]);
    }
    lines.join("\n")
}

#[test]
fn every_line_of_the_example_is_taken_when_it_is_put_in_force() {
    let example = include_str!("../../../deploy/patchbot.example.toml");
    let lines: Vec<&str> = example.lines().collect();
    let commented =
        lines_of_the_example().into_iter().filter(|(at, _, _)| lines[*at].starts_with('#'));
    let (mut tried, mut refused) = (0, Vec::new());
    for (at, key, value) in commented {
        tried += 1;
        if let Err(error) = Config::parse(&with_line_of_the_example(at)) {
            refused.push(format!("line {}, {key} = {value}: {error}", at + 1));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(tried > 50, "{tried}");
}

#[test]
fn no_error_shows_a_value_of_the_file() {
    let example = include_str!("../../../deploy/patchbot.example.toml");
    let lines = lines_of_the_example();
    assert!(lines.len() > 60, "{}", lines.len());
    let secrets = [
        "xoxb-1111-2222-hunter2secret",
        "xapp-1-A0-hunter2secret",
        "AKIAHUNTER2SECRET00A",
        "0123456789abcdef0123456789abcdef",
        "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0123",
        "hunter2-Secret!of nobody's value_type",
    ];
    for (at, key, _) in &lines {
        for secret in secrets {
            let written = [
                format!("{key} = \"{secret}\""),
                format!("{key} = [\"{secret}\"]"),
                format!("{key} = {{ \"{secret}\" = 1 }}"),
                format!("{key} = {secret}"),
                format!("{key} = \"{secret}"),
                format!("\"{secret}\" = 1"),
                format!("{secret} = \"{secret}\""),
                format!("[{secret}]"),
                secret.to_owned(),
            ];
            for line in written {
                let mut text: Vec<&str> = example.lines().collect();
                text[*at] = &line;
                let Err(error) = Config::read(&text.join("\n"), Example::IsReplaced) else {
                    panic!("the placeholders were taken")
                };
                for said in [format!("{error}"), format!("{error:?}"), format!("{error:#?}")] {
                    let words = secret.split([' ', '-', '.']).filter(|word| word.len() >= 6);
                    for word in words {
                        assert!(!said.contains(word), "{line} is shown in {said}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_token_in_the_file_is_told_where_it_belongs() {
    for line in
        ["name = \"xoxb-1-2-3\"", "slack_token = \"hunter2\"", "password = 7", "xapp-1-2 = 1"]
    {
        let text = GOOD.replacen("[bot]", &format!("[bot]\n{line}"), 1);
        let error = Config::parse(&text).expect_err(line).to_string();
        assert!(error.contains("process environment") && error.contains("line 3"), "{error}");
        assert!(!error.contains("hunter2") && !error.contains("xoxb-1"), "{error}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = GOOD
        .replacen("ap-northeast-1", "ap-northeast1", 1)
        .replacen("222222222222", "2222", 1)
        .replacen("quorum = 2", "quorrum = 2", 1)
        .replacen("\"15m\"", "\"never\"", 1)
        .replacen("[\"aiko\", \"@sre\"]", "[\"aikoo\", \"@sre\"]", 1);
    let text = format!("{text}\n[assess]\nschedule = \"0 0 30 2 *\"\n");
    let error = Config::parse(&text).expect_err("six mistakes").to_string();
    for said in [
        "6 mistakes",
        "line 19, column 10: `environment[1].region` has to be a Region",
        "Did you mean \"ap-northeast-1\"?",
        "`environment[1].approvers[1]` names a person",
        "Did you mean \"aiko\"?",
        "`environment[2].account` has to be the twelve digits",
        "`environment[2].quorrum` is a key that patchbot does not know",
        "Did you mean \"quorum\"?",
        "`environment[2].soak` has to be a span",
        "`assess.schedule` never comes",
    ] {
        assert!(error.contains(said), "{error}\n  does not say\n{said}");
    }
}

#[test]
fn values_of_the_example_do_not_stay() {
    let example = include_str!("../../../deploy/patchbot.example.toml");
    let error = Config::read(example, Example::IsReplaced).expect_err("its placeholders");
    let error = error.to_string();
    for (line, text) in (1..).zip(example.lines()) {
        let is_one = [
            "C0123456789",
            "U0123456789",
            "U0123456790",
            "S0123456789",
            "replace-with",
            "\"111111111111",
            "::2222",
        ];
        if !text.starts_with('#') && is_one.iter().any(|one| text.contains(one)) {
            assert!(error.contains(&format!("line {line}, ")), "{text} may stay: {error}");
        }
    }
}

#[test]
fn environments_share_no_node_and_roles_are_of_their_account() {
    let same = |account: &str, group: &str| {
        let text = GOOD.replacen("222222222222", account, 1);
        Config::parse(&text.replacen("web-production", group, 1)).map(drop)
    };
    let error = same("111111111111", "web-verification").expect_err("the same nodes").to_string();
    assert!(error.contains("`environment[2].patch_group` is that of an environment"), "{error}");
    assert!(same("111111111111", " web-verification ").is_err(), "a space makes no other group");
    assert!(same("111111111111", "web-production").is_ok());
    assert!(same("222222222222", "web-verification").is_ok());
    let role = |key: &str, account: &str| {
        let more = if key == "execute_role_arn" {
            "read_role_arn = \"arn:aws:iam::111111111111:role/read\"\n"
        } else {
            ""
        };
        let line = format!("{more}{key} = \"arn:aws:iam::{account}:role/patchbot\"\npatch_group");
        Config::parse(&GOOD.replacen("patch_group", &line, 1)).map(drop)
    };
    for key in ["role_arn", "read_role_arn", "execute_role_arn"] {
        assert!(role(key, "111111111111").is_ok(), "{key}");
        let error = role(key, "222222222222").expect_err(key).to_string();
        assert!(
            error.contains(&format!("`environment[1].{key}` is a role of another account")),
            "{error}"
        );
        assert!(!error.contains("222222222222"), "a value of the file is shown: {error}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let with = |key: &str, value: &str| {
        let line = format!("{key} = {value}\npatch_group");
        Config::parse(&GOOD.replacen("patch_group", &line, 1))
    };
    for (key, value) in [
        ("expires_after", "\"0s\""),
        ("proof_lasts", "\"0s\""),
        ("soak", "\"500ms\""),
        ("soak", "\"200y\""),
        ("timeouts", "{ delivery = \"29s\" }"),
        ("timeouts", "{ delivery = \"31d\" }"),
        ("timeouts", "{ scan = \"0s\" }"),
        ("role_arn", "\"arn:aws:iam::222:role/x\""),
        ("role_arn", "\"arn:aws:iam::111111111111:user/x\""),
        ("role_arn", "\"arn:aws-cn:iam::111111111111:role/x\""),
        ("override_location", "\"s3://Bucket/x\""),
        ("override_location", "\"s3://a/x\""),
        ("window", "\"mw\""),
        ("wave_percent", "101"),
        ("canary", "0"),
        ("quorum", "3"),
        ("quorum", "true"),
    ] {
        let checked = if key == "quorum" && value == "3" {
            Config::parse(&GOOD.replacen("[\"aiko\", \"@sre\"]", "[\"aiko\"]\nquorum = 3", 1))
        } else {
            with(key, value)
        };
        let error = checked.err().map(|error| error.to_string());
        assert!(
            error.as_ref().is_some_and(|error| error.contains(key)),
            "{key} = {value}: {error:?}"
        );
    }
    for (region, good) in [
        ("us-gov-west-1", true),
        ("cn-north-1", true),
        ("ap-southeast-9", true),
        ("mars-north-1", false),
        ("ap-northeast-1a", false),
        ("AP-NORTHEAST-1", false),
        ("tokyo", false),
    ] {
        let checked = Config::parse(&GOOD.replacen("ap-northeast-1", region, 1));
        assert_eq!(checked.is_ok(), good, "{region}");
    }
}

#[test]
fn a_schedule_is_taken_as_people_write_it() {
    let with = |lines: &str| Config::parse(&format!("{GOOD}\n[assess]\n{lines}\n"));
    let next = |lines: &str| {
        let now = "2026-11-29T12:00:00Z".parse().expect("a time");
        with(lines).expect(lines).assess.schedule.next_after(now).expect("some day").to_rfc3339()
    };
    assert_eq!(next("schedule = \"0 6 * * 1-5\""), "2026-11-30T06:00:00+00:00");
    let tokyo = "schedule = \"0 6 * * 1-5\"\ntime_zone = \"Asia/Tokyo\"";
    assert_eq!(next(tokyo), "2026-11-29T21:00:00+00:00");
    for wrong in [
        "schedule = \"0 6 30 2 *\"",
        "schedule = \"0 0 6 1 1 * 2020\"",
        "schedule = \"daily\"",
        "time_zone = \"Tokyo\"",
    ] {
        assert!(with(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_keys_described_are_those_that_are_read() {
    // An unknown key makes serde list the keys that it knows.
    let known = |table: &str, text: &str| {
        let error = toml::from_str::<file::File>(text).err().expect(table).to_string();
        let (_, list) = error.split_once("expected ").unwrap_or_else(|| panic!("{table}: {error}"));
        let mut keys: Vec<String> = list.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        keys.sort();
        keys
    };
    let check = |table: &str, keys: &[keys::Key]| {
        let mut described: Vec<String> = keys.iter().map(|key| key.name.to_owned()).collect();
        described.sort();
        assert_eq!(known(table, &format!("{table}\nzzz = 1\n")), described, "{table}");
    };
    check("", keys::FILE);
    check("[bot]", keys::BOT);
    check("[slack]", keys::SLACK);
    check("[discord]", keys::DISCORD);
    check("[aws]", keys::AWS);
    check("[aws.events]", keys::EVENTS);
    check("[advisories]", keys::ADVISORIES);
    check("[metrics]", keys::METRICS);
    check("[assess]", keys::ASSESS);
    check("[[person]]", keys::PERSON);
    check("[[group]]", keys::GROUP);
    check("[[channel]]", keys::CHANNEL);
    check("[[environment]]", keys::ENVIRONMENT);
    check("[[environment]]\n[environment.level.III]", keys::LEVEL);
    check("[[environment]]\n[environment.timeouts]", keys::TIMEOUTS);
    let example = lines_of_the_example();
    let tables = [
        keys::BOT,
        keys::SLACK,
        keys::DISCORD,
        keys::AWS,
        keys::EVENTS,
        keys::ADVISORIES,
        keys::METRICS,
        keys::ASSESS,
        keys::PERSON,
        keys::GROUP,
        keys::CHANNEL,
        keys::ENVIRONMENT,
        keys::LEVEL,
        keys::TIMEOUTS,
    ];
    for key in tables.into_iter().flatten().filter(|key| {
        !matches!(
            key.value_type,
            value_type::ValueType::Table(_) | value_type::ValueType::Levels(_)
        )
    }) {
        assert!(
            example.iter().any(|(_, name, _)| name == key.name),
            "{} is not in the example",
            key.name
        );
    }
}

#[test]
fn the_schema_for_editors_is_up_to_date() {
    let path = "../deploy/patchbot.schema.json";
    let now = serde_json::to_string_pretty(&schema()).expect("it is JSON") + "\n";
    if std::env::var_os("PATCHBOT_WRITE_SCHEMA").is_some() {
        std::fs::write(path, &now).expect("it is written");
    }
    let shipped = std::fs::read_to_string(path).unwrap_or_default();
    assert!(shipped == now, "set PATCHBOT_WRITE_SCHEMA and run this test once");
    let example = include_str!("../../../deploy/patchbot.example.toml");
    assert!(example.starts_with("#:schema ./patchbot.schema.json\n"));
}

#[test]
fn the_schema_takes_the_example_and_refuses_mistakes() {
    let validator = jsonschema::validator_for(&schema()).expect("it is a schema");
    let json = |text: &str| {
        let table: toml::Table = text.parse().expect("it is TOML");
        serde_json::to_value(table).expect("it is JSON")
    };
    let example = include_str!("../../../deploy/patchbot.example.toml");
    let mistakes: Vec<String> =
        validator.iter_errors(&json(example)).map(|error| error.to_string()).collect();
    assert_eq!(mistakes, Vec::<String>::new());
    assert!(validator.is_valid(&json(GOOD)));
    for (from, to) in [
        ("soak", "soka"),
        ("ap-northeast-1", "tokyo"),
        ("222222222222", "2222"),
        ("quorum = 2", "quorum = \"2\""),
        ("\"shrink\"", "\"ignore\""),
        ("C0123456789", "#patching"),
        ("name = \"aiko\"", ""),
    ] {
        assert!(!validator.is_valid(&json(&GOOD.replacen(from, to, 1))), "{to} is taken");
    }
}
