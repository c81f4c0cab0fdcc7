use aws_sdk_s3::types::{
    Bucket as Sdk, BucketLocationConstraint, CreateBucketConfiguration, Delete, ObjectIdentifier, ObjectOwnership, Tag,
    Tagging,
};
use wpc_blueprint::media::bucket::{
    Bucket, BucketOutput, CREATE, DELETE, DELETE_OBJECT, Desired, GET_TAGS, LIST, LIST_VERSIONS, Observed, PUT_TAGS,
    keys, name,
};
use wpc_blueprint::media::{BUCKET, MOVED};
use wpc_engine::{Change, Class, Fault, Found, Id, Key, Removal, Verbs};

use super::NO_BUCKET;
use crate::Cloud;
use crate::call::{absent, claim, gone};
use crate::cdn::built;
use crate::fault::refused;
use crate::tag_cache::Tags;

/// So many thousands of objects go in one pass: it has other work, too.
const ROUNDS: usize = 5;

impl Verbs<Bucket> for Cloud {
    /// The names are known; the list shows no tags.
    async fn list(&self) -> Result<Vec<Found<Bucket>>, Fault> {
        let mut found = vec![];
        for (key, name) in self.own_buckets().await? {
            found.extend(self.bucket(&key, &name).await?);
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Bucket>>, Fault> {
        // Its tags say whether it is there: HEAD answers a proxy's 404 as S3 does.
        self.forget(&tags_of(id));
        self.bucket(key, id).await
    }

    /// In us-east-1 the account's own bucket is made again without a word; elsewhere S3 says that it is there.
    async fn create(&self, key: &Key, _: &Desired) -> Result<Id, Fault> {
        let name = self.bucket_name(key);
        let region = &self.clients.scope().region;
        let elsewhere = (region != "us-east-1").then(|| BucketLocationConstraint::from(region.as_str()));
        let place = CreateBucketConfiguration::builder().set_location_constraint(elsewhere);
        let request = self.clients.s3.create_bucket().bucket(&name.0);
        let request = request.object_ownership(ObjectOwnership::BucketOwnerEnforced);
        let request = request.create_bucket_configuration(place.set_tags(Some(self.bucket_tags(key))).build());
        match self.call(CREATE, request.send()).await {
            Ok(_) => Ok(name),
            Err(fault) if fault.is(&["BucketAlreadyOwnedByYou"]) => {
                claim(CREATE, Verbs::<Bucket>::read(self, key, &name).await?)
            }
            Err(fault) if fault.is(&["BucketAlreadyExists"]) => Err(taken(&name, fault)),
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let name = &have.output.name;
        for change in changes {
            let set = self.set_bucket(name, want, &change.path).await;
            self.forget(&settings_of(name));
            set?;
        }
        Ok(())
    }

    /// Emptied first, versions and all. What is written meanwhile goes in the next pass.
    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let name = &have.output.name;
        for _ in 0..ROUNDS {
            let Some(objects) = absent(self.some_versions(name).await, NO_BUCKET)? else { return Ok(()) };
            if objects.is_empty() {
                let deleted = self.call(DELETE, self.clients.s3.delete_bucket().bucket(&name.0).send()).await;
                self.forget(&settings_of(name));
                self.forget(&tags_of(name));
                return gone(deleted, &[NO_BUCKET, &["BucketNotEmpty"]].concat());
            }
            self.delete_versions(name, objects).await?;
        }
        Ok(())
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let name = &have.output.name;
        let tags = built(Tagging::builder().set_tag_set(Some(self.bucket_tags(key))).build())?;
        let request = self.clients.s3.put_bucket_tagging().bucket(&name.0).tagging(tags).send();
        let written = self.call(PUT_TAGS, request).await.map(drop);
        self.forget(&tags_of(name));
        written
    }
}

impl Cloud {
    /// The buckets under the stack's names, whoever's they are.
    pub(super) async fn own_buckets(&self) -> Result<Vec<(Key, Id)>, Fault> {
        let request = self.clients.s3.list_buckets().bucket_region(&self.clients.scope().region).max_buckets(1000);
        let pages = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let all = self.shared(LIST.name, self.call(LIST, pages.collect::<Result<Vec<Sdk>, _>>())).await?;
        let named = |name: &Id| all.iter().any(|sdk| sdk.name() == Some(name.as_str()));
        let ours = keys().into_iter().map(|key| (self.bucket_name(&key), key));
        Ok(ours.filter(|(name, _)| named(name)).map(|(name, key)| (key, name)).collect())
    }

    /// A bucket with its settings; none if it went meanwhile.
    pub(super) async fn bucket(&self, key: &Key, name: &Id) -> Result<Option<Found<Bucket>>, Fault> {
        let both = async {
            let tags = self.tags_of(&tags_of(name), self.read_bucket_tags(name)).await?;
            let settings = self.seldom(&settings_of(name), self.bucket_settings(name)).await?;
            let moved = key.name == BUCKET && self.seldom(&format!("{MOVED} of {name}"), self.is_moved(name)).await?;
            Ok((tags, settings, moved))
        };
        let Some((tags, settings, moved)) = absent(both.await, NO_BUCKET)? else { return Ok(None) };
        let scope = self.clients.scope();
        let suffix = if scope.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        let output = BucketOutput {
            name: name.clone(),
            arn: format!("arn:{}:s3:::{name}", scope.partition),
            domain: format!("{name}.s3.{}.{suffix}", scope.region),
            account: scope.account.clone(),
            moved,
        };
        Ok(Some(self.at(key, &tags, Observed { output, settings })))
    }

    async fn read_bucket_tags(&self, name: &Id) -> Result<Tags, Fault> {
        let request = self.clients.s3.get_bucket_tagging().bucket(&name.0).send();
        let answer = absent(self.call(GET_TAGS, request).await, &["NoSuchTagSet"])?;
        let tags = answer.map(|answer| answer.tag_set).unwrap_or_default();
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    /// Whether the mark is there. Among versions, which the operator may list anyway; the newest comes first.
    async fn is_moved(&self, name: &Id) -> Result<bool, Fault> {
        let request = self.clients.s3.list_object_versions().bucket(&name.0).prefix(MOVED).max_keys(10);
        let answer = self.call(LIST_VERSIONS, request.send()).await?;
        Ok(answer.versions().iter().any(|it| it.key() == Some(MOVED) && it.is_latest() == Some(true)))
    }

    /// At most a thousand versions and delete markers.
    async fn some_versions(&self, name: &Id) -> Result<Vec<ObjectIdentifier>, Fault> {
        let answer = self.call(LIST_VERSIONS, self.clients.s3.list_object_versions().bucket(&name.0).send()).await?;
        let versions = answer.versions().iter().map(|it| (it.key(), it.version_id()));
        let markers = answer.delete_markers().iter().map(|it| (it.key(), it.version_id()));
        let identifier = |(key, version): (Option<&str>, Option<&str>)| {
            built(
                ObjectIdentifier::builder()
                    .set_key(key.map(Into::into))
                    .set_version_id(version.map(Into::into))
                    .build(),
            )
        };
        versions.chain(markers).map(identifier).collect()
    }

    async fn delete_versions(&self, name: &Id, objects: Vec<ObjectIdentifier>) -> Result<(), Fault> {
        let delete = built(Delete::builder().set_objects(Some(objects)).quiet(true).build())?;
        let request = self.clients.s3.delete_objects().bucket(&name.0).delete(delete).send();
        let answer = self.call(DELETE_OBJECT, request).await?;
        match answer.errors().first() {
            Some(error) => Err(refused(DELETE_OBJECT, error.code(), error.message())),
            None => Ok(()),
        }
    }

    fn bucket_name(&self, key: &Key) -> Id {
        let scope = self.clients.scope();
        Id(name(&self.labels.stack, key, &scope.account, &scope.region))
    }

    fn bucket_tags(&self, key: &Key) -> Vec<Tag> {
        self.tags(key, |key, value| Tag::builder().key(key).value(value).build().expect("both are set"))
    }
}

fn tags_of(name: &Id) -> String {
    format!("tags of the bucket {name}")
}

fn settings_of(name: &Id) -> String {
    format!("settings of the bucket {name}")
}

fn taken(name: &Id, fault: Fault) -> Fault {
    let message = format!(
        "the name of the bucket {name} is taken in another AWS account: all accounts share the names of buckets. Give the \
         WordPressCluster another name"
    );
    Fault { class: Class::NotOurs, reason: Class::NotOurs.reason(), message, ..fault }
}
