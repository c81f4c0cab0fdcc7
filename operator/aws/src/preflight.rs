//! What AWS says before the first thing is made. What it cannot say leaves a check unknown.

use aws_sdk_ec2::types::{Filter, LocationType, ResourceType, Tag, TagSpecification};
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use wpc_blueprint::preflight::{
    ADDRESSES, Check, DESCRIBE_ADDRESSES, DESCRIBE_INSTANCES, DESCRIBE_OFFERINGS, DESCRIBE_ORDERABLE, DESCRIBE_TYPES,
    DESCRIBE_VPCS, DRY_RUNS, GET_HOSTED_ZONE, GET_QUOTA, HostedZone, Needs, Offering, Orderable, PERMISSIONS, Quota,
    Usage, VCPUS, VPCS, database, disk, hosted_zone, instance_types, is_standard, origin, quota, recovery_point,
};
use wpc_engine::{Class, Fault, Key};

use crate::call::absent;
use crate::{Account, Labels};

impl Account {
    /// Makes every check that asks about the account and the region, at once.
    pub async fn preflight(&self, needs: &Needs, labels: &Labels) -> Vec<Check> {
        // On the heap: the SDK's futures are large, and here are many.
        let checks: [BoxFuture<'_, Option<Check>>; 10] = [
            self.dry_runs(labels).boxed(),
            self.check_vpcs(needs).boxed(),
            self.check_addresses(needs).boxed(),
            self.vcpus(needs).map(Some).boxed(),
            async { Some(instance_types(needs, self.offerings(&needs.instance_types).await)) }.boxed(),
            async { Some(database(needs, self.orderable(needs).await)) }.boxed(),
            self.check_origin(needs).boxed(),
            self.check_disk(needs).boxed(),
            self.check_recovery_point(needs).boxed(),
            self.check_hosted_zone(needs).boxed(),
        ];
        join_all(checks).await.into_iter().flatten().collect()
    }

    async fn check_vpcs(&self, needs: &Needs) -> Option<Check> {
        let more = Some(needs.vpcs).filter(|more| *more > 0)?;
        Some(quota(VPCS, Quota::VPCS, "VPCs", more, self.vpcs().await))
    }

    async fn check_addresses(&self, needs: &Needs) -> Option<Check> {
        let more = Some(needs.addresses).filter(|more| *more > 0)?;
        Some(quota(ADDRESSES, Quota::ADDRESSES, "Elastic IP addresses", more, self.addresses().await))
    }

    async fn check_origin(&self, needs: &Needs) -> Option<Check> {
        let named = needs.origin.as_ref()?;
        Some(origin(needs, named, self.origin(needs.engine, named).await))
    }

    async fn check_disk(&self, needs: &Needs) -> Option<Check> {
        let (id, size) = needs.disk.as_ref()?;
        Some(disk(id, *size, self.disk_snapshot(id).await))
    }

    async fn check_recovery_point(&self, needs: &Needs) -> Option<Check> {
        let arn = needs.recovery_point.as_ref()?;
        let scope = self.scope();
        Some(recovery_point(arn, (&scope.region, &scope.account), self.has_recovery_point(arn).await))
    }

    async fn check_hosted_zone(&self, needs: &Needs) -> Option<Check> {
        let id = needs.hosted_zone.as_ref()?;
        Some(hosted_zone(id, &needs.domains, self.hosted_zone(id).await))
    }

    async fn limit(&self, Quota { service, code, .. }: Quota) -> Result<u32, Fault> {
        let request = self.clients.quotas.get_service_quota().service_code(service).quota_code(code).send();
        let answer = self.ask(GET_QUOTA, request).await?;
        let value = answer.quota.and_then(|quota| quota.value);
        let value =
            value.ok_or_else(|| Fault::new(Class::Transient, "the answer has no value").in_action(GET_QUOTA))?;
        Ok(value.clamp(0.0, f64::from(u32::MAX)) as u32)
    }

