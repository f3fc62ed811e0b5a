"""boto3 against the simulated AWS: a client that we did not write.

Usage: aws.py ENDPOINT ACCESS_KEY_ID REGION OVERRIDE_BUCKET ROLE_ARN EXTERNAL_ID

Every answer is parsed by botocore, and its JSON is walked against botocore's own model of the
service: a member that the model does not know, a wrong type, a value outside an enumeration or
a missing required member ends the script. So does any answer that the steps below do not expect.
"""

import json
import re
import sys
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, KEY, REGION, BUCKET, ROLE, EXTERNAL_ID = sys.argv[1:]

# The service answers these spelled otherwise than its model enumerates them.
SPELLED_OTHERWISE = {"PatchComplianceDataState"}
SEEN = set()


def surprise(sentence):
    sys.exit(f"surprise: {sentence}")


def walk(shape, value, at):
    """Compares an answer with the model, member by member."""
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            surprise(f"{at} is no object: {value!r}")
        for name in getattr(shape, "required_members", []):
            if name not in value:
                surprise(f"{at} lacks {name}")
        for name, member in value.items():
            if name not in shape.members:
                surprise(f"{at} has {name}, which the model does not know")
            walk(shape.members[name], member, f"{at}.{name}")
    elif kind == "list":
        if not isinstance(value, list):
            surprise(f"{at} is no list: {value!r}")
        for number, member in enumerate(value):
            walk(shape.member, member, f"{at}[{number}]")
    elif kind == "map":
        for name, member in value.items():
            walk(shape.value, member, f"{at}[{name!r}]")
    elif kind == "string":
        if not isinstance(value, str):
            surprise(f"{at} is no string: {value!r}")
        if shape.enum and value not in shape.enum and shape.name not in SPELLED_OTHERWISE:
            surprise(f"{at} is {value!r}, not one of {shape.enum}")
        low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
        if len(value) < low or (high is not None and len(value) > high):
            surprise(f"{at} has {len(value)} characters, not {low} to {high}")
        pattern = shape.metadata.get("pattern")
        if pattern and "\\p{" not in pattern and shape.name != "StringDateTime":
            if value and not re.search(pattern, value):
                surprise(f"{at} is {value!r}, which does not fit {pattern}")
    elif kind in ("integer", "long"):
        if not isinstance(value, int) or isinstance(value, bool):
            surprise(f"{at} is no whole number: {value!r}")
    elif kind == "boolean":
        if not isinstance(value, bool):
            surprise(f"{at} is no boolean: {value!r}")
    elif kind == "timestamp":
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            surprise(f"{at} is no timestamp: {value!r}")
    else:
        surprise(f"{at} has the unexpected type {kind}")


def check_shape(http_response, model, **_):
    SEEN.add(model.name)
    if http_response.status_code < 300:
        walk(model.output_shape, json.loads(http_response.text), model.name)


def client(service, key, secret="secret", token=None):
    # Parameters go out as they are: the limits are for the simulator to refuse.
    config = Config(
        retries={"total_max_attempts": 1},
        parameter_validation=False,
        s3={"addressing_style": "path"},
    )
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=ENDPOINT,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=config,
    )


def expect(condition, sentence):
    if not condition:
        surprise(sentence)


def refused(code, call, **arguments):
    try:
        answer = call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        expect(found == code, f"{error} instead of {code} for {arguments}")
        expect(error.response["Error"]["Message"], f"{code} without a message")
        return
    surprise(f"{code} was expected for {arguments}, and came {answer}")


