"""
Fills an account with users, policies, roles of all kinds, instance profiles and identity providers, by boto3:
`account.py URL SEED`. The same seed makes the same account. Keys come from the environment.
"""

import json
import random
import sys

import boto3

url, seed = sys.argv[1], int(sys.argv[2])
draw = random.Random(seed)
iam = boto3.client("iam", endpoint_url=url, region_name="us-east-1")
account = boto3.client("sts", endpoint_url=url, region_name="us-east-1").get_caller_identity()["Account"]


def arn(name, owner=account):
    return f"arn:aws:iam::{owner}:{name}"


def some(items, most=3):
    return draw.sample(items, draw.randint(0, min(most, len(items))))


def maybe(value, chance=0.5):
    return value if draw.random() < chance else None


def given(**values):
    return {name: value for name, value in values.items() if value not in (None, [], {})}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=draw.choice([None, 2]))


def one_or_list(items):
    return items[0] if len(items) == 1 and draw.random() < 0.7 else items


def permissions():
    action = one_or_list(draw.sample(["s3:GetObject", "s3:PutObject", "ec2:Describe*", "sqs:*", "iam:GetUser"], draw.randint(1, 3)))
    resource = draw.choice(["*", "arn:aws:s3:::houdini/*", ["arn:aws:s3:::houdini", "arn:aws:sqs:*:*:jobs"]])
    condition = maybe({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, 0.2)
    return document(given(Effect=draw.choice(["Allow", "Allow", "Deny"]), Action=action, Resource=resource, Condition=condition))


def tags():
    keys = some(["team", "cost-centre", "env", "Owner", "a b/c=d+e"], 3)
    return [{"Key": key, "Value": draw.choice(["", "forest", "7", "yes", "2027-01-31"])} for key in keys]


paths = ["/", "/", "/ci/", "/partners/eu/"]
aws_policies = ["ReadOnlyAccess", "job-function/ViewOnlyAccess", "AmazonS3ReadOnlyAccess", "SecurityAudit"]

users = [f"user-{index}" for index in range(draw.randint(1, 3))]
for name in users:
    iam.create_user(UserName=name, **given(Path=maybe(draw.choice(paths)), Tags=tags()))
policies = [arn(f"policy/aws", "aws").replace("policy/aws", f"policy/{name}") for name in aws_policies]
for index in range(draw.randint(1, 3)):
    made = iam.create_policy(
        PolicyName=f"policy-{index}",
        PolicyDocument=permissions(),
        **given(Path=maybe("/team/"), Description=maybe("What it is for: reports"), Tags=tags()),
    )
    policies.append(made["Policy"]["Arn"])

oidc = []
for address in some(["token.actions.githubusercontent.com", "gitlab.example.com", "oidc.eks.eu-central-1.amazonaws.com/id/ABC123"]):
    made = iam.create_open_id_connect_provider(
        Url=f"https://{address}",
        **given(
            ClientIDList=some(["sts.amazonaws.com", "https://gitlab.example.com", "app"]),
            ThumbprintList=maybe(["6938fd4d98bab03faadb97b34396831e3780aea1"]),
            Tags=tags(),
        ),
    )
    oidc.append((address, made["OpenIDConnectProviderArn"]))
saml = []
for name in some(["okta", "entra.id"]):
    metadata = (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://{name}.example.com" '
        f'validUntil="2039-01-01T00:00:00Z">\n<!-- {"x" * 1000} -->\n</md:EntityDescriptor>\n'
    )
    saml.append(iam.create_saml_provider(Name=name, SAMLMetadataDocument=metadata, **given(Tags=tags()))["SAMLProviderArn"])

roles = []


def by_service():
    services = draw.sample(["lambda.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com"], draw.randint(1, 2))
    return given(Principal={"Service": one_or_list(services)}, Action="sts:AssumeRole")


def by_account():
    other = draw.choice(["999999999999", arn("root", "999999999999"), account, arn("root"), ["999999999999", "888888888888"]])
    condition = draw.choice(
        [
            None,
            {"StringEquals": {"sts:ExternalId": "acme-7"}},
            {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
            {"StringLike": {"aws:PrincipalArn": ["arn:aws:iam::999999999999:role/ci-*"]}, "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
        ]
    )
    return given(Principal={"AWS": other}, Action=draw.choice(["sts:AssumeRole", ["sts:AssumeRole", "sts:TagSession"]]), Condition=condition)


def by_name():
    named = [iam.get_user(UserName=name)["User"]["Arn"] for name in some(users, 2)] + some(roles, 2)
    return given(Principal={"AWS": one_or_list(named)}, Action="sts:AssumeRole") if named else by_service()


def by_oidc():
    if not oidc:
        return by_service()
    address, provider = draw.choice(oidc)
    if address.startswith("token.actions"):
        subject = draw.choice(["repo:acme/web:environment:prod", "repo:acme/web:ref:refs/heads/main", "repo:acme@1/web@2:pull_request", ["repo:acme/web:*", "repo:acme/api:*"]])
        operator = draw.choice(["StringEquals", "StringLike"]) if isinstance(subject, str) else "StringLike"
        conditions = {"StringEquals": {f"{address}:aud": "sts.amazonaws.com"}}
        conditions.setdefault(operator, {})[f"{address}:sub"] = subject
    else:
        conditions = {"StringEquals": {f"{address}:sub": "system:serviceaccount:web:deploy"}}
    return {"Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": conditions}


def by_saml():
    if not saml:
        return by_account()
    return {
        "Principal": {"Federated": draw.choice(saml)},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    }


kinds = [by_service, by_account, by_name, by_oidc, by_saml]
for index in range(draw.randint(4, 8)):
    name = f"role-{index}"
    statements = [{"Effect": "Allow", **draw.choice(kinds)()} for _ in range(draw.choice([1, 1, 2]))]
    made = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=document(*statements),
        **given(
            Path=maybe(draw.choice(paths)),
            Description=maybe("Deploys: the web"),
            MaxSessionDuration=maybe(draw.choice([3600, 7200, 43200])),
            PermissionsBoundary=maybe(draw.choice(policies), 0.3),
            Tags=tags(),
        ),
    )
    roles.append(made["Role"]["Arn"])
    for policy in some(policies):
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    for inline in some(["reads", "writes"]):
        iam.put_role_policy(RoleName=name, PolicyName=inline, PolicyDocument=permissions())
    profile = draw.choice([None, None, name, f"of-{name}"])
    if profile is not None:
        iam.create_instance_profile(InstanceProfileName=profile, **given(Path=maybe(draw.choice(paths)), Tags=tags()))
        iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=name)
if draw.random() < 0.5:
    iam.create_instance_profile(InstanceProfileName="empty", **given(Path=maybe("/ec2/"), Tags=tags()))
if draw.random() < 0.5:
    iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
