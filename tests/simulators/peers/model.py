"""The API models of AWS as the judge of everything that was said.

Usage: model.py FOLDER POLICY...   judges the exchanges that the simulator kept in FOLDER
       model.py --prove            proves that the judge finds what is wrong

The models are botocore's own copies. Of each request: the operation exists, every parameter is known, of
its type, within its limits, one of its values. Of each answer: every member is known and of its type,
nothing that is required is missing; an error is one that the model knows, or one that every operation can
give; its HTTP status and its headers are those of the protocol. Every action that a POLICY allows was
used, and no other.
"""

import collections
import datetime
import json
import math
import pathlib
import re
import sys
import uuid
import xml.etree.ElementTree

import botocore.session
from botocore.validate import ParamValidator

SESSION = botocore.session.get_session()

# Which model judges an exchange: each names its service.
MODELS = {
    "ssm": SESSION.get_service_model("ssm", api_version="2014-11-06"),
    "sts": SESSION.get_service_model("sts", api_version="2011-06-15"),
    "sqs": SESSION.get_service_model("sqs", api_version="2012-11-05"),
}

# The service answers these spelled otherwise than its model enumerates them.
SPELLED_OTHERWISE = {"PatchComplianceDataState"}

# The model gives this list 5 entries at most, and the page that it is on 10 to 100 (`MaxResults` of
# DescribeInstancePatchStatesForPatchGroup): it contradicts itself, and the page is believed.
OTHER_SIZE = {"InstancePatchStatesList": (0, 100)}

# Errors that the models do not list, with their HTTP status: they are given before any operation is
# reached. "Common Error Types" in the API reference of each service, and AWS General Reference.
COMMON = {
    "json": {
        "AccessDeniedException": 400,
        "ExpiredTokenException": 400,
        "IncompleteSignature": 400,
        "InternalServerError": 500,
        "InvalidSignatureException": 400,
        "MissingAuthenticationTokenException": 400,
        "ThrottlingException": 400,
        "UnrecognizedClientException": 400,
        "ValidationException": 400,
    },
    "query": {
        "AccessDenied": 403,
        "InternalFailure": 500,
        "InvalidClientTokenId": 403,
        "SignatureDoesNotMatch": 403,
        "Throttling": 400,
        "ValidationError": 400,
    },
}

# What the protocols say in headers: of the request, and of the answer.
CONTENT = {
    "json": ("application/x-amz-json-{version}", "application/x-amz-json-{version}"),
    "query": ("application/x-www-form-urlencoded", "text/xml"),
}

# Operations that another action allows.
ACTIONS = {"sqs:DeleteMessageBatch": "sqs:DeleteMessage"}

# Allowed, and called only where the service says that a patch group has no baseline. The simulator
# answers with the default itself; the call is tested against a scripted answer.
RARE = {"ssm:GetDefaultPatchBaseline"}

# No policy has to allow these. AWS Security Token Service API reference, GetCallerIdentity.
FREE = {"sts:GetCallerIdentity"}