sts = client("sts", KEY)
refused("AccessDenied", sts.assume_role, RoleArn=ROLE, RoleSessionName="peer", ExternalId="no")
assumed = sts.assume_role(RoleArn=ROLE, RoleSessionName="peer", ExternalId=EXTERNAL_ID)
credentials = assumed["Credentials"]
session = [credentials[k] for k in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
account = ROLE.split(":")[4]
identity = client("sts", *session).get_caller_identity()
expect(identity["Account"] == account, f"the role is in {identity['Account']}")

stranger = client("ssm", "AKIANOBODY")
refused("UnrecognizedClientException", stranger.list_commands)

ssm = client("ssm", *session)
original = ssm._make_request


def make_request(operation_model, request_dict, request_context):
    http, parsed = original(operation_model, request_dict, request_context)
    check_shape(http, operation_model)
    return http, parsed


ssm._make_request = make_request

# Who is there
paginator = ssm.get_paginator("describe_instance_information")
nodes = []
for page in paginator.paginate(PaginationConfig={"PageSize": 5}):
    expect(len(page["InstanceInformationList"]) <= 5, "a page of more than 5")
    nodes += page["InstanceInformationList"]
ids = [node["InstanceId"] for node in nodes]
expect(len(ids) == len(set(ids)) > 5, f"the fleet is {ids}")
expect({node["PlatformType"] for node in nodes} == {"Linux", "Windows"}, "a mixed fleet")
tags = ssm.list_tags_for_resource(ResourceType="ManagedInstance", ResourceId=ids[0])["TagList"]
group = next(tag["Value"] for tag in tags if tag["Key"] == "PatchGroup")
by_tag = ssm.describe_instance_information(Filters=[{"Key": "tag:PatchGroup", "Values": [group]}])
expect(len(by_tag["InstanceInformationList"]) == len(ids), "the tag finds all of them")
inventory = ssm.list_inventory_entries(InstanceId=ids[0], TypeName="AWS:Application")
expect(inventory["Entries"], "inventory is empty")
entities = []
for page in ssm.get_paginator("get_inventory").paginate(
    ResultAttributes=[{"TypeName": "AWS:Application"}], PaginationConfig={"PageSize": 4}
):
    entities += page["Entities"]
expect({entity["Id"] for entity in entities} == set(ids), f"the inventory is of {entities}")

# What they lack
states = ssm.describe_instance_patch_states(InstanceIds=ids)["InstancePatchStates"]
expect(all(state["MissingCount"] > 0 for state in states), "every node lacks something")
of_group = ssm.describe_instance_patch_states_for_patch_group(
    PatchGroup=group, Filters=[{"Key": "MissingCount", "Values": ["0"], "Type": "GreaterThan"}]
)
expect(len(of_group["InstancePatchStates"]) == len(ids), "the group's states")
counts = ssm.describe_patch_group_state(PatchGroup=group)
expect(counts["InstancesWithMissingPatches"] == len(ids), f"the group's counts: {counts}")
for state in states:
    rows = ssm.describe_instance_patches(
        InstanceId=state["InstanceId"], Filters=[{"Key": "State", "Values": ["Missing"]}]
    )["Patches"]
    expect(len(rows) == state["MissingCount"], f"{state['InstanceId']}: {rows}")

# Baselines, groups, the catalogue
baselines = ssm.describe_patch_baselines()["BaselineIdentities"]
expect(baselines, "no baselines")
for baseline in baselines:
    ssm.get_patch_baseline(BaselineId=baseline["BaselineId"])
default = ssm.get_default_patch_baseline(OperatingSystem="AMAZON_LINUX_2023")["BaselineId"]
mapped = ssm.get_patch_baseline_for_patch_group(
    PatchGroup=group, OperatingSystem="AMAZON_LINUX_2023"
)
expect(mapped["BaselineId"] == default, "the group's baseline")
expect(ssm.describe_patch_groups()["Mappings"], "no registered groups")
windows_patches = ssm.describe_available_patches(
    Filters=[{"Key": "PRODUCT", "Values": ["WindowsServer2022"]}]
)["Patches"]
expect("KB5041160" in {patch["KbNumber"] for patch in windows_patches}, "the catalogue")
linux_patches = ssm.describe_available_patches(
    Filters=[{"Key": "PRODUCT", "Values": ["AmazonLinux2"]}]
)["Patches"]
expect(linux_patches[0]["CVEIds"], "Amazon Linux 2 tells CVEs")

# Windows
window = ssm.describe_maintenance_windows()["WindowIdentities"][0]
ssm.get_maintenance_window(WindowId=window["WindowId"])
upcoming = ssm.describe_maintenance_window_schedule(WindowId=window["WindowId"], MaxResults=3)
times = [opening["ExecutionTime"] for opening in upcoming["ScheduledWindowExecutions"]]
expect(times[0] == window["NextExecutionTime"] and times == sorted(times), f"{times}")
expect(ssm.describe_maintenance_window_targets(WindowId=window["WindowId"])["Targets"], "targets")
ssm.describe_maintenance_window_tasks(WindowId=window["WindowId"])
ssm.describe_maintenance_window_executions(WindowId=window["WindowId"])
ssm.update_maintenance_window(WindowId=window["WindowId"], Enabled=False)
disabled = ssm.get_maintenance_window(WindowId=window["WindowId"])
expect("NextExecutionTime" not in disabled, "a disabled window has no next time")
ssm.update_maintenance_window(WindowId=window["WindowId"], Enabled=True)

# Associations
documents = [{"key": "Name", "value": "AWS-RunPatchBaseline"}]
expect(ssm.list_associations(AssociationFilterList=documents)["Associations"] == [], "associations")
refused(
    "AssociationDoesNotExist",
    ssm.describe_association_executions,
    AssociationId="00000000-0000-4000-8000-000000000000",
    Filters=[{"Key": "CreatedTime", "Value": "2026-01-01T00:00:00Z", "Type": "GREATER_THAN"}],
)

# What is refused
run = dict(DocumentName="AWS-RunPatchBaseline", Parameters={"Operation": ["Scan"]})
many = [f"i-{number:017x}" for number in range(51)]
refused("ValidationException", ssm.send_command, InstanceIds=many, **run)
refused("InvalidInstanceId", ssm.send_command, InstanceIds=many[:1], **run)
refused("DuplicateInstanceId", ssm.send_command, InstanceIds=[ids[0], ids[0]], **run)
refused("ValidationException", ssm.send_command, InstanceIds=ids, Comment="x" * 101, **run)
refused("ValidationException", ssm.send_command, InstanceIds=ids, TimeoutSeconds=29, **run)
refused(
    "InvalidDocument", ssm.send_command, DocumentName="AWS-RunNothing", InstanceIds=ids
)
refused(
    "InvalidParameters",
    ssm.send_command,
    DocumentName="AWS-RunPatchBaseline",
    InstanceIds=ids,
    Parameters={"Operation": ["Scan"], "Colour": ["red"]},
)
refused(
    "ValidationException", ssm.describe_instance_patch_states, InstanceIds=ids, MaxResults=9
)
refused("ValidationException", ssm.describe_instance_patch_states, InstanceIds=many)
refused("InvalidInstanceId", ssm.describe_instance_patches, InstanceId=many[0])
refused("InvalidNextToken", ssm.describe_instance_information, NextToken="made-up")
refused("ValidationException", ssm.describe_maintenance_windows, MaxResults=5)
refused("DoesNotExistException", ssm.get_patch_baseline, BaselineId="pb-" + "f" * 17)
refused("UnknownOperationException", ssm.list_documents)

# A run: scan, install what a list names, look again
s3 = client("s3", *session)
refused("NoSuchBucket", s3.put_object, Bucket="nobodys-bucket", Key="x", Body=b"x")
pins = "patches:\n  - id: 'openssh.x86_64'\n    title: '*'\n  - id: 'KB5041160'\n"
s3.put_object(Bucket=BUCKET, Key="peer/list.yaml", Body=pins.encode())
back = s3.get_object(Bucket=BUCKET, Key="peer/list.yaml")["Body"].read()
expect(back.decode() == pins, "the object changed on its way")
s3.head_object(Bucket=BUCKET, Key="peer/list.yaml")
refused("NoSuchKey", s3.get_object, Bucket=BUCKET, Key="peer/none.yaml")


def follow(operation, snapshot, **more):
    sent = ssm.send_command(
        DocumentName="AWS-RunPatchBaseline",
        InstanceIds=ids,
        Comment=f"peer:{operation}",
        TimeoutSeconds=600,
        MaxConcurrency="50%",
        MaxErrors="100%",
        Parameters={"Operation": [operation], "SnapshotId": [snapshot], **more},
    )["Command"]
    expect(sent["Status"] == "Pending", f"sent: {sent['Status']}")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found = ssm.list_commands(CommandId=sent["CommandId"])["Commands"][0]
        rows = []
        pages = ssm.get_paginator("list_command_invocations").paginate(
            CommandId=sent["CommandId"], Details=True, PaginationConfig={"PageSize": 3}
        )
        for page in pages:
            rows += page["CommandInvocations"]
        expect(len(rows) == len(ids), f"{len(rows)} invocations for {len(ids)} nodes")
        if found["Status"] in ("Success", "Failed", "Cancelled", "TimedOut"):
            return found, rows
        time.sleep(0.02)
    surprise(f"{operation} never ended")


SNAPSHOTS = [f"01234567-89ab-cdef-0123-45678900000{n}" for n in range(4)]
found, rows = follow("Scan", SNAPSHOTS[0])
expect(found["Status"] == "Success", f"the scan: {found}")
states = ssm.describe_instance_patch_states(InstanceIds=ids)["InstancePatchStates"]
expect({s["SnapshotId"] for s in states} == {SNAPSHOTS[0]}, "the states carry the snapshot")

pinned = {"InstallOverrideList": [f"s3://{BUCKET}/peer/list.yaml"], "RebootOption": ["NoReboot"]}
found, rows = follow("Install", SNAPSHOTS[1], **pinned)
failed = [row["InstanceId"] for row in rows if row["Status"] == "Failed"]
expect(len(failed) == 1, f"one node fails its first install: {failed}")
plugin = ssm.get_command_invocation(
    CommandId=found["CommandId"], InstanceId=failed[0], PluginName="PatchLinux"
)
expect(plugin["ResponseCode"] == 1 and plugin["StandardErrorContent"], f"{plugin}")
refused(
    "InvocationDoesNotExist",
    ssm.get_command_invocation,
    CommandId=SNAPSHOTS[3],
    InstanceId=ids[0],
    PluginName="PatchLinux",
)
states = ssm.describe_instance_patch_states(InstanceIds=ids)["InstancePatchStates"]
expect(any(s["InstalledPendingRebootCount"] > 0 for s in states), "patches wait for a reboot")
expect({s["Operation"] for s in states} == {"Install"}, "the states are of the install")

found, rows = follow("Install", SNAPSHOTS[2])
expect(found["Status"] == "Success", f"the retry heals: {found}")
found, rows = follow("Scan", SNAPSHOTS[3])
states = ssm.describe_instance_patch_states(InstanceIds=ids)["InstancePatchStates"]
bad = ("MissingCount", "FailedCount", "InstalledPendingRebootCount")
expect(all(state[key] == 0 for state in states for key in bad), f"compliant: {states}")

after = [{"key": "InvokedAfter", "value": "2000-01-01T00:00:00Z"}]
listed = ssm.list_commands(Filters=after)["Commands"]
expect(len(listed) == 4, f"four commands were sent, {len(listed)} are listed")
ssm.cancel_command(CommandId=listed[0]["CommandId"])

# Every limit of the model, broken one at a time
def valid(shape, depth=0):
    """The smallest input that the model allows; None when the shape recurs."""
    kind, meta = shape.type_name, shape.metadata
    if kind == "structure":
        return {name: valid(shape.members[name]) for name in shape.required_members}
    if kind == "list":
        return [valid(shape.member)] * max(meta.get("min", 0), 1)
    if kind == "map":
        return {}
    if kind == "integer":
        return meta.get("min", 1)
    if kind == "boolean":
        return True
    if shape.enum:
        return shape.enum[0]
    known = {
        "InstanceId": ids[0],
        "MaintenanceWindowId": window["WindowId"],
        "BaselineId": default,
        "CommandId": found["CommandId"],
        "DocumentARN": "AWS-RunPatchBaseline",
        "InventoryItemTypeName": "AWS:Application",
        "ResourceId": ids[0],
    }
    return known.get(shape.name, "x" * max(meta.get("min", 0), 1))


def broken(shape, inside=()):
    """Values that break one constraint of the shape each, or of something inside it."""
    kind, meta = shape.type_name, shape.metadata
    if shape.name in inside:
        return
    inside += (shape.name,)
    if kind == "structure":
        for name in shape.required_members:
            yield {key: value for key, value in valid(shape).items() if key != name}
        for name, member in shape.members.items():
            for value in broken(member, inside):
                yield {**valid(shape), name: value}
        yield {**valid(shape), "NoSuchMember": 1}
    elif kind == "list":
        if meta.get("min", 0) > 0:
            yield valid(shape)[: meta["min"] - 1]
        if "max" in meta:
            yield valid(shape)[:1] * (meta["max"] + 1)
        for value in broken(shape.member, inside):
            yield [value]
    elif kind == "integer":
        if "min" in meta:
            yield meta["min"] - 1
        if "max" in meta:
            yield meta["max"] + 1
        yield "1"
    elif kind == "string":
        if shape.enum:
            yield "NoSuchWord"
        if meta.get("min", 0) > 0:
            yield "x" * (meta["min"] - 1)
        if "max" in meta:
            yield "x" * (meta["max"] + 1)
        if "pattern" in meta:
            yield "\u20ac" * max(meta.get("min", 3), 3)
        yield 1
    elif kind == "boolean":
        yield "yes"


def ask(operation, body):
    """Without botocore, which would not send what its model does not know."""
    scope = f"{session[0]}/20260101/{REGION}/ssm/aws4_request"
    request = urllib.request.Request(
        ENDPOINT,
        data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AmazonSSM.{operation}",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0",
        },
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return json.loads(error.read())["__type"]


limits = 0
for name in sorted(SEEN - {"ListDocuments"}):
    for wrong in broken(ssm.meta.service_model.operation_model(name).input_shape):
        limits += 1
        code = ask(name, wrong)
        if code not in ("ValidationException", "SerializationException"):
            surprise(f"{name} answers {str(wrong)[:200]} with {code[:100]}")

print(f"boto3 {boto3.__version__}: {len(SEEN)} operations, {limits} broken limits, no surprise")
