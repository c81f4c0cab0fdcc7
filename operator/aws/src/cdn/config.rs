//! A distribution's settings, between our words and the SDK's.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types::{
    AllowedMethods, CacheBehavior, CacheBehaviors, CachedMethods, CustomHeaders, CustomOriginConfig,
    DefaultCacheBehavior, FunctionAssociations, GeoRestriction, GeoRestrictionType, HttpVersion,
    LambdaFunctionAssociations, Method, Origin as SdkOrigin, OriginProtocolPolicy, OriginSslProtocols, Origins,
    PriceClass, Restrictions, S3OriginConfig, SslProtocol, TrustedSigners, ViewerProtocolPolicy,
};
use wpc_blueprint::cdn::distribution::{Behaviour, Countries, DEFAULT, Desired, LOAD_BALANCER, Origin};
use wpc_blueprint::cdn::media_origin::{MEDIA, MediaOrigin};
use wpc_engine::{Fault, Id};

use super::{built, quantity};

/// The settings that we know of, as list, read and write all have them.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) origins: Option<Origins>,
    pub(super) default: Option<DefaultCacheBehavior>,
    pub(super) behaviours: Option<CacheBehaviors>,
    pub(super) price_class: Option<PriceClass>,
    pub(super) restrictions: Option<Restrictions>,
    pub(super) http: Option<HttpVersion>,
    pub(super) ipv6: Option<bool>,
    /// Empty where there is none.
    pub(super) web_acl: Option<String>,
}

impl Settings {
    /// In CloudFront's words. An update must name more fields than a create, so both name all.
    pub(super) fn of(want: &Desired) -> Result<Self, Fault> {
        let Desired { origin, media, behaviours, price_class, countries, http, ipv6, web_acl } = want;
        let special: Vec<&Behaviour> = behaviours.iter().filter(|behaviour| behaviour.path != DEFAULT).collect();
        let everything_else = behaviours.iter().find(|behaviour| behaviour.path == DEFAULT);
        let items = special.iter().map(|behaviour| cache_behaviour(behaviour)).collect::<Result<Vec<_>, _>>()?;
        let count = i32::try_from(items.len()).unwrap_or(i32::MAX);
        Ok(Self {
            origins: Some(origins(origin, media.as_ref())?),
            default: everything_else.map(default_behaviour).transpose()?,
            behaviours: Some(built(CacheBehaviors::builder().quantity(count).set_items(Some(items)).build())?),
            price_class: Some(price_class.as_str().into()),
            restrictions: Some(restrictions(countries)?),
            http: Some(http.as_str().into()),
            ipv6: Some(*ipv6),
            web_acl: Some(web_acl.as_ref().map(|acl| acl.0.clone()).unwrap_or_default()),
        })
    }

    /// In ours.
    pub(super) fn read(&self) -> Option<Desired> {
        let special = self.behaviours.iter().flat_map(|behaviours| behaviours.items());
        let everything_else = self.default.clone().map(as_cache_behaviour);
        Some(Desired {
            origin: self.origins.as_ref()?.items().iter().find_map(load_balancer)?,
            media: self.origins.as_ref()?.items().iter().find_map(bucket),
            behaviours: special.cloned().chain(everything_else).map(|sdk| behaviour(&sdk)).collect(),
            price_class: self.price_class.as_ref().map(|class| class.as_str().to_owned()).unwrap_or_default(),
            countries: self
                .restrictions
                .as_ref()
                .and_then(|all| all.geo_restriction())
                .map_or_else(Countries::all, geo),
            http: self.http.as_ref().map(|http| http.as_str().to_ascii_lowercase()).unwrap_or_default(),
            ipv6: self.ipv6.unwrap_or_default(),
            web_acl: self.web_acl.as_deref().filter(|acl| !acl.is_empty()).map(Id::from),
        })
    }
}

fn origins(origin: &Origin, media: Option<&MediaOrigin>) -> Result<Origins, Fault> {
    let items = [Some(origins_item(origin)), media.map(media_item)].into_iter().flatten();
    let items = items.collect::<Result<Vec<_>, _>>()?;
    let count = i32::try_from(items.len()).unwrap_or(i32::MAX);
    built(Origins::builder().quantity(count).set_items(Some(items)).build())
}

/// What has no access identity, the old way, must say so.
fn media_item(MediaOrigin { domain, access_control }: &MediaOrigin) -> Result<SdkOrigin, Fault> {
    let origin = SdkOrigin::builder()
        .id(MEDIA)
        .domain_name(domain)
        .origin_path("")
        .custom_headers(built(CustomHeaders::builder().quantity(0).build())?)
        .s3_origin_config(S3OriginConfig::builder().origin_access_identity("").build())
        .origin_access_control_id(&access_control.0)
        .connection_attempts(3)
        .connection_timeout(10);
    built(origin.build())
}

fn bucket(sdk: &SdkOrigin) -> Option<MediaOrigin> {
    let signed = Id(sdk.origin_access_control_id().unwrap_or_default().to_owned());
    (sdk.id == MEDIA).then(|| MediaOrigin { domain: sdk.domain_name.clone(), access_control: signed })
}

fn origins_item(origin: &Origin) -> Result<SdkOrigin, Fault> {
    let Origin { domain, protocol, port, read_timeout } = origin;
    let ssl = OriginSslProtocols::builder().quantity(1).items(SslProtocol::TlSv12);
    let custom = CustomOriginConfig::builder()
        .http_port(*port)
        .https_port(443)
        .origin_protocol_policy(OriginProtocolPolicy::from(protocol.as_str()))
        .origin_ssl_protocols(built(ssl.build())?)
        .origin_read_timeout(*read_timeout)
        .origin_keepalive_timeout(30);
    let origin = SdkOrigin::builder()
        .id(LOAD_BALANCER)
        .domain_name(domain)
        .origin_path("")
        .custom_headers(built(CustomHeaders::builder().quantity(0).build())?)
        .custom_origin_config(built(custom.build())?)
        .connection_attempts(3)
        .connection_timeout(10);
    built(origin.build())
}