    async fn vpcs(&self) -> Result<Usage, Fault> {
        let vpcs = self.clients.ec2.describe_vpcs().into_paginator().items().send();
        let vpcs = self.ask(DESCRIBE_VPCS, vpcs.collect::<Result<Vec<_>, _>>()).await?;
        Ok(Usage { limit: self.limit(Quota::VPCS).await?, used: count(vpcs.len()) })
    }

    async fn addresses(&self) -> Result<Usage, Fault> {
        let answer = self.ask(DESCRIBE_ADDRESSES, self.clients.ec2.describe_addresses().send()).await?;
        Ok(Usage { limit: self.limit(Quota::ADDRESSES).await?, used: count(answer.addresses().len()) })
    }

    /// The usual instances' vCPUs, spot instances apart: they have a quota of their own.
    async fn vcpus(&self, needs: &Needs) -> Check {
        let Some(name) = needs.instance_types.first().filter(|name| is_standard(name)) else {
            let types = needs.instance_types.join(", ");
            return Check::unclear(
                VCPUS,
                format!("{types}: such instances have a quota of their own, which is not checked"),
            );
        };
        let found = async {
            let (each, used) = tokio::try_join!(self.vcpus_of(name), self.vcpus_in_use())?;
            Ok((each, Usage { limit: self.limit(Quota::VCPUS).await?, used }))
        };
        match found.await {
            Ok((each, usage)) => quota(VCPUS, Quota::VCPUS, "vCPUs", needs.instances.saturating_mul(each), Ok(usage)),
            Err(fault) => Check::unknown(VCPUS, &fault),
        }
    }

    async fn vcpus_of(&self, name: &str) -> Result<u32, Fault> {
        let request = self.clients.ec2.describe_instance_types().instance_types(name.into()).send();
        let answer = self.ask(DESCRIBE_TYPES, request).await?;
        let vcpus = answer.instance_types().iter().find_map(|found| found.v_cpu_info()?.default_v_cpus());
        let none = || Fault::new(Class::Transient, format!("nothing is said of {name}")).in_action(DESCRIBE_TYPES);
        vcpus.and_then(|vcpus| u32::try_from(vcpus).ok()).ok_or_else(none)
    }

    async fn vcpus_in_use(&self) -> Result<u32, Fault> {
        let alive = Filter::builder().name("instance-state-name").values("pending").values("running").build();
        let pages = self.clients.ec2.describe_instances().filters(alive).into_paginator().items().send();
        let reservations = self.ask(DESCRIBE_INSTANCES, pages.collect::<Result<Vec<_>, _>>()).await?;
        let instances = reservations.iter().flat_map(|reservation| reservation.instances());
        let usual = instances.filter(|instance| {
            let name = instance.instance_type().map(|name| name.as_str()).unwrap_or_default();
            is_standard(name) && instance.instance_lifecycle().is_none()
        });
        let vcpus = usual.filter_map(|instance| {
            let cpu = instance.cpu_options()?;
            u32::try_from(cpu.core_count()? * cpu.threads_per_core()?).ok()
        });
        Ok(vcpus.sum())
    }

    async fn offerings(&self, types: &[String]) -> Result<Vec<Offering>, Fault> {
        let wanted = Filter::builder().name("instance-type").set_values(Some(types.to_vec())).build();
        let request = self.clients.ec2.describe_instance_type_offerings();
        let request = request.location_type(LocationType::AvailabilityZone).filters(wanted);
        let pages = request.into_paginator().items().send();
        let found = self.ask(DESCRIBE_OFFERINGS, pages.collect::<Result<Vec<_>, _>>()).await?;
        let offering = |found: aws_sdk_ec2::types::InstanceTypeOffering| {
            Some(Offering { instance_type: found.instance_type?.as_str().to_owned(), zone: found.location? })
        };
        Ok(found.into_iter().filter_map(offering).collect())
    }

