"""What LocalStack lacks of CloudWatch, S3 and SNS. docs/testing.md lists the gaps."""

import functools
import re

from localstack.aws.api import CommonServiceException
from localstack.aws.api.cloudwatch import ResourceNotFound
from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider
from localstack.services.s3.provider import S3Provider
from localstack.services.sns.provider import SnsProvider
from localstack.utils.aws import arns


def replaces(provider, name):
    """The function below takes the place of a call, which it is given first; dispatched as that one is."""

    def place(function):
        plain = getattr(provider, name)

        @functools.wraps(plain)
        def call(self, context, *args, **kwargs):
            return function(plain, self, context, *args, **kwargs)

        setattr(provider, name, call)
        return function

    return place


# --- CloudWatch: alarms and dashboards ------------------------------------------------------


def arn(context, alarm):
    return arns.cloudwatch_alarm_arn(alarm, account_id=context.account_id, region_name=context.region)


def put_alarm(plain, self, context, request):
    """Tags are set as an alarm is made, and only then; an alarm shows none, and in CBOR cannot be shown with any."""
    alarms = self.get_store(context.account_id, context.region).alarms
    named = arn(context, request["AlarmName"])
    is_new = named not in alarms
    tags = request.pop("Tags", None)
    plain(self, context, request)
    if is_new and tags:
        self.get_store(context.account_id, context.region).TAGS.tag_resource(named, tags)


replaces(CloudwatchProvider, "put_metric_alarm")(put_alarm)
replaces(CloudwatchProvider, "put_composite_alarm")(put_alarm)


@replaces(CloudwatchProvider, "delete_alarms")
def delete_alarms(plain, self, context, alarm_names, **kwargs):
    """All or none: who is unknown, or named by a composite alarm that stays, is an error."""
    store = self.get_store(context.account_id, context.region)
    for name in alarm_names:
        if arn(context, name) not in store.alarms:
            raise ResourceNotFound(f"Alarm {name} does not exist")
        for one in store.alarms.values():
            rule = one.alarm.get("AlarmRule", "")
            stays = one.alarm["AlarmName"] not in alarm_names
            if stays and name in re.findall(r'ALARM\("?([^")]*)"?\)', rule):
                message = f"Cannot delete {name} as there are composite alarm(s) depending on it."
                raise CommonServiceException("ValidationError", message, 400, True)
    plain(self, context, alarm_names, **kwargs)
    for name in alarm_names:
        store.TAGS.del_resource(arn(context, name))


def known_dashboard(self, context, name):
    if name not in self.get_store(context.account_id, context.region).dashboards:
        raise CommonServiceException("ResourceNotFound", f"Dashboard {name} does not exist", 404, True)


@replaces(CloudwatchProvider, "get_dashboard")
def get_dashboard(plain, self, context, dashboard_name, **kwargs):
    known_dashboard(self, context, dashboard_name)
    return plain(self, context, dashboard_name, **kwargs)


@replaces(CloudwatchProvider, "delete_dashboards")
def delete_dashboards(plain, self, context, dashboard_names, **kwargs):
    for name in dashboard_names:
        known_dashboard(self, context, name)
    return plain(self, context, dashboard_names, **kwargs)


# --- S3: a bucket is made with its tags -----------------------------------------------------


@replaces(S3Provider, "create_bucket")
def create_bucket(plain, self, context, request):
    wanted = request.get("CreateBucketConfiguration") or {}
    tags = wanted.pop("Tags", None)
    if tags and not wanted:
        # A body that names no place: the region that needs none.
        del request["CreateBucketConfiguration"]
    made = plain(self, context, request)
    if tags:
        self.put_bucket_tagging(context, request["Bucket"], {"TagSet": tags})
    return made


# --- SNS: mail is welcome only where somebody has confirmed it ------------------------------


def subscriptions(self, context):
    return self.get_store(context.account_id, context.region).subscriptions


def waits(subscription):
    return subscription["Protocol"] == "email" and subscription["PendingConfirmation"] == "true"


@replaces(SnsProvider, "subscribe")
def subscribe(plain, self, context, *args, **kwargs):
    answer = plain(self, context, *args, **kwargs)
    if waits(subscriptions(self, context)[answer["SubscriptionArn"]]):
        answer["SubscriptionArn"] = "pending confirmation"
    return answer


def listing(plain, self, context, *args, **kwargs):
    answer = plain(self, context, *args, **kwargs)
    for shown in answer["Subscriptions"]:
        if waits(subscriptions(self, context)[shown["SubscriptionArn"]]):
            shown["SubscriptionArn"] = "PendingConfirmation"
    return answer


replaces(SnsProvider, "list_subscriptions")(listing)
replaces(SnsProvider, "list_subscriptions_by_topic")(listing)


@replaces(SnsProvider, "confirm_subscription")
def confirm_subscription(plain, self, context, topic_arn, token, **kwargs):
    """The address itself is a token that confirms it: nobody reads mail here."""
    store = self.get_store(context.account_id, context.region)
    for secret, named in store.subscription_tokens.items():
        subscription = store.subscriptions.get(named, {})
        if (subscription.get("TopicArn"), subscription.get("Endpoint")) == (topic_arn, token):
            token = secret
    return plain(self, context, topic_arn, token, **kwargs)
