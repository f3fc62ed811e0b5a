"""boto3 hears the events of Systems Manager through a simulated queue, and cancels a command.

Usage: aws_events.py ENDPOINT ACCESS_KEY_ID REGION ROLE_ARN EXTERNAL_ID QUEUE_URL
"""

import hashlib
import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, KEY, REGION, ROLE, EXTERNAL_ID, QUEUE = sys.argv[1:]

# In real time; a thousand simulated seconds pass in each second.
PATIENCE = 30


def expect(condition, sentence):
    if not condition:
        sys.exit(f"surprise: {sentence}")


def client(service, key, secret="secret", token=None):
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=ENDPOINT,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )


def refused(name, call, **arguments):
    """The error has the class that the model gives it, and the code of the older protocol."""
    try:
        answer = call(**arguments)
    except ClientError as error:
        found = {type(error).__name__, error.response["Error"]["Code"]}
        expect(name in found, f"{error} ({found}) instead of {name}")
        return
    sys.exit(f"surprise: {name} was expected, and came {answer}")


def receive(**arguments):
    messages = sqs.receive_message(QueueUrl=QUEUE, **arguments).get("Messages", [])
    for message in messages:
        digest = hashlib.md5(message["Body"].encode()).hexdigest()
        expect(message["MD5OfBody"] == digest, "MD5OfBody is not the body's")
    return messages


def events_until(wanted):
    """Receives and deletes until an event fits; gives all of them."""
    heard, end = [], time.monotonic() + PATIENCE
    while time.monotonic() < end:
        messages = receive(MaxNumberOfMessages=10, WaitTimeSeconds=20)
        heard += [json.loads(message["Body"]) for message in messages]
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(messages)
        ]
        if entries:
            done = sqs.delete_message_batch(QueueUrl=QUEUE, Entries=entries)
            expect(len(done["Successful"]) == len(entries), f"not all were deleted: {done}")
            expect(not done.get("Failed"), f"some failed: {done}")
        if any(wanted(event) for event in heard):
            return heard
    sys.exit(f"surprise: no event fits among {len(heard)}: {heard[-3:]}")


credentials = client("sts", KEY).assume_role(
    RoleArn=ROLE, RoleSessionName="peer", ExternalId=EXTERNAL_ID
)["Credentials"]
session = credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]
ssm, sqs = client("ssm", *session), client("sqs", *session)

# What is refused.
refused("QueueDoesNotExist", sqs.receive_message, QueueUrl=f"{QUEUE}-not")
refused("AWS.SimpleQueueService.NonExistentQueue", sqs.receive_message, QueueUrl=f"{QUEUE}-not")
refused("InvalidParameterValue", sqs.receive_message, QueueUrl=QUEUE, MaxNumberOfMessages=11)
refused("InvalidParameterValue", sqs.receive_message, QueueUrl=QUEUE, WaitTimeSeconds=21)
refused("EmptyBatchRequest", sqs.delete_message_batch, QueueUrl=QUEUE, Entries=[])
twice = [{"Id": "1", "ReceiptHandle": "none"}] * 2
refused("BatchEntryIdsNotDistinct", sqs.delete_message_batch, QueueUrl=QUEUE, Entries=twice)
many = [{"Id": str(number), "ReceiptHandle": "none"} for number in range(11)]
refused("TooManyEntriesInBatchRequest", sqs.delete_message_batch, QueueUrl=QUEUE, Entries=many)
refused(
    "UnrecognizedClientException",
    client("sqs", "AKIASIMNOBODY").receive_message,
    QueueUrl=QUEUE,
)

nodes = [
    node["InstanceId"]
    for node in ssm.describe_instance_information()["InstanceInformationList"]
    if node["PingStatus"] == "Online"
]
expect(len(nodes) >= 3, f"only {nodes} are online")


def send(**more):
    return ssm.send_command(
        DocumentName="AWS-RunPatchBaseline",
        InstanceIds=nodes,
        Parameters={"Operation": ["Install"], "RebootOption": ["RebootIfNeeded"]},
        **more,
    )["Command"]["CommandId"]


# A message that was received is hidden, and comes again when its time is over.
command = send()
first = []
while not first:
    first = receive(MaxNumberOfMessages=1, WaitTimeSeconds=20, VisibilityTimeout=5)
again, end = [], time.monotonic() + PATIENCE
while not again and time.monotonic() < end:
    found = receive(MaxNumberOfMessages=10, WaitTimeSeconds=20, VisibilityTimeout=1)
    again = [one for one in found if one["MessageId"] == first[0]["MessageId"]]
expect(again, "a message that was not deleted never came again")
expect(again[0]["ReceiptHandle"] != first[0]["ReceiptHandle"], "two deliveries share a receipt")
sqs.delete_message(QueueUrl=QUEUE, ReceiptHandle=again[0]["ReceiptHandle"])

# The end of a command is an event, and so is that of each of its nodes.
heard = events_until(
    lambda event: event["detail-type"] == "EC2 Command Status-change Notification"
    and event["detail"]["command-id"] == command
    and event["detail"]["status"] in ("Success", "Failed", "TimedOut")
)
for event in heard:
    expect(event["source"] == "aws.ssm", f"an event of {event['source']}")
    for name in ("version", "id", "account", "time", "region", "resources", "detail"):
        expect(name in event, f"an event without {name}: {event}")
kinds = {event["detail-type"] for event in heard}
expect("EC2 Command Invocation Status-change Notification" in kinds, f"only {kinds}")

# Of a command that is cancelled the nodes that did not begin are Cancelled.
command = send(MaxConcurrency="1")
ssm.cancel_command(CommandId=command)
end = time.monotonic() + PATIENCE
while time.monotonic() < end:
    invocations = ssm.list_command_invocations(CommandId=command)["CommandInvocations"]
    states = [invocation["Status"] for invocation in invocations]
    if states and not {"Pending", "InProgress", "Delayed", "Cancelling"} & set(states):
        break
expect(states.count("Cancelled") >= len(nodes) - 1, f"after a cancel the nodes are {states}")
events_until(
    lambda event: event["detail"].get("command-id") == command
    and event["detail"].get("status") == "Cancelled"
)
print(f"boto3 {boto3.__version__}: {len(heard)} events, no surprise")