fn load_balancer(sdk: &SdkOrigin) -> Option<Origin> {
    let custom = sdk.custom_origin_config()?;
    Some(Origin {
        domain: sdk.domain_name.clone(),
        protocol: custom.origin_protocol_policy().as_str().to_owned(),
        port: custom.http_port,
        read_timeout: custom.origin_read_timeout.unwrap_or_default(),
    })
}

fn cache_behaviour(behaviour: &Behaviour) -> Result<CacheBehavior, Fault> {
    let Behaviour { path, origin, cache, forward, viewers, methods, compress } = behaviour;
    let cached = CachedMethods::builder().quantity(2).items(Method::Get).items(Method::Head);
    let methods_config = AllowedMethods::builder()
        .quantity(quantity(methods))
        .set_items(Some(methods.iter().map(|method| Method::from(method.as_str())).collect()))
        .cached_methods(built(cached.build())?);
    let behaviour = CacheBehavior::builder()
        .path_pattern(path)
        .target_origin_id(origin)
        .cache_policy_id(&cache.0)
        .set_origin_request_policy_id(forward.as_ref().map(|id| id.0.clone()))
        .viewer_protocol_policy(ViewerProtocolPolicy::from(viewers.as_str()))
        .allowed_methods(built(methods_config.build())?)
        .compress(*compress)
        .smooth_streaming(false)
        .field_level_encryption_id("")
        .trusted_signers(built(TrustedSigners::builder().enabled(false).quantity(0).build())?)
        .lambda_function_associations(built(LambdaFunctionAssociations::builder().quantity(0).build())?)
        .function_associations(built(FunctionAssociations::builder().quantity(0).build())?);
    built(behaviour.build())
}

/// The SDK has a type of its own for the behaviour without a path.
fn default_behaviour(behaviour: &Behaviour) -> Result<DefaultCacheBehavior, Fault> {
    let sdk = cache_behaviour(behaviour)?;
    let behaviour = DefaultCacheBehavior::builder()
        .target_origin_id(sdk.target_origin_id)
        .set_cache_policy_id(sdk.cache_policy_id)
        .set_origin_request_policy_id(sdk.origin_request_policy_id)
        .viewer_protocol_policy(sdk.viewer_protocol_policy)
        .set_allowed_methods(sdk.allowed_methods)
        .set_compress(sdk.compress)
        .set_smooth_streaming(sdk.smooth_streaming)
        .set_field_level_encryption_id(sdk.field_level_encryption_id)
        .set_trusted_signers(sdk.trusted_signers)
        .set_lambda_function_associations(sdk.lambda_function_associations)
        .set_function_associations(sdk.function_associations);
    built(behaviour.build())
}

fn as_cache_behaviour(sdk: DefaultCacheBehavior) -> CacheBehavior {
    let behaviour = CacheBehavior::builder()
        .path_pattern(DEFAULT)
        .target_origin_id(sdk.target_origin_id)
        .set_cache_policy_id(sdk.cache_policy_id)
        .set_origin_request_policy_id(sdk.origin_request_policy_id)
        .viewer_protocol_policy(sdk.viewer_protocol_policy)
        .set_allowed_methods(sdk.allowed_methods)
        .set_compress(sdk.compress);
    behaviour.build().expect("all required fields are set")
}

fn behaviour(sdk: &CacheBehavior) -> Behaviour {
    let methods = sdk.allowed_methods().map(|methods| methods.items()).unwrap_or_default();
    Behaviour {
        path: sdk.path_pattern.clone(),
        origin: sdk.target_origin_id.clone(),
        cache: Id(sdk.cache_policy_id().unwrap_or_default().to_owned()),
        forward: sdk.origin_request_policy_id().map(Id::from),
        viewers: sdk.viewer_protocol_policy.as_str().to_owned(),
        methods: methods.iter().map(|method| method.as_str().to_owned()).collect(),
        compress: sdk.compress.unwrap_or_default(),
    }
}

fn restrictions(Countries { policy, codes }: &Countries) -> Result<Restrictions, Fault> {
    let geo = GeoRestriction::builder()
        .restriction_type(GeoRestrictionType::from(policy.as_str()))
        .quantity(quantity(codes))
        .set_items((!codes.is_empty()).then(|| codes.iter().cloned().collect()));
    Ok(Restrictions::builder().geo_restriction(built(geo.build())?).build())
}

fn geo(sdk: &GeoRestriction) -> Countries {
    let codes: BTreeSet<String> = sdk.items().iter().cloned().collect();
    Countries { policy: sdk.restriction_type.as_str().to_owned(), codes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_they_were_written() {
        let want = Desired {
            origin: Origin::load_balancer("lb.example.com".into()),
            media: Some(MediaOrigin { domain: "b-1.s3.example.com".into(), access_control: "oac-1".into() }),
            behaviours: [Behaviour::uploads("p-static".into())]
                .into_iter()
                .chain(Behaviour::of_wordpress("p-pages".into(), Some("p-static".into())))
                .collect(),
            price_class: "PriceClass_200".into(),
            countries: Countries { policy: "blacklist".into(), codes: ["DE".to_owned()].into() },
            http: "http2and3".into(),
            ipv6: true,
            web_acl: Some("arn:acl".into()),
        };
        assert_eq!(Settings::of(&want).unwrap().read(), Some(want));
    }
}
