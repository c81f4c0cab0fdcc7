use std::io::{Read, Write};

use aws_sdk_ec2::types::{
    Filter, InstanceType, LaunchTemplate as Sdk, LaunchTemplateBlockDeviceMappingRequest,
    LaunchTemplateEbsBlockDeviceRequest, LaunchTemplateHttpTokensState,
    LaunchTemplateIamInstanceProfileSpecificationRequest, LaunchTemplateInstanceMetadataEndpointState,
    LaunchTemplateInstanceMetadataOptionsRequest, LaunchTemplateInstanceMetadataTagsState,
    LaunchTemplateInstanceNetworkInterfaceSpecificationRequest, LaunchTemplateTagSpecificationRequest,
    LaunchTemplateVersion, LaunchTemplatesMonitoringRequest, RequestLaunchTemplateData, ResourceType, VolumeType,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use wpc_blueprint::bootstrap::MOST_BYTES;
use wpc_blueprint::compute::GROUP;
use wpc_blueprint::compute::image::Image;
use wpc_blueprint::compute::launch_template::{
    CREATE, CREATE_VERSION, DEFAULT_VERSION, DELETE, DESCRIBE, DESCRIBE_IMAGES, DESCRIBE_VERSIONS, Desired,
    LaunchTemplate, MODIFY, Observed, Version,
};
use wpc_blueprint::network::subnet_cidr_block::{SubnetCidrBlock, name};
use wpc_engine::{Action, Change, Fault, Found, Id, Key, Removal, Verbs};

use super::NAME_LENGTH;
use crate::Cloud;
use crate::call::{absent, claim, gone};
use crate::network::{every_stack, tags};

/// Bytes of a script that are read at most: what AWS answers may be anything.
const MOST_SCRIPT: u64 = 1 << 20;

const NOT_FOUND: &[&str] = &[
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateId.NotFoundException",
    "InvalidLaunchTemplateName.NotFoundException",
];
const NO_VERSION: &[&str] = &["InvalidLaunchTemplateId.VersionNotFound"];
const TAKEN: &[&str] = &["InvalidLaunchTemplateName.AlreadyExistsException"];

impl Verbs<LaunchTemplate> for Cloud {
    async fn list(&self) -> Result<Vec<Found<LaunchTemplate>>, Fault> {
        let request = self.clients.ec2.describe_launch_templates().filters(every_stack());
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let fetch = self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>());
        let mut found = vec![];
        for sdk in self.shared(DESCRIBE.name, fetch).await?.iter() {
            let Some(mut mine) = self.listed::<LaunchTemplate>(&tags(sdk.tags()), unread(sdk)) else { continue };
            if self.read_versions(&mut mine.have).await?.is_some() {
                mine.have.newest = self.newest(&mine.have).await?;
                mine.have.addresses = self.ipv6_of_instances(&mine.have).await?;
                found.push(mine);
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<LaunchTemplate>>, Fault> {
        let request = self.clients.ec2.describe_launch_templates().launch_template_ids(&id.0).send();
        let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
        self.found_template(key, answer.and_then(|answer| answer.launch_templates).unwrap_or_default()).await
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let image = &self.image(want, None).await?;
        let name = &self.name(key, NAME_LENGTH);
        let create = |token| async move {
            let request = self
                .clients
                .ec2
                .create_launch_template()
                .client_token(token)
                .launch_template_name(name)
                .version_description(want.description())
                .launch_template_data(self.data(CREATE, want, image)?)
                .tag_specifications(self.tag_specification(key, ResourceType::LaunchTemplate))
                .send();
            let made = self.call(CREATE, request).await?;
            CREATE.id(made.launch_template.and_then(|made| made.launch_template_id))
        };
        match absent(self.incarnate(key, create).await, TAKEN)? {
            Some(id) => Ok(id),
            None => claim::<LaunchTemplate>(CREATE, self.template_named(key, name).await?),
        }
    }

    async fn update(&self, key: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        match changes.iter().any(|change| change.path == DEFAULT_VERSION) {
            true => self.make_default(have).await,
            false => self.add_version(key, want, have).await,
        }
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.ec2.delete_launch_template().launch_template_id(&have.id.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_ec2(key, &have.id).await
    }
}

impl Cloud {
    async fn template_named(&self, key: &Key, name: &str) -> Result<Option<Found<LaunchTemplate>>, Fault> {
        let request = self.clients.ec2.describe_launch_templates().launch_template_names(name).send();
        let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
        self.found_template(key, answer.and_then(|answer| answer.launch_templates).unwrap_or_default()).await
    }

    async fn found_template(&self, key: &Key, sdk: Vec<Sdk>) -> Result<Option<Found<LaunchTemplate>>, Fault> {
        let Some(sdk) = sdk.first() else { return Ok(None) };
        let mut have = unread(sdk);
        if self.read_versions(&mut have).await?.is_none() {
            return Ok(None);
        }
        have.newest = self.newest(&have).await?;
        have.addresses = self.ipv6_of_instances(&have).await?;
        Ok(Some(self.at(key, &tags(sdk.tags()), have)))
    }

    /// The addresses that must stay while instances have some of them: those of the stack's subnets.
    async fn ipv6_of_instances(&self, have: &Observed) -> Result<Vec<Id>, Fault> {
        if !have.default.ipv6 {
            return Ok(vec![]);
        }
        let all = Verbs::<SubnetCidrBlock>::list(self).await?;
        let private = all.into_iter().filter(|block| block.key.name.starts_with(&name("private-")));
        Ok(private.map(|block| block.have.id).collect())
    }

    /// The version that stands, the newest one and those in use; `None` if the template is gone meanwhile.
    async fn read_versions(&self, have: &mut Observed) -> Result<Option<()>, Fault> {
        let running = self.versions_in_use(&have.id).await?;
        let others =
            running.iter().copied().filter(|number| ![have.default.number, have.latest.number].contains(number));
        let answer = match self.versions(&have.id, others.clone().collect()).await {
            // Somebody removed one that is still in use.
            Err(fault) if fault.is(NO_VERSION) => self.versions(&have.id, vec![]).await,
            answer => answer,
        };
        let Some(answer) = absent(answer, NOT_FOUND)? else { return Ok(None) };
        let numbered = |number: i64| answer.iter().find(|sdk| sdk.version_number() == Some(number)).map(version);
        let (default, latest) = (numbered(have.default.number), numbered(have.latest.number));
        // Both are named by the template; a version made this moment may be missing.
        let (Some(default), Some(latest)) = (default, latest) else { return Ok(None) };
        (have.default, have.latest) = (default, latest);
        have.running = running.into_iter().filter_map(numbered).collect();
        Ok(Some(()))
    }

    async fn versions(&self, template: &Id, others: Vec<i64>) -> Result<Vec<LaunchTemplateVersion>, Fault> {
        let request = self.clients.ec2.describe_launch_template_versions().launch_template_id(&template.0);
        let named = ["$Default".to_owned(), "$Latest".to_owned()].into_iter();
        let named = named.chain(others.iter().map(i64::to_string)).collect();
        let answer = self.call(DESCRIBE_VERSIONS, request.set_versions(Some(named)).send()).await?;
        Ok(answer.launch_template_versions.unwrap_or_default())
    }

    /// The versions in use, each once, the group's own first.
    async fn versions_in_use(&self, template: &Id) -> Result<Vec<i64>, Fault> {
        let mut numbers = vec![];
        for group in self.our_groups().await?.iter().map(|found| &found.have).filter(|group| !group.leaving) {
            let own = group.launch.as_ref().map(|launch| (launch.template.clone(), launch.version));
            let staying = group.instances.iter().filter(|instance| instance.stays);
            for (of, number) in own.into_iter().chain(staying.filter_map(|instance| instance.made_from.clone())) {
                if of == *template && !numbers.contains(&number) {
                    numbers.push(number);
                }
            }
        }
        Ok(numbers)
    }

    /// The token is this content's after that version: A, B and A again are three versions.
    async fn add_version(&self, key: &Key, want: &Desired, have: &Observed) -> Result<(), Fault> {
        let image = self.image(want, Some(have)).await?;
        let after = Id(format!("{} {} {image} {}", have.id, have.latest.number, want.content()));
        let request = self
            .clients
            .ec2
            .create_launch_template_version()
            .client_token(self.labels.stack.token_after(&self.token(key), &after))
            .launch_template_id(&have.id.0)
            .version_description(want.description())
            .launch_template_data(self.data(CREATE_VERSION, want, &image)?)
            .send();
        self.call(CREATE_VERSION, request).await.map(drop)
    }

    async fn make_default(&self, have: &Observed) -> Result<(), Fault> {
        let version = have.latest.number.to_string();
        let after = Id(format!("{} default {version} after {}", have.id, have.default.number));
        let token = self.labels.stack.token_after(&have.id.0, &after);
        let request = self.clients.ec2.modify_launch_template().client_token(token).launch_template_id(&have.id.0);
        self.call(MODIFY, request.default_version(version).send()).await.map(drop)
    }

    /// The image that is wanted, else the newest there is now.
    async fn image(&self, want: &Desired, have: Option<&Observed>) -> Result<String, Fault> {
        match want.image(have) {
            Some(image) => Ok(image),
            None => self.newest_image(&want.image.origin()).await?.ok_or_else(|| {
                let (owner, name) = want.image.published();
                let problem = format!("this region has no image {name} of {owner}; set compute.image.id");
                Fault::invalid(problem).in_action(DESCRIBE_IMAGES)
            }),
        }
    }

    /// The newest image of what the default version's was resolved for.
    async fn newest(&self, have: &Observed) -> Result<Option<String>, Fault> {
        match &have.default.origin {
            Some(origin) => self.newest_image(origin).await,
            None => Ok(None),
        }
    }

    /// The newest image of a family. Publishers have a new one every few weeks, so it is asked for seldom.
    async fn newest_image(&self, origin: &str) -> Result<Option<String>, Fault> {
        let Some(image) = Image::of_origin(origin) else { return Ok(None) };
        let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
        let (owner, name) = image.published();
        let request = self
            .clients
            .ec2
            .describe_images()
            .owners(owner)
            .filters(filter("name", &name))
            .filters(filter("architecture", image.architecture.name()))
            .filters(filter("state", "available"));
        let ask = async {
            let images = self.call(DESCRIBE_IMAGES, request.send()).await?.images.unwrap_or_default();
            let newest =
                images.into_iter().max_by(|a, b| (&a.creation_date, &a.name).cmp(&(&b.creation_date, &b.name)));
            Ok(newest.and_then(|image| image.image_id))
        };
        self.seldom(&format!("newest image of {origin}"), ask).await
    }

    fn data(&self, action: Action, want: &Desired, image: &str) -> Result<RequestLaunchTemplateData, Fault> {
        let user_data = fitting(&want.user_data).map_err(|fault| fault.in_action(action))?;
        let disk = LaunchTemplateEbsBlockDeviceRequest::builder()
            .volume_size(want.volume.gibibytes)
            .volume_type(VolumeType::from(want.volume.kind.name()))
            .encrypted(true)
            .set_kms_key_id(want.key.as_ref().map(|key| key.0.clone()))
            .delete_on_termination(true)
            .build();
        let disk = LaunchTemplateBlockDeviceMappingRequest::builder().device_name(want.image.root_device()).ebs(disk);
        let profile = LaunchTemplateIamInstanceProfileSpecificationRequest::builder().name(&want.profile.0).build();
        // Tags in the metadata service refuse names with a slash, which ours have.
        let metadata = LaunchTemplateInstanceMetadataOptionsRequest::builder()
            .http_endpoint(LaunchTemplateInstanceMetadataEndpointState::Enabled)
            .http_tokens(LaunchTemplateHttpTokensState::Required)
            .http_put_response_hop_limit(1)
            .instance_metadata_tags(LaunchTemplateInstanceMetadataTagsState::Disabled)
            .build();
        let labels = |resource: ResourceType| {
            let tags = self.ec2_tags(&Key::of(GROUP));
            LaunchTemplateTagSpecificationRequest::builder().resource_type(resource).set_tags(Some(tags)).build()
        };
        let groups = Some(want.security_groups.iter().map(|id| id.0.clone()).collect());
        let data = RequestLaunchTemplateData::builder();
        // With an interface, the groups are the interface's.
        let data = match want.ipv6 {
            true => data.network_interfaces(
                LaunchTemplateInstanceNetworkInterfaceSpecificationRequest::builder()
                    .device_index(0)
                    .set_groups(groups)
                    .ipv6_address_count(1)
                    .build(),
            ),
            false => data.set_security_group_ids(groups),
        };
        let data = data
            .image_id(image)
            .instance_type(InstanceType::from(want.instance_type.as_str()))
            .iam_instance_profile(profile)
            .block_device_mappings(disk.build())
            .metadata_options(metadata)
            .monitoring(LaunchTemplatesMonitoringRequest::builder().enabled(true).build())
            .user_data(BASE64.encode(user_data))
            .tag_specifications(labels(ResourceType::Instance))
            .tag_specifications(labels(ResourceType::Volume))
            .build();
        Ok(data)
    }
}

/// The script as AWS takes it, if it is not too long.
fn fitting(script: &str) -> Result<Vec<u8>, Fault> {
    let compressed = compress(script);
    match compressed.len() {
        ..=MOST_BYTES => Ok(compressed),
        bytes => Err(Fault::invalid(format!(
            "user data of {bytes} bytes, compressed; AWS takes {MOST_BYTES}: shorten wordpress.constants, wordpress.plugins or site.domains"
        ))),
    }
}

/// cloud-init takes compressed user data as it takes plain: AWS limits its size. The same text gives the same bytes.
fn compress(script: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(script.as_bytes()).and_then(|()| encoder.finish()).expect("memory takes all that is written")
}

/// The script, compressed or not; none if it is no text.
fn decompress(bytes: &[u8]) -> Option<String> {
    let mut script = String::new();
    match GzDecoder::new(bytes).take(MOST_SCRIPT).read_to_string(&mut script) {
        Ok(_) => Some(script),
        Err(_) => String::from_utf8(bytes.to_vec()).ok(),
    }
}

/// What the list shows: the versions' numbers.
fn unread(sdk: &Sdk) -> Observed {
    let version = |number: Option<i64>| Version { number: number.unwrap_or_default(), ..Version::default() };
    Observed {
        id: Id(sdk.launch_template_id().unwrap_or_default().to_owned()),
        default: version(sdk.default_version_number()),
        latest: version(sdk.latest_version_number()),
        newest: None,
        running: vec![],
        addresses: vec![],
    }
}

fn version(sdk: &LaunchTemplateVersion) -> Version {
    let (content, origin, code) = Version::described(sdk.version_description().unwrap_or_default());
    let data = sdk.launch_template_data();
    let disk = data.and_then(|data| data.block_device_mappings().first()?.ebs());
    let interface = data.and_then(|data| data.network_interfaces().first());
    let groups = data.map(|data| data.security_group_ids()).unwrap_or_default();
    let groups = groups.iter().chain(interface.map(|interface| interface.groups()).unwrap_or_default());
    let user_data = data.and_then(|data| decompress(&BASE64.decode(data.user_data()?).ok()?));
    Version {
        number: sdk.version_number().unwrap_or_default(),
        content,
        origin,
        code,
        image: data.and_then(|data| data.image_id()).map(Into::into),
        instance_type: data.and_then(|data| data.instance_type()).map(|it| it.as_str().to_owned()),
        gibibytes: disk.and_then(|disk| disk.volume_size()),
        key: disk.and_then(|disk| disk.kms_key_id()).filter(|key| !key.is_empty()).map(Id::from),
        user_data: user_data.map(|script| Version::user_data_digest(&script)),
        profile: data.and_then(|data| data.iam_instance_profile()?.name()).map(Id::from),
        security_groups: groups.cloned().map(Id).collect(),
        ipv6: interface.and_then(|interface| interface.ipv6_address_count()).unwrap_or_default() > 0,
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE;
    use wpc_api::WordPressCluster;
    use wpc_api::v1alpha1::{CacheEngine, ImageFamily};
    use wpc_blueprint::bootstrap::{self, Bound};
    use wpc_blueprint::{Blueprint, Facts, Stack};

    use super::*;

    #[test]
    fn every_script_fits() {
        for family in [ImageFamily::AmazonLinux2023, ImageFamily::Ubuntu2404, ImageFamily::Debian13] {
            for (offload, engine, most) in [
                (true, CacheEngine::Valkey, MOST_BYTES * 7 / 8),
                (false, CacheEngine::Valkey, MOST_BYTES * 3 / 4),
                (false, CacheEngine::Memcached, MOST_BYTES * 7 / 8),
            ] {
                let mut spec = WordPressCluster::fixture().with_cache(engine).spec;
                spec.compute.image.family = family;
                spec.media.offload = offload;
                let facts = Facts::assumed(&spec.region);
                let blueprint = Blueprint::new(spec, Stack::new("default", "press", "gazette"), &facts).unwrap();
                let script = bootstrap::script(&blueprint, &Bound::unknown(&blueprint));
                let fits = fitting(&script).unwrap();
                // A person's own settings need place too.
                assert!(fits.len() < most, "{family:?}: {}", fits.len());
                assert_eq!(decompress(&fits).as_ref(), Some(&script));
            }
        }
    }

    #[test]
    fn a_script_that_is_too_long_is_said() {
        let mut seed = 1_u64;
        let noise = std::iter::repeat_with(|| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed as u8
        });
        let noise: Vec<u8> = noise.take(40_000).collect();
        let said = fitting(&URL_SAFE.encode(noise)).unwrap_err();
        assert!(said.to_string().contains("user data of ") && said.to_string().contains("shorten"), "{said}");
    }
}
