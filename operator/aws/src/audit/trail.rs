use aws_sdk_cloudtrail::types::{Tag, Trail as Sdk};
use wpc_blueprint::audit::trail::{
    CREATE, DELETE, DESCRIBE, Desired, GET_STATUS, KEY, LIST_TAGS, LOGGING, NAME_LENGTH, Observed, START, TAG, TRAIL,
    Trail, UPDATE,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, claim, gone, unknown};
use crate::tag_cache::Tags;

const NOT_FOUND: &[&str] = &["TrailNotFoundException"];
const EXISTS: &[&str] = &["TrailAlreadyExistsException"];

impl Verbs<Trail> for Cloud {
    /// The list shows no tags, and the name is known. A region has five trails at most.
    async fn list(&self) -> Result<Vec<Found<Trail>>, Fault> {
        let key = Key::of(TRAIL);
        let name = self.name(&key, NAME_LENGTH);
        let request = self.clients.trail.describe_trails().include_shadow_trails(false).send();
        let answer = self.shared(DESCRIBE.name, self.call(DESCRIBE, request)).await?;
        match answer.trail_list().iter().find(|sdk| sdk.name() == Some(&name)) {
            Some(sdk) => Ok(self.trail(&key, sdk).await?.into_iter().collect()),
            None => Ok(vec![]),
        }
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Trail>>, Fault> {
        let request = self.clients.trail.describe_trails().trail_name_list(&id.0).include_shadow_trails(false);
        let answer = absent(self.call(DESCRIBE, request.send()).await, NOT_FOUND)?;
        match answer.and_then(|answer| answer.trail_list).unwrap_or_default().first() {
            Some(sdk) => self.trail(key, sdk).await,
            None => Ok(None),
        }
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, NAME_LENGTH);
        let request = self
            .clients
            .trail
            .create_trail()
            .name(&name)
            .s3_bucket_name(&want.bucket.0)
            .set_kms_key_id(want.key.as_ref().map(|key| key.0.clone()))
            .is_multi_region_trail(true)
            .include_global_service_events(true)
            .enable_log_file_validation(true)
            .set_tags_list(Some(self.trail_tags(key)));
        match self.call(CREATE, request.send()).await {
            Ok(made) => CREATE.id(made.trail_arn),
            Err(fault) if fault.is(EXISTS) => {
                let arn = Id(self.clients.scope().arn("cloudtrail", &format!("trail/{name}")));
                claim(CREATE, Verbs::<Trail>::read(self, key, &arn).await?)
            }
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        let (trails, name) = (&self.clients.trail, &have.arn.0);
        if changes.iter().any(|change| change.path != LOGGING) {
            let request = trails
                .update_trail()
                .name(name)
                .s3_bucket_name(&want.bucket.0)
                .s3_key_prefix("")
                .is_multi_region_trail(true)
                .include_global_service_events(true)
                .enable_log_file_validation(true)
                .set_kms_key_id(want.key.as_ref().filter(|_| changed(KEY)).map(|key| key.0.clone()));
            self.call(UPDATE, request.send()).await?;
        }
        if changed(LOGGING) {
            self.call(START, trails.start_logging().name(name).send()).await?;
        }
        Ok(())
    }

    /// Its files stay in the bucket.
    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let done = self.call(DELETE, self.clients.trail.delete_trail().name(&have.arn.0).send()).await;
        self.forget(&have.arn.0);
        gone(done, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let request = self.clients.trail.add_tags().resource_id(&have.arn.0).set_tags_list(Some(self.trail_tags(key)));
        let done = self.call(TAG, request.send()).await;
        self.forget(&have.arn.0);
        done.map(drop)
    }
}

impl Cloud {
    fn trail_tags(&self, key: &Key) -> Vec<Tag> {
        self.tags(key, |name, value| Tag::builder().key(name).value(value).build().expect("both are set"))
    }

    /// A trail under our name; none if it went meanwhile. That it records is asked each time: who wants to leave no traces
    /// stops it first.
    async fn trail(&self, key: &Key, sdk: &Sdk) -> Result<Option<Found<Trail>>, Fault> {
        let arn = DESCRIBE.id(sdk.trail_arn())?;
        let bucket = DESCRIBE.id(sdk.s3_bucket_name())?;
        let both = async {
            let tags = self.tags_of(&arn.0, self.tags_of_trail(&arn)).await?;
            let status = self.call(GET_STATUS, self.clients.trail.get_trail_status().name(&arn.0).send()).await?;
            Ok((tags, status))
        };
        let Some((tags, status)) = absent(both.await, NOT_FOUND)? else { return Ok(None) };
        let have = Observed {
            arn,
            bucket,
            prefix: sdk.s3_key_prefix().unwrap_or_default().to_owned(),
            key: sdk.kms_key_id().filter(|key| !key.is_empty()).map(Id::from),
            regions: sdk.is_multi_region_trail() == Some(true),
            global: sdk.include_global_service_events() == Some(true),
            validation: sdk.log_file_validation_enabled() == Some(true),
            logging: status.is_logging().ok_or_else(|| unknown(GET_STATUS))?,
            error: status.latest_delivery_error.filter(|error| !error.is_empty()),
        };
        Ok(Some(self.at(key, &tags, have)))
    }

    async fn tags_of_trail(&self, arn: &Id) -> Result<Tags, Fault> {
        let request = self.clients.trail.list_tags().resource_id_list(&arn.0).send();
        let lists = self.call(LIST_TAGS, request).await?.resource_tag_list.unwrap_or_default();
        let tags =
            lists.into_iter().filter(|list| list.resource_id() == Some(&arn.0)).filter_map(|list| list.tags_list);
        Ok(tags.flatten().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
    }
}
