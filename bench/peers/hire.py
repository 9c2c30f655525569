"""Hires people with a group and an access key each, as a script does it: hire.py URL FROM TO THREADS RETRY_MODE"""

import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

url, first, last, threads, mode = sys.argv[1:]
iam = boto3.client("iam", endpoint_url=url, config=Config(retries={"mode": mode, "max_attempts": 10}))


def hire(number):
    name = f"person{number:04}"
    iam.create_user(UserName=name)
    iam.add_user_to_group(UserName=name, GroupName="staff")
    return iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]


with ThreadPoolExecutor(int(threads)) as pool:
    print(len(list(pool.map(hire, range(int(first), int(last))))))