    async fn orderable(&self, needs: &Needs) -> Result<Vec<Orderable>, Fault> {
        let request = self.clients.rds.describe_orderable_db_instance_options();
        let request = request.engine(needs.engine).db_instance_class(&needs.class).vpc(true);
        let pages = request.into_paginator().items().send();
        let found = self.ask(DESCRIBE_ORDERABLE, pages.collect::<Result<Vec<_>, _>>()).await?;
        let orderable = |found: aws_sdk_rds::types::OrderableDbInstanceOption| {
            let zones = found.availability_zones().iter().filter_map(|zone| zone.name.clone()).collect();
            let (standby, replicas) = (found.multi_az_capable, found.read_replica_capable);
            Some(Orderable {
                version: found.engine_version?,
                zones,
                standby: standby.unwrap_or_default(),
                replicas: replicas.unwrap_or_default(),
            })
        };
        Ok(found.into_iter().filter_map(orderable).collect())
    }

    async fn hosted_zone(&self, id: &str) -> Result<Option<HostedZone>, Fault> {
        let answer = self.ask(GET_HOSTED_ZONE, self.clients.route53.get_hosted_zone().id(id).send()).await;
        let found = absent(answer, &["NoSuchHostedZone"])?.and_then(|answer| answer.hosted_zone);
        Ok(found.map(|zone| {
            let private = zone.config.is_some_and(|config| config.private_zone);
            HostedZone { name: zone.name, private }
        }))
    }

    /// Asks whether the first writes would be permitted. A cloud that does not know `DryRun` would make them: a read shows
    /// whether it does. They bear the tags that the writes will have, since permissions may depend on them. See "Dry run"
    /// in the Amazon EC2 API Reference.
    async fn dry_runs(&self, labels: &Labels) -> Option<Check> {
        let ec2 = &self.clients.ec2;
        match answered(self.ask(DESCRIBE_VPCS, ec2.describe_vpcs().dry_run(true).send()).await) {
            Dry::Allowed => {}
            Dry::Denied(fault) => return Some(refused(&fault)),
            Dry::Other => return None,
        }
        let [vpc, address, gateway] = DRY_RUNS;
        let tagged = |resource: ResourceType| {
            let tags = labels.of(&Key::of("network/preflight")).into_iter();
            let tags = tags.map(|(name, value)| Tag::builder().key(name).value(value).build());
            TagSpecification::builder().resource_type(resource).set_tags(Some(tags.collect())).build()
        };
        let request = ec2.create_vpc().cidr_block("10.0.0.0/16").tag_specifications(tagged(ResourceType::Vpc));
        let vpc = self.ask(vpc, request.dry_run(true).send()).map(answered).boxed();
        let request = ec2.allocate_address().tag_specifications(tagged(ResourceType::ElasticIp));
        let address = self.ask(address, request.dry_run(true).send()).map(answered).boxed();
        let request = ec2.create_internet_gateway().tag_specifications(tagged(ResourceType::InternetGateway));
        let gateway = self.ask(gateway, request.dry_run(true).send()).map(answered).boxed();
        let asked = join_all([vpc, address, gateway]).await;
        let denied = asked.into_iter().find_map(|answer| match answer {
            Dry::Denied(fault) => Some(fault),
            Dry::Allowed | Dry::Other => None,
        });
        denied.map(|fault| refused(&fault))
    }
}

/// What came of a dry run.
enum Dry {
    Allowed,
    Denied(Fault),
    /// It was made, or it failed: nothing is known.
    Other,
}

fn answered<T>(answer: Result<T, Fault>) -> Dry {
    match answer {
        Err(fault) if fault.is(&["DryRunOperation"]) => Dry::Allowed,
        Err(fault) if fault.class == Class::Denied => Dry::Denied(fault),
        _ => Dry::Other,
    }
}

fn refused(fault: &Fault) -> Check {
    let lasting = Fault { request_id: None, ..fault.clone() };
    let message = format!("{lasting}. Allow it to the operator's identity");
    Check::failed(PERMISSIONS, message).because(Class::Denied.reason())
}

fn count(things: usize) -> u32 {
    things.try_into().unwrap_or(u32::MAX)
}