def faults(shape, value, at, is_answer):
    """Where `value` differs from what the model says of it."""
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            yield f"{at} is no object: {value!r}"
            return
        for name in shape.required_members:
            if name not in value:
                yield f"{at} lacks {name}"
        for name, member in value.items():
            if name not in shape.members:
                yield f"{at} has {name}, which the model does not know"
            else:
                yield from faults(shape.members[name], member, f"{at}.{name}", is_answer)
        return
    if kind == "list":
        if not isinstance(value, list):
            yield f"{at} is no list: {value!r}"
            return
        yield from size(shape, len(value), at, "entries")
        for number, member in enumerate(value):
            yield from faults(shape.member, member, f"{at}[{number}]", is_answer)
        return
    if kind == "map":
        if not isinstance(value, dict):
            yield f"{at} is no map: {value!r}"
            return
        yield from size(shape, len(value), at, "entries")
        for name, member in value.items():
            yield from faults(shape.key, name, f"{at} key {name!r}", is_answer)
            yield from faults(shape.value, member, f"{at}[{name!r}]", is_answer)
        return
    if kind == "string":
        if not isinstance(value, str):
            yield f"{at} is no string: {value!r}"
            return
        if shape.enum and value not in shape.enum:
            other = {plain(known) for known in shape.enum}
            if not (is_answer and shape.name in SPELLED_OTHERWISE and plain(value) in other):
                yield f"{at} is {value!r}, not one of {shape.enum}"
        yield from size(shape, len(value), at, "characters")
        pattern = shape.metadata.get("pattern")
        # Python has no Unicode classes of that spelling; and an empty answer stands for none.
        if pattern and "\\p{" not in pattern and not (is_answer and value == ""):
            # Whole: `$` alone fits before a last line feed as well, and some patterns have no ends.
            fits = re.fullmatch(pattern, value, re.ASCII)
            if not fits and not (is_answer and shape.name == "StringDateTime"):
                yield f"{at} is {value!r}, which does not fit {pattern}"
        return
    expected = {
        "integer": int,
        "long": int,
        "float": (int, float),
        "double": (int, float),
        "boolean": bool,
        # The JSON protocol carries seconds since 1970.
        "timestamp": (int, float),
    }.get(kind)
    if expected is None:
        yield f"{at} has the type {kind}, which this judge does not know"
    elif not isinstance(value, expected) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{at} is no {kind}: {value!r}"
    elif kind in ("float", "double", "timestamp") and not math.isfinite(value):
        yield f"{at} is {value!r}, which JSON cannot carry"
    elif kind in ("integer", "long"):
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if (low is not None and value < low) or (high is not None and value > high):
            yield f"{at} is {value}, not {low} to {high}"


def plain(word):
    return word.replace("_", "").lower()


def size(shape, count, at, what):
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
    low, high = OTHER_SIZE.get(shape.name, (low, high))
    if count < low or (high is not None and count > high):
        yield f"{at} has {count} {what}, not {low} to {high}"


def judge(exchange):
    """What is wrong with one exchange."""
    service, name = exchange.get("service"), exchange["operation"]
    if service not in MODELS:
        yield f"{name} is of {service!r}, a service without a model here"
        return
    model = MODELS[service]
    if name not in model.operation_names:
        yield f"{name} is no operation of {service}"
        return
    operation = model.operation_model(name)
    protocol = model.metadata["protocol"]
    asked, answer = exchange["input"], exchange["answer"]
    if protocol == "query":
        asked = yield from of_form(operation, asked, name)
    report = ParamValidator().validate(asked, operation.input_shape)
    if report.has_errors():
        yield f"{name}: botocore would not send this: {report.generate_report()}"
    yield from faults(operation.input_shape, asked, name, False)
    yield from request_headers(model, name, exchange.get("headers", {}))
    if answer.get("closed"):
        return
    if "body" not in answer:
        yield f"{name} has no answer"
        return
    yield from answer_headers(model, name, answer.get("headers", {}))
    status, body = answer.get("status"), answer["body"]
    if protocol == "query":
        body = yield from of_xml(operation, body, name)
    code = body.get("__type") if isinstance(body, dict) else None
    # A service may put its own name before the error's.
    code = code and code.split("#")[-1]
    if code is None:
        if status != 200:
            yield f"{name} answered with the status {status}, and no error"
        yield from faults(operation.output_shape, body, f"{name} answer", True)
    else:
        yield from refusal(operation, protocol, code, status)
    # The model requires nothing here, and without it a command is lost.
    if name == "SendCommand" and code is None and isinstance(body, dict):
        if not body.get("Command", {}).get("CommandId"):
            yield "SendCommand answered without a CommandId"


def refusal(operation, protocol, code, status):
    """An error that is known, with its status."""
    known = dict(COMMON[protocol])
    for shape in operation.error_shapes:
        error = shape.metadata.get("error", {})
        fault = 500 if shape.name == "InternalServerError" else 400
        # JSON names the shape; its code is the one of the older protocol, where they differ.
        name = shape.name if protocol == "json" else error.get("code", shape.name)
        known[name] = error.get("httpStatusCode", fault)
    if code not in known:
        yield f"{operation.name} was refused with {code}, which it never gives"
    elif status != known[code]:
        yield f"{operation.name} was refused with {code} and the status {status}, not {known[code]}"


