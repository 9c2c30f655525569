"""Takes people out of an account, as a script does it: offboard.py URL FROM TO THREADS RETRY_MODE"""

import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

url, first, last, threads, mode = sys.argv[1:]
iam = boto3.client("iam", endpoint_url=url, config=Config(retries={"mode": mode, "max_attempts": 10}))


def every(operation, key, **of):
    return [item for page in iam.get_paginator(operation).paginate(**of) for item in page[key]]


def offboard(number):
    of = {"UserName": f"person{number:04}"}
    for key in every("list_access_keys", "AccessKeyMetadata", **of):
        iam.delete_access_key(**of, AccessKeyId=key["AccessKeyId"])
    for group in every("list_groups_for_user", "Groups", **of):
        iam.remove_user_from_group(**of, GroupName=group["GroupName"])
    for policy in every("list_attached_user_policies", "AttachedPolicies", **of):
        iam.detach_user_policy(**of, PolicyArn=policy["PolicyArn"])
    for policy in every("list_user_policies", "PolicyNames", **of):
        iam.delete_user_policy(**of, PolicyName=policy)
    for device in every("list_mfa_devices", "MFADevices", **of):
        iam.deactivate_mfa_device(**of, SerialNumber=device["SerialNumber"])
    for key in every("list_ssh_public_keys", "SSHPublicKeys", **of):
        iam.delete_ssh_public_key(**of, SSHPublicKeyId=key["SSHPublicKeyId"])
    for certificate in every("list_signing_certificates", "Certificates", **of):
        iam.delete_signing_certificate(**of, CertificateId=certificate["CertificateId"])
    for credential in iam.list_service_specific_credentials(**of)["ServiceSpecificCredentials"]:
        iam.delete_service_specific_credential(
            **of, ServiceSpecificCredentialId=credential["ServiceSpecificCredentialId"]
        )
    try:
        iam.delete_login_profile(**of)
    except iam.exceptions.NoSuchEntityException:
        pass
    iam.delete_user(**of)


with ThreadPoolExecutor(int(threads)) as pool:
    print(len(list(pool.map(offboard, range(int(first), int(last))))))
