"""What MiniStack lacks of S3, CloudTrail and Route 53."""

import json

from ministack.services import cloudtrail, route53, s3

from .amend import OK

# --- S3: a new bucket is closed to the public ------------------------------------------------

s3._new_bucket_public_access_block = lambda: {"_public_access_block": s3._NEW_BUCKET_PUBLIC_ACCESS_BLOCK}


# --- CloudTrail: the tags of a new trail ------------------------------------------------------

plain_create_trail = cloudtrail._create_trail


def create_trail(body):
    answer = plain_create_trail(body)
    if answer[0] == OK:
        tags = {tag["Key"]: tag.get("Value", "") for tag in body.get("TagsList", [])}
        cloudtrail._trail_tags[json.loads(answer[2])["TrailARN"]] = tags
    return answer


cloudtrail._DISPATCH["CreateTrail"] = create_trail


# --- Route 53: flags in small letters, as XML has them ----------------------------------------

plain_health_check = route53._build_health_check_el


def health_check(parent, check):
    config = check.get("config", {})
    flags = {name: str(value).lower() for name, value in config.items() if isinstance(value, bool)}
    plain_health_check(parent, {**check, "config": {**config, **flags}})


route53._build_health_check_el = health_check
