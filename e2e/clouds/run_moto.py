"""moto, with what of AWS it lacks: accounts by access key here, the rest in moto_gaps."""

import re
import sys

import moto_gaps  # noqa: F401
from moto.core.responses import BaseResponse
from moto.iam import models
from moto.server import main

# As MiniStack and LocalStack have it: an access key of 12 digits is the number of an account.
BaseResponse.access_key_regex = re.compile(r"AWS.*Credential=(?P<access_key>\w+)/")

account_of_issued_key = models.get_account_id_from


def account_of_key(access_key):
    return access_key if re.fullmatch(r"\d{12}", access_key) else account_of_issued_key(access_key)


models.get_account_id_from = account_of_key

main(sys.argv[1:])
