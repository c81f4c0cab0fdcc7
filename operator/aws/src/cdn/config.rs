//! A distribution's settings, between our words and the SDK's.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types::{
    Aliases, AllowedMethods, CacheBehavior, CacheBehaviors, CachedMethods, CustomHeaders, CustomOriginConfig,
    DefaultCacheBehavior, FunctionAssociations, GeoRestriction, GeoRestrictionType, HttpVersion,
    LambdaFunctionAssociations, Method, MinimumProtocolVersion, Origin as SdkOrigin, OriginCustomHeader,
    OriginProtocolPolicy, OriginSslProtocols, Origins, PriceClass, Restrictions, S3OriginConfig, SslProtocol,
    SslSupportMethod, TrustedSigners, ViewerCertificate, ViewerProtocolPolicy,
};
use wpc_blueprint::cdn::media_origin::{MEDIA, MediaOrigin};
use wpc_blueprint::cdn::settings::{Behaviour, Countries, DEFAULT, Desired, LOAD_BALANCER, Names, Origin};
use wpc_blueprint::cdn::{ORIGIN_HEADER, proof};
use wpc_engine::{Fault, Id, Secret};

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
    pub(super) aliases: Option<Aliases>,
    pub(super) viewers: Option<ViewerCertificate>,
    /// Empty where there is none.
    pub(super) web_acl: Option<String>,
}

impl Settings {
    /// In CloudFront's words. An update must name more fields than a create, so both name all.
    /// What the origin is sent is not in what is wanted, which holds no secret.
    pub(super) fn of(want: &Desired, secret: Option<&Secret>) -> Result<Self, Fault> {
        let Desired { origin, secret: _, media, behaviours, price_class, countries, http, ipv6, web_acl, names } = want;
        let (aliases, viewers) = names_of(names.as_ref())?;
        let special: Vec<&Behaviour> = behaviours.iter().filter(|behaviour| behaviour.path != DEFAULT).collect();
        let everything_else = behaviours.iter().find(|behaviour| behaviour.path == DEFAULT);
        let items = special.iter().map(|behaviour| cache_behaviour(behaviour)).collect::<Result<Vec<_>, _>>()?;
        let count = i32::try_from(items.len()).unwrap_or(i32::MAX);
        Ok(Self {
            origins: Some(origins(origin, media.as_ref(), secret)?),
            default: everything_else.map(default_behaviour).transpose()?,
            behaviours: Some(built(CacheBehaviors::builder().quantity(count).set_items(Some(items)).build())?),
            price_class: Some(price_class.as_str().into()),
            restrictions: Some(restrictions(countries)?),
            http: Some(http.as_str().into()),
            ipv6: Some(*ipv6),
            aliases: Some(aliases),
            viewers: Some(viewers),
            web_acl: Some(web_acl.as_ref().map(|acl| acl.0.clone()).unwrap_or_default()),
        })
    }

    /// In ours.
    pub(super) fn read(&self) -> Option<Desired> {
        let special = self.behaviours.iter().flat_map(|behaviours| behaviours.items());
        let everything_else = self.default.clone().map(as_cache_behaviour);
        Some(Desired {
            origin: self.origins.as_ref()?.items().iter().find_map(load_balancer)?,
            secret: None,
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
            names: Some(names(self.aliases.as_ref(), self.viewers.as_ref())),
            web_acl: self.web_acl.as_deref().filter(|acl| !acl.is_empty()).map(Id::from),
        })
    }
}

