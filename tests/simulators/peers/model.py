"""The API model of AWS as the judge of everything that was said.

Usage: model.py FOLDER POLICY...   judges the exchanges that the simulator kept in FOLDER
       model.py --prove            proves that the judge finds what is wrong

The models are botocore's own copies of `ssm/2014-11-06` and `sqs/2012-11-05`. Of each request: the operation exists, every
parameter is known, of its type, within its limits, one of its values. Of each answer: every member is
known and of its type, nothing that is required is missing; an error is one that the model knows, or one
that every operation can give. Every action that a POLICY allows was used, and no other.
"""

import collections
import json
import pathlib
import re
import sys

import botocore.session
from botocore.validate import ParamValidator

MODELS = {
    "ssm": botocore.session.get_session().get_service_model("ssm", api_version="2014-11-06"),
    "sqs": botocore.session.get_session().get_service_model("sqs", api_version="2012-11-05"),
}

# The service answers these spelled otherwise than its model enumerates them.
SPELLED_OTHERWISE = {"PatchComplianceDataState"}

# The model gives this list 5 entries at most, and the page that it is on 10 to 100 (`MaxResults` of
# DescribeInstancePatchStatesForPatchGroup): it contradicts itself, and the page is believed.
OTHER_SIZE = {"InstancePatchStatesList": (0, 100)}

# Errors that the model does not list: they are given before any operation is reached.
# AWS Systems Manager API reference, "Common Error Types", and AWS General Reference.
COMMON = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InternalServerError",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "ThrottlingException",
    "UnrecognizedClientException",
    "ValidationException",
}

# Operations that another action allows.
ACTIONS = {"sqs:DeleteMessageBatch": "sqs:DeleteMessage"}

# Allowed, and called only where the service says that a patch group has no baseline. The simulator
# answers with the default itself; the call is tested against a scripted answer.
RARE = {"ssm:GetDefaultPatchBaseline"}

# Granted for S3 and STS, which are not in these models.
OTHER_SERVICES = ("s3:", "sts:")


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
            if not re.search(pattern, value) and not (is_answer and shape.name == "StringDateTime"):
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
    name, model = exchange["operation"], MODELS[exchange["service"]]
    if name not in model.operation_names:
        yield f"{name} is no operation"
        return
    operation = model.operation_model(name)
    report = ParamValidator().validate(exchange["input"], operation.input_shape)
    if report.has_errors():
        yield f"{name}: botocore would not send this: {report.generate_report()}"
    yield from faults(operation.input_shape, exchange["input"], name, False)
    answer = exchange["answer"]
    if "output" in answer:
        yield from faults(operation.output_shape, answer["output"], f"{name} answer", True)
    elif "error" in answer:
        known = {shape.name for shape in operation.error_shapes} | COMMON
        if answer["error"] not in known:
            yield f"{name} was refused with {answer['error']}, which it never gives"
    elif not answer.get("closed"):
        yield f"{name} has no answer"
    # The model requires nothing here, and without it a command is lost.
    if name == "SendCommand" and "output" in answer:
        if not answer["output"].get("Command", {}).get("CommandId"):
            yield "SendCommand answered without a CommandId"


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
    return {a for a in actions if not a.startswith(OTHER_SERVICES)}


def main(folder, policies):
    asked, wrong = collections.Counter(), []
    for where, exchange in exchanges(folder):
        asked[f'{exchange["service"]}:{exchange["operation"]}'] += 1
        wrong.extend(f"{where}: {sentence}" for sentence in judge(exchange))
    if not asked:
        sys.exit("nothing was kept: nothing was judged")
    for name, count in sorted(asked.items()):
        print(f"{count:8} {name}")
    granted = allowed(policies)
    used = {ACTIONS.get(name, name) for name in asked}
    for name in sorted(used - granted):
        wrong.append(f"{name} is called, and no policy in deploy/iam allows it")
    for name in sorted(granted - used - RARE):
        wrong.append(f"{name} is allowed in deploy/iam, and was never called")
    if wrong:
        print("\n".join(wrong[:40]))
        sys.exit(f"{len(wrong)} faults")
    print(f"model: {sum(asked.values())} exchanges of {len(asked)} operations, no fault")


def prove():
    """Each of these has one fault, and the judge must find it."""
    good = {
        "service": "ssm",
        "operation": "DescribeInstancePatchStates",
        "input": {"InstanceIds": ["i-0123456789abcdef0"], "MaxResults": 50},
        "answer": {"output": {"InstancePatchStates": []}},
    }
    state = {
        "InstanceId": "i-0123456789abcdef0",
        "PatchGroup": "web",
        "BaselineId": "pb-0123456789abcdef0",
        "OperationStartTime": 1.5,
        "OperationEndTime": 2,
        "Operation": "Scan",
    }

    def with_input(**more):
        return {**good, "input": {**good["input"], **more}}

    def with_state(**more):
        output = {"InstancePatchStates": [{**state, **more}]}
        return {**good, "answer": {"output": output}}

    bad = [
        {**good, "operation": "DescribeEverything"},
        with_input(MaxResults=9),
        with_input(MaxResults=101),
        with_input(MaxResults="50"),
        with_input(Filter="x"),
        with_input(InstanceIds=["i-0123456789abcdef0"] * 51),
        with_input(InstanceIds=["web-01"]),
        {**good, "input": {}},
        with_state(Operation="scan"),
        with_state(MissingCount="2"),
        with_state(Colour="red"),
        with_state(OperationEndTime="2026-11-23T00:00:00Z"),
        {**good, "answer": {"output": {"InstancePatchStates": [{}]}}},
        {**good, "answer": {"error": "InvalidDocument"}},
        {**good, "answer": {}},
        {**good, "service": "sqs"},
        {
            "service": "sqs",
            "operation": "ReceiveMessage",
            "input": {"QueueUrl": "https://q", "WaitTimeSeconds": "20"},
            "answer": {"output": {}},
        },
        {
            "service": "ssm",
            "operation": "SendCommand",
            "input": {"DocumentName": "AWS-RunPatchBaseline"},
            "answer": {"output": {"Command": {}}},
        },
        {
            "service": "ssm",
            "operation": "DescribeInstancePatches",
            "input": {"InstanceId": "i-0123456789abcdef0"},
            "answer": {
                "output": {
                    "Patches": [
                        {
                            "Title": "openssl",
                            "KBId": "openssl.x86_64",
                            "Classification": "Security",
                            "Severity": "Low",
                            "State": "Purple",
                            "InstalledTime": 0,
                        }
                    ]
                }
            },
        },
    ]
    for exchange in [good, with_state(), {**good, "answer": {"error": "ThrottlingException"}}]:
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