def request_headers(model, name, headers):
    form, _ = CONTENT[model.metadata["protocol"]]
    form = form.format(version=model.metadata.get("jsonVersion"))
    if headers.get("content-type") != form:
        yield f"{name} was asked as {headers.get('content-type')!r}, not {form}"
    prefix = model.metadata.get("targetPrefix")
    target = f"{prefix}.{name}" if prefix else None
    if headers.get("x-amz-target") != target:
        yield f"{name} was asked of {headers.get('x-amz-target')!r}, not {target!r}"


def answer_headers(model, name, headers):
    _, form = CONTENT[model.metadata["protocol"]]
    form = form.format(version=model.metadata.get("jsonVersion"))
    if headers.get("content-type") != form:
        yield f"{name} was answered as {headers.get('content-type')!r}, not {form}"
    try:
        uuid.UUID(headers.get("x-amzn-requestid", ""))
    except ValueError:
        yield f"{name} was answered without a request id: {headers}"


def of_form(operation, form, name):
    """The parameters in a form, by the types of the model."""
    form = dict(form)
    if form.pop("Action", None) != name:
        yield f"{name} is not the form's Action"
    if form.pop("Version", None) != operation.service_model.api_version:
        yield f"{name} was asked in another version of the API"
    for key, value in form.items():
        shape = operation.input_shape.members.get(key)
        if shape is not None and shape.type_name == "integer" and value.isdecimal():
            form[key] = int(value)
    return form


def of_xml(operation, text, name):
    """The answer in XML, by the types of the model; of an error only its code."""
    try:
        root = xml.etree.ElementTree.fromstring(text)
    except xml.etree.ElementTree.ParseError as error:
        yield f"{name} was answered with what is no XML: {error}"
        return {}
    space = f"{{{operation.service_model.metadata['xmlNamespace']}}}"
    if root.tag == f"{space}ErrorResponse":
        return {"__type": root.findtext(f"{space}Error/{space}Code", "")}
    if root.tag != f"{space}{name}Response":
        yield f"{name} was answered with {root.tag}"
    if not root.findtext(f"{space}ResponseMetadata/{space}RequestId"):
        yield f"{name} was answered without ResponseMetadata"
    wrapper = operation.output_shape.serialization["resultWrapper"]
    inner = root.find(f"{space}{wrapper}")
    if inner is None:
        yield f"{name} was answered without {wrapper}"
        return {}
    return members(operation.output_shape, inner, space)


def members(shape, element, space):
    """One value of an answer in XML."""
    kind = shape.type_name
    if kind == "structure":
        found = {}
        for child in element:
            member = child.tag.removeprefix(space)
            inside = shape.members.get(member)
            found[member] = child.text if inside is None else members(inside, child, space)
        return found
    text = element.text or ""
    if kind == "integer" and text.lstrip("-").isdecimal():
        return int(text)
    if kind == "timestamp":
        try:
            return datetime.datetime.fromisoformat(text).timestamp()
        except ValueError:
            return text
    return text


def exchanges(folder):
    files = sorted(pathlib.Path(folder).glob("*.jsonl"))
    for file in files:
        with file.open() as lines:
            for number, line in enumerate(lines, 1):
                # A process that is killed may leave its last line half written.
                if line.endswith("\n"):
                    yield f"{file.name}:{number}", json.loads(line)


def allowed(policies):
    actions = set()
    for path in policies:
        policy = json.loads(pathlib.Path(path).read_text())
        for statement in policy["Statement"]:
            named = statement["Action"]
            actions.update([named] if isinstance(named, str) else named)
    # S3 has no model here.
    return {action for action in actions if action.split(":")[0] in MODELS}


def main(folder, policies):
    asked, wrong = collections.Counter(), []
    for where, exchange in exchanges(folder):
        asked[f"{exchange.get('service')}:{exchange['operation']}"] += 1
        wrong.extend(f"{where}: {sentence}" for sentence in judge(exchange))
    if not asked:
        sys.exit("nothing was kept: nothing was judged")
    for name, count in sorted(asked.items()):
        print(f"{count:8} {name}")
    granted = allowed(policies)
    used = {ACTIONS.get(name, name) for name in asked}
    for name in sorted(used - granted - FREE):
        wrong.append(f"{name} is called, and no policy in deploy/iam allows it")
    for name in sorted(granted - used - RARE):
        wrong.append(f"{name} is allowed in deploy/iam, and was never called")
    if wrong:
        print("\n".join(wrong[:40]))
        sys.exit(f"{len(wrong)} faults")
    print(f"model: {sum(asked.values())} exchanges of {len(asked)} operations, no fault")


