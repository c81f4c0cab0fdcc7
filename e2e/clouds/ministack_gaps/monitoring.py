"""What MiniStack lacks of CloudWatch, CloudWatch Logs and SNS."""

import uuid

from ministack.services import cloudwatch, cloudwatch_logs, sns

from .amend import OK, amend

# --- CloudWatch Logs: a delivery's id is letters and digits ----------------------------------

cloudwatch_logs.new_uuid = lambda: uuid.uuid4().hex


# --- CloudWatch: when a dashboard was changed is a time, and no text, in CBOR ----------------

plain_list_dashboards = cloudwatch._list_dashboards


def list_dashboards(params, data, is_cbor, is_json=False):
    if not is_cbor:
        return plain_list_dashboards(params, data, is_cbor, is_json)
    prefix = data.get("DashboardNamePrefix") or ""
    named = [cloudwatch._dashboards[name] for name in sorted(cloudwatch._dashboards) if name.startswith(prefix)]
    shown = ("DashboardName", "DashboardArn", "Size")
    entries = [
        {**{key: one[key] for key in shown}, "LastModified": cloudwatch._cbor_timestamp(one["LastModified"])}
        for one in named
    ]
    return cloudwatch._cbor_ok({"DashboardEntries": entries})


cloudwatch._list_dashboards = list_dashboards


# --- SNS: mail is welcome only where somebody has confirmed it -------------------------------

PENDING = "PendingConfirmation"
plain_subscribe = sns._subscribe


def subscribe(params):
    """The address itself is the token that confirms it: nobody reads mail here."""
    answer = plain_subscribe(params)
    topic, _ = sns._get_topic(sns._p(params, "TopicArn"))
    if answer[0] != OK or sns._p(params, "Protocol") != "email":
        return answer
    made = next(one for one in topic["subscriptions"] if one["endpoint"] == sns._p(params, "Endpoint"))
    if not made.get("asked"):
        made.update(asked=True, confirmed=False, token=made["endpoint"])
    if made["confirmed"]:
        return answer
    return amend(answer, r"<SubscriptionArn>.*?</SubscriptionArn>", "<SubscriptionArn>pending confirmation</SubscriptionArn>")


def listing(plain):
    def pending(params):
        waiting = {
            one["arn"]
            for topic in sns._topics.values()
            for one in topic["subscriptions"]
            if one.get("asked") and not one["confirmed"]
        }

        def shown(match):
            return f"<SubscriptionArn>{PENDING if match[1] in waiting else match[1]}</SubscriptionArn>"

        return amend(plain(params), r"<SubscriptionArn>(.*?)</SubscriptionArn>", shown)

    return pending


sns._subscribe = subscribe
sns._list_subscriptions = listing(sns._list_subscriptions)
sns._list_subscriptions_by_topic = listing(sns._list_subscriptions_by_topic)
