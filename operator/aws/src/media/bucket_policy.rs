use serde_json::Value;
use wpc_blueprint::media::bucket_policy::{BucketPolicy, Desired, GET, Observed, PUT, bucket_of, id, key_of};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::NO_BUCKET;
use crate::Cloud;
use crate::call::absent;
use crate::network::of_part;

const NO_POLICY: &[&str] = &["NoSuchBucketPolicy"];

impl Verbs<BucketPolicy> for Cloud {
    async fn list(&self) -> Result<Vec<Found<BucketPolicy>>, Fault> {
        let mut found = vec![];
        for (key, name) in self.own_buckets().await? {
            let Some(bucket) = self.bucket(&key, &name).await? else { continue };
            let have = self.seldom(&id(&name).0, self.bucket_policy(&name)).await?;
            let policy = |have| Found { key: key_of(&key), have, standing: of_part(&bucket.standing) };
            found.extend(have.map(policy));
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<BucketPolicy>>, Fault> {
        Ok(self.bucket_policy(&bucket_of(id)).await?.map(|have| Found::ours(key.clone(), have)))
    }

    async fn create(&self, _: &Key, want: &Desired) -> Result<Id, Fault> {
        self.put_bucket_policy(want).await?;
        Ok(id(&want.bucket.name))
    }

    async fn update(&self, _: &Key, want: &Desired, _: &Observed, changes: &[Change]) -> Result<(), Fault> {
        match changes.is_empty() {
            true => Ok(()),
            false => self.put_bucket_policy(want).await,
        }
    }

    /// Its bucket holds it and took it along: a bucket that is kept is not opened.
    async fn delete(&self, _: &Key, _: &Observed, _: Removal) -> Result<(), Fault> {
        Ok(())
    }
}

impl Cloud {
    /// A bucket without a policy says that there is none.
    async fn bucket_policy(&self, bucket: &Id) -> Result<Option<Observed>, Fault> {
        let answer = self.call(GET, self.clients.s3.get_bucket_policy().bucket(&bucket.0).send()).await;
        let Some(answer) = absent(answer, &[NO_BUCKET, NO_POLICY].concat())? else { return Ok(None) };
        let document = answer.policy().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let document = document.filter(|document| !document["Statement"].is_null());
        let document = document.ok_or_else(|| Fault::unclear(GET, "the policy could not be read"))?;
        Ok(Some(Observed { bucket: bucket.clone(), document }))
    }

    async fn put_bucket_policy(&self, want: &Desired) -> Result<(), Fault> {
        let name = &want.bucket.name;
        let request = self.clients.s3.put_bucket_policy().bucket(&name.0).policy(want.document().to_string()).send();
        let written = self.call(PUT, request).await.map(drop);
        self.forget(&id(name).0);
        written
    }
}