def prove():
    """Each of these has one fault, and the judge must find it."""
    identity = "7c0e1c9e-5a52-4f0b-9d43-0e8c4d6f3b11"
    json_form = "application/x-amz-json-1.1"

    def spoken(operation, asked, body, status=200, **headers):
        """An exchange with Systems Manager."""
        answered = {"content-type": json_form, "x-amzn-requestid": identity, **headers}
        return {
            "service": "ssm",
            "operation": operation,
            "headers": {"content-type": json_form, "x-amz-target": f"AmazonSSM.{operation}"},
            "input": asked,
            "answer": {"status": status, "headers": answered, "body": body},
        }

    def received(asked=None, body=None, status=200, version="1.0"):
        """An exchange with a queue."""
        form = f"application/x-amz-json-{version}"
        return {
            "service": "sqs",
            "operation": "ReceiveMessage",
            "headers": {"content-type": form, "x-amz-target": "AmazonSQS.ReceiveMessage"},
            "input": {"QueueUrl": "https://queue", **(asked or {})},
            "answer": {
                "status": status,
                "headers": {"content-type": form, "x-amzn-requestid": identity},
                "body": body or {},
            },
        }

    look, node = "DescribeInstancePatchStates", "i-0123456789abcdef0"
    state = {
        "InstanceId": node,
        "PatchGroup": "web",
        "BaselineId": "pb-0123456789abcdef0",
        "OperationStartTime": 1.5,
        "OperationEndTime": 2,
        "Operation": "Scan",
    }

    def with_input(**more):
        return spoken(look, {"InstanceIds": [node], "MaxResults": 50, **more}, {"InstancePatchStates": []})

    def with_state(**more):
        return spoken(look, {"InstanceIds": [node]}, {"InstancePatchStates": [{**state, **more}]})

    def refused(code, status=400, **headers):
        return spoken(look, {"InstanceIds": [node]}, {"__type": code, "message": "no"}, status, **headers)

    good = with_input()
    space = "https://sts.amazonaws.com/doc/2011-06-15/"
    form = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": "arn:aws:iam::111111111111:role/patchbot",
        "RoleSessionName": "patchbot-read",
    }
    credentials = {
        "AccessKeyId": "ASIA0123456789ABCDEF",
        "SecretAccessKey": "s",
        "SessionToken": "t",
        "Expiration": "2026-11-23T01:00:00Z",
    }

    def assumed(keys=credentials, asked=form, status=200, body=None, **headers):
        """An exchange with the Security Token Service."""
        inner = "".join(f"<{name}>{text}</{name}>" for name, text in keys.items())
        body = body or (
            f'<AssumeRoleResponse xmlns="{space}"><AssumeRoleResult><Credentials>{inner}</Credentials>'
            f"</AssumeRoleResult><ResponseMetadata><RequestId>{identity}</RequestId>"
            "</ResponseMetadata></AssumeRoleResponse>"
        )
        return {
            "service": "sts",
            "operation": "AssumeRole",
            "headers": {"content-type": "application/x-www-form-urlencoded"},
            "input": asked,
            "answer": {
                "status": status,
                "headers": {"content-type": "text/xml", "x-amzn-requestid": identity, **headers},
                "body": body,
            },
        }

    def not_assumed(code, status):
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>"
        body = f'<ErrorResponse xmlns="{space}">{error}<RequestId>{identity}</RequestId></ErrorResponse>'
        return assumed(status=status, body=body)

    purple = {
        "Title": "openssl",
        "KBId": "openssl.x86_64",
        "Classification": "Security",
        "Severity": "Low",
        "State": "Purple",
        "InstalledTime": 0,
    }
    bad = [
        {**good, "operation": "DescribeEverything"},
        {**good, "service": "ec2"},
        {name: value for name, value in good.items() if name != "service"},
        with_input(MaxResults=9),
        with_input(MaxResults=101),
        with_input(MaxResults="50"),
        with_input(Filter="x"),
        with_input(InstanceIds=[node] * 51),
        with_input(InstanceIds=["web-01"]),
        with_input(InstanceIds=[f"{node}\n"]),
        {**good, "input": {}},
        with_state(Operation="scan"),
        with_state(BaselineId="pb-0123456789abcdef0\n"),
        with_state(MissingCount="2"),
        with_state(Colour="red"),
        with_state(OperationEndTime="2026-11-23T00:00:00Z"),
        with_state(OperationEndTime=float("nan")),
        with_state(OperationEndTime=float("inf")),
        spoken(look, {"InstanceIds": [node]}, {"InstancePatchStates": [{}]}),
        {**good, "answer": {}},
        # The protocol
        {**good, "headers": {**good["headers"], "content-type": "application/json"}},
        {**good, "headers": {**good["headers"], "x-amz-target": "AmazonSSM.ListCommands"}},
        spoken(look, {"InstanceIds": [node]}, {"InstancePatchStates": []}, 202),
        spoken(look, {"InstanceIds": [node]}, {"InstancePatchStates": []}, **{"content-type": "text/html"}),
        spoken(look, {"InstanceIds": [node]}, {"InstancePatchStates": []}, **{"x-amzn-requestid": ""}),
        refused("InvalidDocument"),
        refused("ThrottlingException", 429),
        refused("ThrottlingException", 200),
        refused("InternalServerError", 400),
        refused("ThrottlingException", **{"content-type": "text/html"}),
        spoken("SendCommand", {"DocumentName": "AWS-RunPatchBaseline"}, {"Command": {}}),
        spoken("DescribeInstancePatches", {"InstanceId": node}, {"Patches": [purple]}),
        # The Security Token Service
        {**assumed(), "operation": "BecomeSomebody"},
        assumed(asked={**form, "RoleSessionName": "a b"}),
        assumed(asked={**form, "RoleSessionName": "patchbot\n"}),
        assumed(asked={**form, "RoleArn": "short"}),
        assumed(asked={**form, "Colour": "red"}),
        assumed(asked={**form, "DurationSeconds": "899"}),
        assumed(asked={**form, "DurationSeconds": "long"}),
        assumed(asked={**form, "Version": "2014-11-06"}),
        assumed(asked={name: text for name, text in form.items() if name != "RoleArn"}),
        assumed(keys={name: text for name, text in credentials.items() if name != "SessionToken"}),
        assumed(keys={**credentials, "Expiration": "tomorrow"}),
        assumed(keys={**credentials, "AccessKeyId": "ASIA"}),
        assumed(keys={**credentials, "Colour": "red"}),
        assumed(body="{}"),
        assumed(body=f'<AssumeRoleResponse xmlns="{space}"/>'),
        assumed(body="<AssumeRoleResponse/>"),
        assumed(status=403),
        assumed(**{"content-type": json_form}),
        assumed(**{"x-amzn-requestid": "none"}),
        {**assumed(), "headers": {"content-type": json_form}},
        not_assumed("AccessDenied", 400),
        not_assumed("AccessDenied", 200),
        not_assumed("ThrottlingException", 400),
        # The queues
        received({"WaitTimeSeconds": "20"}),
        received({"Colour": "red"}),
        received(version="1.1"),
        received(body={"Messages": [{"Body": 7}]}),
        received(body={"__type": "com.amazonaws.sqs#InvalidDocument"}, status=400),
        received(body={"__type": "com.amazonaws.sqs#QueueDoesNotExist"}, status=200),
    ]
    right = [
        good,
        with_state(),
        refused("ThrottlingException"),
        refused("InternalServerError", 500),
        {**good, "answer": {"closed": True}},
        assumed(),
        assumed(asked={**form, "DurationSeconds": "900", "ExternalId": "verification"}),
        not_assumed("AccessDenied", 403),
        not_assumed("MalformedPolicyDocument", 400),
        received(),
        received(body={"__type": "com.amazonaws.sqs#QueueDoesNotExist"}, status=400),
    ]
    for exchange in right:
        found = list(judge(exchange))
        if found:
            sys.exit(f"the judge condemns what is right: {found}")
    for exchange in bad:
        if not list(judge(exchange)):
            sys.exit(f"the judge does not see what is wrong with {exchange}")
    print(f"model: the judge finds {len(bad)} of {len(bad)} faults")


if __name__ == "__main__":
    if sys.argv[1:] == ["--prove"]:
        prove()
    elif len(sys.argv) > 2:
        main(sys.argv[1], sys.argv[2:])
    else:
        sys.exit(__doc__)
