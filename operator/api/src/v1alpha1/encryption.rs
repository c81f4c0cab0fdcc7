//! `spec.encryption`: encryption at rest, which is always on.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::schema::rule;

/// Encryption at rest, which is always on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Encryption {
    /// Whose key: `AWSManaged`, `Create` for one of the site's own, or a key's ARN. Immutable.
    #[schemars(extend("x-kubernetes-validations" = [
        rule(
            "self == 'AWSManaged' || self == 'Create' || self.matches('^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$')",
            "encryption.kmsKey is none: write AWSManaged, Create or arn:aws:kms:<region>:<account>:key/<id>",
        ),
        rule(
            "self == oldSelf",
            "encryption.kmsKey is immutable: data stay encrypted with the key they were written with; create another WordPressCluster",
        ),
    ]))]
    pub kms_key: KmsKey,
}

/// The key that data at rest are encrypted with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum KmsKey {
    /// Each service's own.
    #[default]
    AwsManaged,
    /// One that is made for this site.
    Create,
    /// One that exists.
    Arn(String),
}

impl From<String> for KmsKey {
    fn from(text: String) -> Self {
        match text.as_str() {
            "AWSManaged" => KmsKey::AwsManaged,
            "Create" => KmsKey::Create,
            _ => KmsKey::Arn(text),
        }
    }
}

impl From<KmsKey> for String {
    fn from(key: KmsKey) -> String {
        match key {
            KmsKey::AwsManaged => "AWSManaged".into(),
            KmsKey::Create => "Create".into(),
            KmsKey::Arn(arn) => arn,
        }
    }
}

impl JsonSchema for KmsKey {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "KmsKey".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "maxLength": 256})
    }
}
