"""moto with one account per 12-digit access key, as MiniStack and LocalStack have it."""

import re
import sys

from moto.core.responses import BaseResponse
from moto.iam import models
from moto.server import main

BaseResponse.access_key_regex = re.compile(r"AWS.*Credential=(?P<access_key>\w+)/")

account_of_issued_key = models.get_account_id_from


def account_of_key(access_key):
    return access_key if re.fullmatch(r"\d{12}", access_key) else account_of_issued_key(access_key)


models.get_account_id_from = account_of_key

main(sys.argv[1:])
