use std::collections::{BTreeMap, HashMap};

use aws_sdk_sns::types::{Subscription as SdkSubscription, Tag};
use wpc_blueprint::monitoring::topic::{
    CREATE, DELETE, Desired, GET, KEY, LIST, LIST_SUBSCRIPTIONS, LIST_TAGS, NOTIFY, Observed, POLICY, SET, SUBSCRIBE,
    SUBSCRIBERS, Subscription, TAG, TOPIC, Topic, UNSUBSCRIBE, policy,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, claim, gone};

const NOT_FOUND: &[&str] = &["NotFound", "NotFoundException", "ResourceNotFound", "ResourceNotFoundException"];
/// What Amazon SNS says of a name that is taken by a topic with other attributes or tags.
const TAKEN: &[&str] = &["InvalidParameter", "InvalidParameterException"];
const LONGEST_NAME: usize = 256;
const MAIL: &str = "email";
/// What stands for the ARN of a subscription that nobody has confirmed.
const PENDING: &str = "PendingConfirmation";

/// A topic's attributes, by AWS's names.
type Attributes = HashMap<String, String>;

impl Verbs<Topic> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Topic>>, Fault> {
        let key = Key::of(TOPIC);
        let arn = self.topic_arn(&key);
        let request = self.clients.sns.list_topics().into_paginator().stop_on_duplicate_token(false).items().send();
        let every = self.shared(LIST.name, self.call(LIST, request.collect::<Result<Vec<_>, _>>())).await?;
        if !every.iter().any(|topic| topic.topic_arn() == Some(arn.as_str())) {
            return Ok(vec![]);
        }
        let attributes = self.seldom(&about(&arn), self.topic_attributes(&arn)).await?;
        let request = self.clients.sns.list_subscriptions().into_paginator().stop_on_duplicate_token(false);
        let fetch = self.call(LIST_SUBSCRIPTIONS, request.items().send().collect::<Result<Vec<_>, _>>());
        let subscriptions = self.shared(LIST_SUBSCRIPTIONS.name, fetch).await?;
        let found = self.topic(&key, arn, attributes, &subscriptions).await?;
        Ok(found.into_iter().collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Topic>>, Fault> {
        let attributes = self.topic_attributes(id).await?;
        if attributes.is_none() {
            return Ok(None);
        }
        let request = self.clients.sns.list_subscriptions_by_topic().topic_arn(&id.0);
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let subscriptions = self.call(SUBSCRIBERS, request.collect::<Result<Vec<_>, _>>()).await;
        let subscriptions = absent(subscriptions, NOT_FOUND)?.unwrap_or_default();
        self.topic(key, id.clone(), attributes, &subscriptions).await
    }

    async fn create(&self, key: &Key, _: &Desired) -> Result<Id, Fault> {
        let arn = self.topic_arn(key);
        let request = self
            .clients
            .sns
            .create_topic()
            .name(self.name(key, LONGEST_NAME))
            .attributes("Policy", policy(&arn.0).to_string())
            .set_tags(Some(self.topic_tags(key)));
        match self.call(CREATE, request.send()).await {
            Ok(made) => CREATE.id(made.topic_arn),
            Err(fault) if fault.is(TAKEN) => match Verbs::<Topic>::read(self, key, &arn).await? {
                None => Err(fault),
                found => claim(CREATE, found),
            },
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        let done = async {
            if changed(POLICY) {
                self.set_topic(&have.arn, "Policy", policy(&have.arn.0).to_string()).await?;
            }
            if changed(KEY) {
                let key = want.key.as_ref().map(|key| key.0.clone()).unwrap_or_default();
                self.set_topic(&have.arn, "KmsMasterKeyId", key).await?;
            }
            if changed(NOTIFY) {
                self.subscribe(want, have).await?;
            }
            Ok(())
        };
        let done = done.await;
        self.forget(&about(&have.arn));
        done
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let done = self.call(DELETE, self.clients.sns.delete_topic().topic_arn(&have.arn.0).send()).await;
        self.forget(&have.arn.0);
        self.forget(&about(&have.arn));
        gone(done, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let request = self.clients.sns.tag_resource().resource_arn(&have.arn.0).set_tags(Some(self.topic_tags(key)));
        let done = self.call(TAG, request.send()).await;
        self.forget(&have.arn.0);
        done.map(drop)
    }
}

/// What its attributes are remembered by, beside its tags.
fn about(arn: &Id) -> String {
    format!("{arn} attributes")
}

impl Cloud {
    fn topic_arn(&self, key: &Key) -> Id {
        Id(self.clients.scope.arn("sns", &self.name(key, LONGEST_NAME)))
    }

    fn topic_tags(&self, key: &Key) -> Vec<Tag> {
        // Both parts are there, so it can be built.
        self.labels
            .of(key)
            .into_iter()
            .filter_map(|(name, value)| Tag::builder().key(name).value(value).build().ok())
            .collect()
    }

    /// A topic that is gone has none.
    async fn topic_attributes(&self, arn: &Id) -> Result<Option<Attributes>, Fault> {
        let request = self.clients.sns.get_topic_attributes().topic_arn(&arn.0).send();
        let answer = absent(self.call(GET, request).await, NOT_FOUND)?;
        Ok(answer.map(|answer| answer.attributes.unwrap_or_default()))
    }

    async fn topic(
        &self,
        key: &Key,
        arn: Id,
        attributes: Option<Attributes>,
        subscriptions: &[SdkSubscription],
    ) -> Result<Option<Found<Topic>>, Fault> {
        let Some(attributes) = attributes else {
            self.forget(&about(&arn));
            return Ok(None);
        };
        let tags = self.tags_of(&arn.0, async {
            let request = self.clients.sns.list_tags_for_resource().resource_arn(&arn.0).send();
            let tags = self.call(LIST_TAGS, request).await?.tags.unwrap_or_default();
            Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
        });
        let Some(tags) = absent(tags.await, NOT_FOUND)? else { return Ok(None) };
        let have = Observed {
            policy: attributes.get("Policy").and_then(|text| serde_json::from_str(text).ok()),
            key: attributes.get("KmsMasterKeyId").filter(|key| !key.is_empty()).map(|key| Id(key.clone())),
            emails: emails(&arn, subscriptions),
            arn,
        };
        Ok(Some(self.at(key, &tags, have)))
    }

    async fn set_topic(&self, arn: &Id, name: &str, value: String) -> Result<(), Fault> {
        let request = self.clients.sns.set_topic_attributes().topic_arn(&arn.0).attribute_name(name);
        self.call(SET, request.attribute_value(value).send()).await.map(drop)
    }

    async fn subscribe(&self, want: &Desired, have: &Observed) -> Result<(), Fault> {
        for email in want.emails.iter().filter(|email| !have.emails.contains_key(*email)) {
            let request = self.clients.sns.subscribe().topic_arn(&have.arn.0).protocol(MAIL).endpoint(email).send();
            self.call(SUBSCRIBE, request).await?;
        }
        for arn in have.unwanted(want) {
            gone(self.call(UNSUBSCRIBE, self.clients.sns.unsubscribe().subscription_arn(arn).send()).await, NOT_FOUND)?;
        }
        Ok(())
    }
}

/// A topic's subscriptions by mail.
fn emails(topic: &Id, subscriptions: &[SdkSubscription]) -> BTreeMap<String, Subscription> {
    let mail = subscriptions.iter().filter(|it| it.topic_arn() == Some(topic.as_str()) && it.protocol() == Some(MAIL));
    let how = |it: &SdkSubscription| match it.subscription_arn() {
        Some(PENDING) | None => Subscription::Pending,
        Some(arn) => Subscription::Confirmed(arn.to_owned()),
    };
    mail.filter_map(|it| Some((it.endpoint()?.to_owned(), how(it)))).collect()
}
