"""Tries the files of deploy/ as far as that can be done without systemd, Docker, AWS and Slack, and says what it
could not try.

Reads nothing but this repository; needs cfn-lint (with PyYAML) and boto3, which `tests/run check` installs. Each
check is one function that yields faults. The configuration and its schema are tried by the parser's own tests.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

import botocore.session
import yaml

NOT_TRIED = []


def read(path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def uncommented(text):
    """The example with each key in force, as [table, key, value]; a table may come several times."""
    table = ""
    for line in text.splitlines():
        line = line.removeprefix("# ")
        if re.fullmatch(r"\[+[a-z._III]+\]+", line):
            table = line
        elif found := re.fullmatch(r'([a-z_]+) = (".*"|\[.*\]|\w+)', line):
            yield table, found[1], found[2].strip('"')


class Shipped:
    """What the checks compare, each file read once."""

    def __init__(self):
        self.guide = read("deploy/README.md")
        self.unit = read("deploy/patchbot.service")
        self.dockerfile = read("deploy/Dockerfile")
        self.example = list(uncommented(read("deploy/patchbot.example.toml")))
        self.codes = dict(
            (name, int(code)) for name, code in re.findall(r"^ {4}(\w+) = (\d+),$", read("bot/src/exit.rs"), re.M)
        )
        # A listener per table that can open a port: [metrics], [slack].
        self.listens = [(table, value) for table, key, value in self.example if key == "listen"]
        self.data = next(value for table, key, value in self.example if (table, key) == ("[bot]", "data"))


def settings_of(unit):
    """The unit's settings: {section: [(key, value)]}. Lines that are none are faults of their own."""
    sections, section = {}, None
    for line in unit.splitlines():
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), [])
        elif section is not None and re.match(r"[A-Z][A-Za-z]+=", line):
            section.append(tuple(line.split("=", 1)))
        else:
            sections.setdefault("?", []).append((line, ""))
    return sections


def unit(shipped):
    sections = settings_of(shipped.unit)
    for line, _ in sections.pop("?", []):
        yield f"this is no setting: {line}"
    if missing := {"Unit", "Service", "Install"} - set(sections):
        yield f"sections are missing: {sorted(missing)}"
        return
    pairs = sections["Service"]
    service = dict(pairs)

    def wants(key, value, why):
        if service.get(key) != value:
            yield f"{key}={service.get(key)}, and it has to be {value}: {why}"

    # Paths: those of the guide's commands and of the example.
    program, *arguments = service.get("ExecStart", "").split()
    if arguments[:2] != ["serve", "--config"] or len(arguments) != 3:
        yield f"ExecStart does not serve a configuration: {arguments}"
        return
    for path in (program, arguments[2], service.get("EnvironmentFile", "")):
        if not path.startswith("/"):
            yield f"{path or 'EnvironmentFile'} is no absolute path"
        elif path not in shipped.guide:
            yield f"{path} is not where deploy/README.md puts it"
    state = "/var/lib/" + service.get("StateDirectory", "?")
    if not shipped.data.startswith(state + "/"):
        yield f"bot.data of the example is {shipped.data}, outside of StateDirectory, {state}"

    # What documented options open.
    families = set(service.get("RestrictAddressFamilies", "").split())
    for family, what in (
        ("AF_INET", "AWS, the platforms and the ports"),
        ("AF_INET6", "the same by IPv6"),
        ("AF_UNIX", "NOTIFY_SOCKET (Type=notify) and the socket `control` of `patchbot export`"),
        ("AF_NETLINK", "the resolver, which asks which addresses the host has"),
    ):
        if families and family not in families:
            yield f"RestrictAddressFamilies lacks {family}: {what}"
    yield from wants("Type", "notify", "the bot says when it is ready")
    if "WatchdogSec" not in service:
        yield "WatchdogSec is missing, and the guide says that a loop that stands still is restarted"
    for key in ("PrivateNetwork", "IPAddressDeny", "RestrictFileSystems"):
        if key in service:
            yield f"{key} forbids what the bot needs"
    # The system call filter needs sockets, threads and files; nothing in it may take them back.
    filters = [value for key, value in pairs if key == "SystemCallFilter"]
    for lost in ("@network-io", "@file-system", "@io-event", "@ipc", "@process", "@basic-io", "@signal"):
        if any(value.startswith("~") and lost in value for value in filters):
            yield f"SystemCallFilter takes {lost} away"
    if not any(value.startswith("@system-service") for value in filters):
        yield "SystemCallFilter allows no @system-service"
    allowed = [value for key, value in pairs if key == "SocketBindAllow"]
    if service.get("SocketBindDeny") == "any":
        for table, address in shipped.listens:
            port = address.rsplit(":", 1)[1]
            line = f"SocketBindAllow=ipv4:tcp:{port}"
            described = re.search(rf"^# +{re.escape(table)}.*{re.escape(address)}.* {line}$", shipped.unit, re.M)
            if line.split("=")[1] not in allowed and not described:
                yield f"{table} listen = {address} of the example cannot be opened, and no comment says: {line}"
        if "SocketBindAllow=ipv4:tcp:" not in shipped.guide:
            yield "deploy/README.md does not say how a port is allowed"

    # Ends.
    yield from wants("RestartPreventExitStatus", str(shipped.codes.get("Config")), "bot/src/exit.rs, Exit::Config")
    yield from wants("Restart", "on-failure", "Exit::TryAgain is tried again")
    if str(shipped.codes.get("Config")) == str(shipped.codes.get("TryAgain")):
        yield "one exit code for both ends"

    yield from verified(shipped.unit, program, shipped.listens)