fn origins(origin: &Origin, media: Option<&MediaOrigin>, secret: Option<&Secret>) -> Result<Origins, Fault> {
    let items = [Some(origins_item(origin, secret)), media.map(media_item)].into_iter().flatten();
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

fn origins_item(origin: &Origin, secret: Option<&Secret>) -> Result<SdkOrigin, Fault> {
    let Origin { domain, protocol, port, read_timeout, proof: _ } = origin;
    let header = secret.map(|secret| {
        built(OriginCustomHeader::builder().header_name(ORIGIN_HEADER).header_value(secret.expose()).build())
    });
    let headers = header.transpose()?.into_iter().collect::<Vec<_>>();
    let count = i32::try_from(headers.len()).unwrap_or(i32::MAX);
    let headers = CustomHeaders::builder().quantity(count).set_items((count > 0).then_some(headers));
    let ssl = OriginSslProtocols::builder().quantity(1).items(SslProtocol::TlSv12);
    let custom = CustomOriginConfig::builder()
        .http_port(*port)
        .https_port(443)
        .origin_protocol_policy(protocol.as_deref().map_or(OriginProtocolPolicy::HttpOnly, OriginProtocolPolicy::from))
        .origin_ssl_protocols(built(ssl.build())?)
        .origin_read_timeout(*read_timeout)
        .origin_keepalive_timeout(30);
    let origin = SdkOrigin::builder()
        .id(LOAD_BALANCER)
        .domain_name(domain)
        .origin_path("")
        .custom_headers(built(headers.build())?)
        .custom_origin_config(built(custom.build())?)
        .connection_attempts(3)
        .connection_timeout(10);
    built(origin.build())
}

fn load_balancer(sdk: &SdkOrigin) -> Option<Origin> {
    let custom = sdk.custom_origin_config()?;
    Some(Origin {
        domain: sdk.domain_name.clone(),
        protocol: Some(custom.origin_protocol_policy().as_str().to_owned()),
        port: custom.http_port,
        read_timeout: custom.origin_read_timeout.unwrap_or_default(),
        proof: sent(sdk).map(proof),
    })
}

/// The secret that an origin is sent. Names of headers know no case.
fn sent(sdk: &SdkOrigin) -> Option<&str> {
    let headers = sdk.custom_headers().map(CustomHeaders::items).unwrap_or_default();
    let ours = headers.iter().find(|header| header.header_name.eq_ignore_ascii_case(ORIGIN_HEADER));
    ours.map(|header| header.header_value.as_str())
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

fn names_of(names: Option<&Names>) -> Result<(Aliases, ViewerCertificate), Fault> {
    let none = BTreeSet::new();
    let (names, viewers) = match names {
        None | Some(Names::Own) => (&none, ViewerCertificate::builder().cloud_front_default_certificate(true)),
        Some(Names::Aliases { names, certificate, tls }) => {
            let viewers = ViewerCertificate::builder()
                .acm_certificate_arn(&certificate.0)
                .ssl_support_method(SslSupportMethod::SniOnly)
                .minimum_protocol_version(MinimumProtocolVersion::from(tls.as_str()));
            (names, viewers)
        }
    };
    let items = (!names.is_empty()).then(|| names.iter().cloned().collect());
    Ok((built(Aliases::builder().quantity(quantity(names)).set_items(items).build())?, viewers.build()))
}

fn names(aliases: Option<&Aliases>, viewers: Option<&ViewerCertificate>) -> Names {
    let names: BTreeSet<String> = aliases.into_iter().flat_map(Aliases::items).cloned().collect();
    match viewers.and_then(ViewerCertificate::acm_certificate_arn) {
        None if names.is_empty() => Names::Own,
        certificate => {
            let tls = viewers.and_then(ViewerCertificate::minimum_protocol_version);
            let tls = tls.map(|tls| tls.as_str().to_owned()).unwrap_or_default();
            Names::Aliases { names, certificate: certificate.unwrap_or_default().into(), tls }
        }
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
        let names = ["blog.example.com".to_owned()].into();
        let want = Desired {
            origin: Origin::load_balancer("lb.example.com".into(), Some("https-only")).proven(Some(proof("hush"))),
            secret: None,
            media: Some(MediaOrigin { domain: "b-1.s3.example.com".into(), access_control: "oac-1".into() }),
            behaviours: [Behaviour::uploads("p-static".into())]
                .into_iter()
                .chain(Behaviour::of_wordpress("p-pages".into(), Some("p-static".into())))
                .collect(),
            price_class: "PriceClass_200".into(),
            countries: Countries { policy: "blacklist".into(), codes: ["DE".to_owned()].into() },
            http: "http2and3".into(),
            ipv6: true,
            names: Some(Names::aliases(names, "arn:certificate".into())),
            web_acl: Some("arn:acl".into()),
        };
        let secret = Secret::new("hush");
        let of = |want: &Desired| Settings::of(want, Some(&secret)).unwrap().read();
        assert_eq!(of(&want), Some(want.clone()));
        let plain = Desired { origin: want.origin.clone().proven(None), ..want.clone() };
        assert_eq!(Settings::of(&want, None).unwrap().read(), Some(plain));
        let own = Desired { names: Some(Names::Own), ..want.clone() };
        assert_eq!(of(&own), Some(own.clone()));
        let left = Desired { names: None, origin: Origin { protocol: None, ..want.origin.clone() }, ..want };
        let origin = Origin { protocol: Some("http-only".into()), ..own.origin.clone() };
        assert_eq!(of(&left), Some(Desired { origin, ..own }), "where it is made");
    }
}
