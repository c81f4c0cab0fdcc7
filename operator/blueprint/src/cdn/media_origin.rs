//! The bucket for uploads as an origin. See "Use an Amazon S3 bucket" and "Restrict access to an Amazon S3 origin" in the
//! Amazon CloudFront Developer Guide.

use std::fmt;

use wpc_engine::Id;

use super::CORS_S3_ORIGIN;
use super::distribution::Behaviour;
use crate::media::UPLOADS;

/// The origin's name inside a distribution.
pub const MEDIA: &str = "media";

/// The bucket for uploads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaOrigin {
    /// The bucket's name in DNS.
    pub domain: String,
    /// How requests to it are signed.
    pub access_control: Id,
}

impl MediaOrigin {
    /// The bucket, whose name its name in DNS begins with.
    pub fn bucket(&self) -> Id {
        self.domain.split(".s3.").next().unwrap_or_default().into()
    }
}

impl fmt::Display for MediaOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (signed by {})", self.domain, self.access_control)
    }
}

impl Behaviour {
    /// Uploads come from the bucket, and are only read. Nothing of the viewer reaches it but what CORS needs: with the
    /// site's `Host` S3 would look for another bucket.
    pub fn uploads(cache: Id) -> Self {
        let behaviour = Self::new(&format!("/{UPLOADS}"), cache);
        let methods = ["GET", "HEAD", "OPTIONS"].map(String::from).into();
        Self { origin: MEDIA.into(), forward: Some(CORS_S3_ORIGIN.into()), methods, ..behaviour }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_is_named_by_its_domain() {
        let origin = MediaOrigin { domain: "b-1.s3.eu-west-1.amazonaws.com".into(), access_control: "E1".into() };
        assert_eq!(origin.bucket(), "b-1".into());
    }

    #[test]
    fn uploads_are_only_read() {
        let uploads = Behaviour::uploads("p-static".into());
        assert_eq!((uploads.path.as_str(), uploads.origin.as_str()), ("/wp-content/uploads/*", MEDIA));
        assert!(uploads.methods.iter().eq(["GET", "HEAD", "OPTIONS"]));
    }
}