def verified(unit, program, listens):
    """What systemd itself says: of the unit, and of the unit with the ports of its comments allowed."""
    if shutil.which("systemd-analyze") is None:
        NOT_TRIED.append("patchbot.service by `systemd-analyze verify`: it is not installed (it comes with systemd)")
        return
    ports = [f"SocketBindAllow=ipv4:tcp:{address.rsplit(':', 1)[1]}" for _, address in listens]
    with tempfile.TemporaryDirectory() as folder:
        for name, extra in (("as it is", []), ("with the documented ports", ports)):
            text = unit.replace(f"ExecStart={program}", "ExecStart=/bin/true")
            text = text.replace("\n[Install]", "\n".join(["", *extra, "", "[Install]"]))
            path = pathlib.Path(folder, "patchbot.service")
            path.write_text(text, encoding="utf-8")
            ended = subprocess.run(
                ["systemd-analyze", "--man=no", "verify", str(path)], capture_output=True, text=True, check=False
            )
            said = [line for line in ended.stderr.splitlines() if "patchbot.service" in line]
            if ended.returncode != 0 and not said:
                said = ended.stderr.splitlines() or [f"systemd-analyze ended with {ended.returncode}"]
            for line in said:
                yield f"{name}: {line.replace(folder + '/', '')}"


