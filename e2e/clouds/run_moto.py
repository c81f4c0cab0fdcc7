"""moto, with what of AWS it lacks: public images and accounts by access key here, the rest in moto_gaps."""

import re
import sys

import moto_gaps  # noqa: F401
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.responses import BaseResponse
from moto.ec2.models import amis
from moto.iam import models
from moto.iam.access_control import IAMRequestBase
from moto.server import main

UBUNTU = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20260901"
DEBIAN = "debian-13-arm64-20260901-2222"

for image, name, owner in (
    ("ami-0b0b24b0b24b0b24b", UBUNTU, "099720109477"),
    ("ami-0d0d13d0d13d0d13d", DEBIAN, "136693071363"),
):
    amis.AMIS.append({
        "ami_id": image,
        "name": name,
        "owner_id": owner,
        "architecture": "arm64",
        "virtualization_type": "hvm",
        "root_device_type": "ebs",
        "creation_date": "2026-09-01T00:00:00.000Z",
    })

# As MiniStack and LocalStack have it: an access key of 12 digits is the number of an account.
BaseResponse.access_key_regex = re.compile(r"AWS.*Credential=(?P<access_key>\w+)/")

account_of_issued_key = models.get_account_id_from


def account_of_key(access_key):
    return access_key if re.fullmatch(r"\d{12}", access_key) else account_of_issued_key(access_key)


models.get_account_id_from = account_of_key

# Nothing is denied to an account's root user, whose key is its number; what a role may do is judged by its policies (the
# harness sets INITIAL_NO_AUTH_ACTION_COUNT to 0). What was signed was sent to the gateway, so signatures tell nothing here.
judge = ActionAuthenticatorMixin._authenticate_and_authorize_action


def judge_roles(self, iam_request_cls, resource="*"):
    if "X-Amz-Security-Token" in self.headers:
        judge(self, iam_request_cls, resource)


ActionAuthenticatorMixin._authenticate_and_authorize_action = judge_roles
IAMRequestBase.check_signature = lambda self: None

main(sys.argv[1:])
