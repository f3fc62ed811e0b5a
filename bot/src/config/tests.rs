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
    refused(("soak", "soka"), "unknown field `soka`");
    refused(("soak", "soka"), "line 33");
    refused(("\"15m\"", "\"a while\""), "is no span of time");
    refused(("\"shrink\"", "\"ignore\""), "expected `void` or `shrink`");
    refused(("[slack]", "[slack"), "line 5");
    refused(("C0123456789", "#patching"), "has to be a channel's id");
    refused(("\"@sre\"]", "\"@ops\"]"), "the group \"@ops\" is not described");
    refused(("\"aiko\", ", "\"bob\", "), "the person \"bob\" is not described");
    refused(("quorum = 2", "quorum = 0"), "`quorum` is 0");
    refused(("sunday-02", "sunday night"), "letters, digits, hyphens");
    refused(("sunday-02", "NOW"), "what people type for no window at all");
    refused(("\"sunday-02\"", "\"sunday-02\", \"sunday-02\""), "\"sunday-02\" twice");
    refused(("222222222222", "2222"), "twelve digits");
    refused(("override_location", "# override_location"), "`override_location` is missing");
    refused(("s3://lists", "/srv/lists"), "has to be such as s3://bucket/prefix");
    refused(("\"production\"", "\"verification\""), "two environments called verification");
    refused(("\"production\"", "\"Production!\""), "lower-case letters");
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
    let [short, japan] = config.places.as_slice() else { panic!("two places") };
    assert_eq!((short.id().as_str(), short.locale), ("slack:C0123456789", Locale::En));
    assert_eq!(short.follow, commands::follow::Follow::default());
    assert_eq!((japan.id().as_str(), japan.locale), ("slack:C0JAPAN", Locale::Ja));
    assert!(japan.follow.plans && !japan.follow.compliance);

    let wrong = |from: &str, to: &str, expected: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "the change {from:?} changes nothing");
        let error = format!("{:#}", Config::parse(&changed).expect_err(to));
        assert!(error.contains(expected), "{error}\n  does not say\n{expected}");
    };
    wrong("C0JAPAN", "C0123456789", "are the same one");
    wrong("C0JAPAN", "#japan", "has to be a channel's id");
    wrong("[\"production\"]", "[\"staging\"]", "there is no such environment");
    wrong("\"II\"]", "\"IV\"]", "`levels` has \"IV\"");
    wrong("patching-ja", "slack", "two of [[channel]] are called \"slack\"");
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
    assert_eq!(config.places[1].follow.environments, Some(production));
    assert_eq!(config.places[0].follow.environments, None, "the other hears of all");

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
    check("slack = \"U0AIKO\"", "two of [[person]] have the Slack id U0AIKO");
    check("", "neither `slack` nor `discord`");
    check("slack = \"@ben\"", "has to be a member's id");
    check("discord = \"ben#1234\"", "has to be a user's id");
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
    wrong("override_location = \"s3://lists-eu/patchbot\"", "", "`override_location` is missing");
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
    refused(("[slack]", "[slack]\nmode = \"webhook\""), "unknown variant `webhook`");

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
        role_arn: Some(role.to_owned()),
        external_id: id.map(str::to_owned),
    };
    let check = |lines: &str, read: Access, execute: Option<Access>| {
        assert_eq!(with(lines).expect(lines), (read, execute), "{lines}");
    };
    check("", Access::default(), Some(Access::default()));
    let both = access("both", Some("id"));
    check("role_arn = \"both\"\nexternal_id = \"id\"", both.clone(), Some(both));
    check(
        "read_role_arn = \"r\"\nexecute_role_arn = \"x\"\nread_external_id = \"a\"",
        access("r", Some("a")),
        Some(access("x", None)),
    );
    check(
        "read_role_arn = \"r\"\nexecute_role_arn = \"x\"\nexternal_id = \"a\"",
        access("r", Some("a")),
        Some(access("x", Some("a"))),
    );
    check("read_role_arn = \"r\"", access("r", None), None);

    let wrong = |lines: &str, expected: &str| {
        let error = format!("{:#}", with(lines).expect_err(lines));
        assert!(error.contains(expected) && error.contains("production"), "{error}");
    };
    wrong("role_arn = \"b\"\nread_role_arn = \"r\"", "`role_arn` is short for");
    wrong(
        "role_arn = \"b\"\nexternal_id = \"i\"\nread_external_id = \"a\"",
        "`external_id` is short for",
    );
    wrong("external_id = \"i\"", "`role_arn` is missing");
    wrong("execute_role_arn = \"x\"", "nothing could be seen there");
    wrong("read_role_arn = \"r\"\nexecute_external_id = \"a\"", "`execute_role_arn` is missing");
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
    let ids: Vec<String> = both.places.iter().map(crate::chat::Place::id).collect();
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
    wrong("\"222\"", "\"#ops\"", "has to be a channel's id");
    wrong("\"111\"", "\"app\"", "`discord.application_id` is \"app\"");
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
        ("queue_url = \"events\"".to_owned(), "is no address of a queue"),
        (format!("queue_url = {twice:?}"), "twice"),
        ("queue_url = []".to_owned(), "is empty"),
        ("queue_url = 7".to_owned(), "has to be the address of a queue"),
        ("queue = \"x\"".to_owned(), "unknown field"),
        (String::new(), "missing field `queue_url`"),
    ] {
        let error = Config::parse(&with(&events)).expect_err(&events);
        let error = format!("{error:#}");
        assert!(error.contains(expected), "{error}\n  does not say\n{expected}");
    }
}