def dockerfile(shipped):
    text = shipped.dockerfile
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    comments = " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))
    of = lambda word: [line.split(None, 1)[1] for line in lines if line.split()[0] == word]
    for word in {line.split()[0] for line in lines} - {
        "FROM", "WORKDIR", "COPY", "RUN", "VOLUME", "USER", "STOPSIGNAL", "ENTRYPOINT", "CMD", "EXPOSE", "HEALTHCHECK"
    }:  # fmt: skip
        yield f"{word} is no instruction that is known here"
    builder, *final = of("FROM")
    if not final:
        yield "there is one stage only: the compiler would be in what runs"
        return
    needs = tomllib.loads(read("Cargo.toml"))["workspace"]["package"]["rust-version"]
    if not builder.startswith(f"rust:{needs}"):
        yield f"it builds with {builder}, and Cargo.toml asks for Rust {needs}"
    releases = {"bookworm": "debian12", "trixie": "debian13"}
    release = next((theirs for ours, theirs in releases.items() if ours in builder), None)
    if release is None or release not in final[0]:
        yield f"{builder} and {final[0]} are not the same release of Debian"

    # What is copied was made, and is where it is looked for.
    built = " ".join(of("RUN"))
    copies = [copy.split() for copy in of("COPY")]
    targets = []
    for copy in copies:
        *flags, source, target = copy
        targets.append(target)
        if "--from=build" in flags and source not in built.split():
            yield f"{source} is copied, and nothing makes it"
    entry, arguments = json.loads(of("ENTRYPOINT")[0]), json.loads(of("CMD")[0])
    if entry[0] not in targets:
        yield f"{entry[0]} is started, and nothing is copied there"
    if arguments[:2] != ["serve", "--config"] or f":{arguments[2]}:ro" not in shipped.guide:
        yield f"it starts {arguments}, and the guide mounts another configuration"
    for volume in of("VOLUME"):
        if f":{volume} " not in shipped.guide or not shipped.data.startswith(volume + "/") or volume not in targets:
            yield f"{volume} is not where the guide, the example or a COPY has the state"
    owners = {flag.split("=")[1] for copy in copies for flag in copy if flag.startswith("--chown=")}
    if set(of("USER")) != owners or any(owner.startswith("0") or owner == "root" for owner in owners):
        yield f"USER is {of('USER')}, and the state belongs to {sorted(owners)}"
    if "-f deploy/Dockerfile" not in shipped.guide or "--restart on-failure" not in shipped.guide:
        yield "the guide builds or starts it in another way"

    # What is built has to get into the context.
    ignore = read(".dockerignore").splitlines()
    members = tomllib.loads(read("Cargo.toml"))["workspace"]["members"]
    for needed in ["Cargo.toml", "Cargo.lock", *sorted({member.split("/")[0] for member in members})]:
        if f"!{needed}" not in ignore or not pathlib.Path(needed).exists():
            yield f".dockerignore keeps {needed} from the build"
    for features in re.findall(r"cargo build (.*?)(?:&&|$)", built):
        if "--no-default-features" not in features or "--locked" not in features:
            yield "it builds with the sandbox, or with other dependencies than Cargo.lock's"

    # Ports: closed by default, and the comment says which keys open one.
    for port in " ".join(of("EXPOSE")).split():
        if port not in {address.rsplit(":", 1)[1] for _, address in shipped.listens}:
            yield f"EXPOSE {port}, and no listen of the example has it"
    if not of("EXPOSE"):
        for table, _ in shipped.listens:
            if f"{table} listen" not in comments:
                yield f"no EXPOSE, and no comment says that {table} listen opens a port"
    if "HEALTHCHECK" not in text or "/healthz" not in comments:
        yield "no comment says how health is asked for"
    for code in map(int, re.findall(r"(?:with|or|,) (\d+)\b", comments)):
        if code not in shipped.codes.values():
            yield f"a comment names the exit code {code}, which bot/src/exit.rs does not know"
    for name in ("Config", "TryAgain"):
        if not re.search(rf"\b{shipped.codes.get(name)}\b", comments):
            yield f"no comment names {shipped.codes.get(name)}, Exit::{name}"
    NOT_TRIED.append("the image itself: building it needs a Docker daemon and a registry")


