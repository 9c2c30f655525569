"""Runs the rows of a conformance table with boto3: `boto.py URL CONTROL < rows.json`, one outcome per line.

CONTROL/reset?row=N gives an empty account, CONTROL/wait?ms=N moves its clock.
"""

import json
import re
import sys
import urllib.request
from urllib.parse import quote, unquote

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
from botocore import xform_name
from botocore.config import Config
from botocore.httpsession import URLLib3Session

url, control = sys.argv[1:3]
table = json.load(sys.stdin)
rows, operator = table["rows"], table["operator"]
config = Config(parameter_validation=False, retries={"max_attempts": 0}, region_name="us-east-1")
session = boto3.Session()
http = URLLib3Session()


def client_of(service, key):
    return session.client(
        service,
        endpoint_url=url,
        config=config,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key.get("SessionToken"),
    )


clients = {"iam": client_of("iam", operator), "sts": client_of("sts", operator)}


def tell(path):
    with urllib.request.urlopen(control + path) as answer:
        answer.read()


def look_up(value, path):
    for field in path.split("."):
        if isinstance(value, list):
            value = value[int(field)] if int(field) < len(value) else None
        else:
            value = value.get(field) if isinstance(value, dict) else None
    return value


def fill(value, answers, index):
    if isinstance(value, str):
        found = re.match(r"^\$(\d+)\.(.+)$", value)
        if found:
            return look_up(answers[int(found[1])], found[2])
        return value.replace("{i}", str(index))
    if isinstance(value, list):
        return [fill(item, answers, index) for item in value]
    if isinstance(value, dict):
        return {key: fill(item, answers, index) for key, item in value.items()}
    return value


def key_of(call, answers):
    as_who = call.get("as")
    if as_who is None:
        return None
    if as_who == "unknown-key":
        return {"AccessKeyId": "AKIANOBODYSKEY222222", "SecretAccessKey": "x" * 40}
    if as_who == "wrong-secret":
        return {**operator, "SecretAccessKey": "x" * 40}
    return fill(as_who, answers, 0)


def send(call, answers, index=0):
    service = "sts" if hasattr(clients["sts"], xform_name(call["op"])) else "iam"
    key = key_of(call, answers)
    client = clients[service] if key is None else client_of(service, key)
    method = getattr(client, xform_name(call["op"]))
    try:
        answer = method(**fill(call.get("input", {}), answers, index))
        answer.pop("ResponseMetadata")
        return answer, None
    except botocore.exceptions.ClientError as error:
        return None, f"{error.response['Error']['Code']} {error.response['ResponseMetadata']['HTTPStatusCode']}"


def send_raw(call):
    headers = {"Content-Type": call.get("contentType", "application/x-www-form-urlencoded; charset=utf-8")}
    if call.get("authorization"):
        headers["Authorization"] = call["authorization"]
        headers["X-Amz-Date"] = "20260301T120000Z"
    request = botocore.awsrequest.AWSRequest("POST", url, headers=headers, data=call["raw"])
    if "authorization" not in call:
        credentials = botocore.credentials.Credentials(operator["AccessKeyId"], operator["SecretAccessKey"])
        botocore.auth.SigV4Auth(credentials, "iam", "us-east-1").add_auth(request)
    response = http.send(request.prepare())
    if response.status_code == 200:
        return {}, None
    code = re.search(r"<Code>([^<]*)</Code>", response.text)
    return None, f"{code[1] if code else 'no XML'} {response.status_code}"


def text_matches(expected, actual):
    if expected == "~any":
        return actual is not None
    if expected == "~absent":
        return actual is None
    if expected.startswith("~bytes:/"):
        return isinstance(actual, bytes) and re.search(expected[8:-1], actual.decode(errors="replace"), re.S)
    if expected.startswith("~document:"):
        # boto3 decodes documents.
        wanted = expected[len("~document:") :]
        return actual == json.loads(wanted) if isinstance(actual, dict) else unquote(actual or "") == wanted
    if expected.startswith("~/"):
        if isinstance(actual, dict):
            actual = quote(json.dumps(actual, separators=(",", ":")), safe="")
        return isinstance(actual, str) and re.search(expected[2:-1], actual, re.S)
    return actual == expected


def mismatch(expected, actual, path=""):
    here = path or "the answer"
    if isinstance(expected, str):
        return None if text_matches(expected, actual) else here
    if isinstance(expected, list):
        # Empty lists are there for boto3 whether or not the answer has them.
        actual = [] if actual is None else actual
        if not isinstance(actual, list) or len(actual) != len(expected):
            return here
        pairs = [(str(index), item, actual[index]) for index, item in enumerate(expected)]
    elif isinstance(expected, dict):
        if not isinstance(actual, dict):
            return here
        pairs = [(field, item, actual.get(field)) for field, item in expected.items()]
    else:
        return None if actual == expected and type(actual) is type(expected) else here
    for field, item, inner in pairs:
        found = mismatch(item, inner, f"{path}.{field}" if path else field)
        if found:
            return found
    return None


def run(row):
    answers = []
    for step in row["setup"]:
        if "waitMs" in step:
            tell(f"/wait?ms={step['waitMs']}")
            continue
        answer = None
        for index in range(step.get("times", 1)):
            answer, error = send(step, answers, index)
            if error:
                return f"set-up: {step['op']} gave {error}"
        answers.append(answer)
    call = row["call"]
    answer, error = send_raw(call) if "raw" in call else send(call, answers)
    expected = row["expected"]
    if error:
        wanted = f"{expected.get('error')} {expected.get('status')}"
        return "as documented" if error == wanted else error
    if "error" in expected:
        return "success"
    path = mismatch(fill(expected["ok"], answers, 0), answer)
    return f"success with another {path}" if path else "as documented"


for number, row in enumerate(rows):
    tell(f"/reset?row={number}")
    print(json.dumps([row["name"], run(row)]), flush=True)