class Template(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, each as {form: value}."""

    def short(self, suffix, node):
        build = {yaml.ScalarNode: self.construct_scalar, yaml.SequenceNode: self.construct_sequence}
        return {suffix: build.get(type(node), self.construct_mapping)(node)}

    def construct_sequence(self, node, deep=True):
        return super().construct_sequence(node, deep=True)


Template.add_multi_constructor("!", Template.short)


def policy_of(name):
    """A plain policy, empty where it is no JSON: `policies` says so."""
    try:
        return json.loads(read(f"deploy/iam/{name}.json"))
    except ValueError:
        return {"Statement": []}


def statements(document):
    """What a policy says, in a form in which the plain policies and the template are alike."""
    for statement in document["Statement"]:
        actions = statement["Action"]
        conditions = {
            (operator, key) for operator, tests in statement.get("Condition", {}).items() for key in tests
        }
        yield statement["Sid"], frozenset([actions] if isinstance(actions, str) else actions), frozenset(conditions)


def cloudformation(shipped):
    ended = subprocess.run(
        [str(pathlib.Path(sys.executable).with_name("cfn-lint")), "deploy/cloudformation.yaml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ended.returncode != 0:
        yield from (ended.stdout + ended.stderr).strip().splitlines()
    template = yaml.load(read("deploy/cloudformation.yaml"), Loader=Template)
    parameters = template["Parameters"]
    given = re.search(r"--parameter-overrides ((?:[^\n]*\\\n)*[^\n]*)", shipped.guide)
    given = dict(re.findall(r"(\w+)=(\S+)", given[1] if given else ""))
    for name, value in given.items():
        if name not in parameters:
            yield f"the guide sets {name}, which is no parameter"
        elif not re.fullmatch(parameters[name].get("AllowedPattern", ".*"), value):
            yield f"the guide's value of {name} is not allowed"
        elif value not in parameters[name].get("AllowedValues", [value]):
            yield f"the guide's value of {name} is not one of those allowed"
    for name, parameter in parameters.items():
        if "Default" not in parameter and name not in given:
            yield f"{name} is required, and the guide does not set it"
    for name in ("ReadRoleArn", "ExecuteRoleArn", "OverrideLocation", "NodePolicyArn", "EventQueueUrl"):
        if name not in template["Outputs"]:
            yield f"the output {name} is missing"
    for name in re.findall(r"output `(\w+)`", shipped.guide):
        if name not in template["Outputs"]:
            yield f"the guide names the output {name}, which there is not"

    # It grants what the plain policies grant; one that is no JSON is named by `policies`.
    granted = {}
    for resource in template["Resources"].values():
        for key in ("PolicyDocument", "AssumeRolePolicyDocument"):
            if resource["Type"].startswith("AWS::IAM") and key in resource["Properties"]:
                for sid, *rest in statements(resource["Properties"][key]):
                    granted[sid] = rest
    plain = {
        sid: rest
        for name in ("events", "execute", "node", "read", "trust")
        for sid, *rest in statements(policy_of(name))
    }
    for sid in sorted(set(plain) ^ set(granted)):
        yield f"only one of iam/ and the template has the statement {sid}"
    for sid in sorted(set(plain) & set(granted)):
        if plain[sid] != granted[sid]:
            yield f"{sid} is not the same in iam/ and in the template"
    NOT_TRIED.append("cloudformation.yaml as a stack: that needs an AWS account")


def policies(shipped):
    session = botocore.session.get_session()
    operations = {
        service: set(session.get_service_model(service).operation_names) for service in ("ssm", "s3", "sts", "sqs")
    }
    allowed = set()
    for path in sorted(pathlib.Path("deploy/iam").iterdir()):
        try:
            policy = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            yield f"{path.name} is no JSON: {error}"
            continue
        if set(policy) != {"Version", "Statement"} or policy["Version"] != "2012-10-17":
            yield f"{path.name} is no policy of 2012-10-17"
            continue
        sids = [statement.get("Sid", "") for statement in policy["Statement"]]
        for sid in sids:
            if not re.fullmatch(r"[A-Za-z0-9]+", sid) or sids.count(sid) > 1:
                yield f"{path.name}: the Sid {sid!r} is empty, repeated, or has other characters than letters and digits"
        target = "Principal" if path.name == "trust.json" else "Resource"
        for statement in policy["Statement"]:
            where = f"{path.name}, {statement.get('Sid')}"
            keys = {"Sid", "Effect", "Action", target}
            if set(statement) - {"Condition"} != keys or statement.get("Effect") != "Allow":
                yield f"{where}: a statement has {sorted(keys)} and perhaps a Condition, and allows"
                continue
            actions = statement["Action"]
            for action in [actions] if isinstance(actions, str) else actions:
                allowed.add(action)
                service, _, operation = action.partition(":")
                if operation not in operations.get(service, ()):
                    yield f"{where}: AWS knows no {action}"
            resources = statement.get("Resource", [])
            for resource in [resources] if isinstance(resources, str) else resources:
                if resource != "*" and not re.fullmatch(r"arn:aws:\w+:[a-z0-9-]*:(\d{12})?:\S+", resource):
                    yield f"{where}: {resource} is no ARN"
            if resources == "*" and actions in ("ssm:SendCommand", "s3:PutObject", "sts:AssumeRole"):
                yield f"{where}: {actions} on everything"
            for operator in statement.get("Condition", {}):
                if operator not in ("StringEquals", "StringEqualsIfExists", "ArnEquals"):
                    yield f"{where}: the operator {operator} is not one that was meant"
    execute = policy_of("execute")["Statement"]
    tags = {
        (key, value if isinstance(value, str) else tuple(value))
        for statement in execute
        if statement["Action"] == "ssm:SendCommand"
        for key, value in statement.get("Condition", {}).get("StringEquals", {}).items()
    }
    if {key for key, _ in tags} != {"ssm:resourceTag/PatchGroup", "ssm:resourceTag/Patch Group"}:
        yield f"execute.json does not reach nodes by both spellings of the tag: {sorted(key for key, _ in tags)}"
    if len({value for _, value in tags}) != 1:
        yield "execute.json names two patch groups"
    if any(len(statement.get("Condition", {}).get("StringEquals", {})) > 1 for statement in execute):
        yield "execute.json joins conditions by AND: no node has both spellings"
    # A node whose other tag names another group is nobody's.
    both = {"ssm:resourceTag/PatchGroup", "ssm:resourceTag/Patch Group"}
    for statement in execute:
        condition = statement.get("Condition", {})
        by = set(condition.get("StringEquals", {})) & both
        others = condition.get("StringEqualsIfExists", {})
        if by and (set(others) != both - by or set(others.values()) != set(condition["StringEquals"].values())):
            yield f"execute.json, {statement['Sid']}: it reaches nodes whose other tag names another group"
    # The guide says what each is for; it shortens names that begin like the one before.
    rows = " ".join(re.findall(r"`((?:ssm:|s3:|…)?[A-Z…]\w+|(?:ssm|s3|sqs|sts):\w+)`", shipped.guide))
    told = [name.split(":")[-1] for name in rows.split()]
    for action in sorted(allowed):
        service, name = action.split(":")
        by_end = any(word.startswith("…") and name.endswith(word[1:]) for word in told)
        if service in ("ssm", "s3") and name not in told and not by_end and name != "GetObject":
            yield f"the guide's tables do not say what {action} is for"


def manifest(shipped):
    text = read("deploy/slack-manifest.yaml")
    app = yaml.safe_load(text)
    known = {"_metadata", "display_information", "features", "oauth_config", "settings"}
    if set(app) != known:
        yield f"its tables are {sorted(app)}, and Slack's are {sorted(known)}"
        return
    scopes = app["oauth_config"]["scopes"]["bot"]
    code = re.search(r"pub const SCOPES: .*?= \[\n(.*?)\n\];", read("bot/src/slack/check.rs"), re.S)
    needed = re.findall(r'^ +\("([a-z:]+)"', code[1], re.M) if code else []
    if not needed:
        yield "bot/src/slack/check.rs has no list SCOPES that can be read here"
    if sorted(scopes) != sorted(needed):
        yield f"its scopes and those of the code differ by {sorted(set(scopes) ^ set(needed)) or 'one that is repeated'}"
    words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    if f"all {words[len(scopes)]} scopes of the manifest" not in shipped.guide:
        yield f"it has {words[len(scopes)]} scopes, and the guide has another number"
    events = app["settings"]["event_subscriptions"]["bot_events"]
    decode = read("bot/src/slack/decode.rs")
    for event in events:
        if f'"{event}"' not in decode:
            yield f"nobody reads the event {event}"
    commands = [command["command"] for command in app["features"]["slash_commands"]]
    if commands != ["/patch"]:
        yield f"its commands are {commands}"
    settings = app["settings"]
    if not settings["socket_mode_enabled"] or not settings["interactivity"]["is_enabled"]:
        yield "sockets or buttons are switched off"
    if any("request_url" in str(part) or "url" in part for part in app["features"]["slash_commands"]):
        yield "a URL stands in it, though calls come through the socket"
    home = app["features"]["app_home"]
    if not (home["home_tab_enabled"] and home["messages_tab_enabled"]):
        yield "the Home or the messages tab is switched off"
    NOT_TRIED.append("slack-manifest.yaml by Slack: that needs a token of an app's configuration")


def main():
    shipped = Shipped()
    checks = {
        "patchbot.service": unit,
        "Dockerfile": dockerfile,
        "cloudformation.yaml": cloudformation,
        "iam/": policies,
        "slack-manifest.yaml": manifest,
    }
    found = 0
    for name, check in checks.items():
        for fault in check(shipped):
            found += 1
            print(f"deploy/{name}: {fault}")
    for what in NOT_TRIED:
        print(f"not tried here: {what}")
    tried = {*checks, "patchbot.example.toml", "patchbot.schema.json", "README.md", "when-something-is-wrong.md"}
    for path in sorted(pathlib.Path("deploy").iterdir()):
        name = path.name + "/" if path.is_dir() else path.name
        if name not in tried | {"pictures/"}:
            found += 1
            print(f"deploy/{name}: nothing tries it; say here what does")
    print(f"{len(checks)} kinds of shipped files, {found} faults")
    return 1 if found else 0


sys.exit(main())
