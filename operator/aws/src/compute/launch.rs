//! What a group's instances are made from, as Auto Scaling writes it.

use aws_sdk_autoscaling::types::{
    InstancesDistribution, LaunchTemplate, LaunchTemplateOverrides, LaunchTemplateSpecification, MixedInstancesPolicy,
};
use wpc_blueprint::compute::Launch;
use wpc_engine::Id;

/// The share that is not spot, in percent.
const ON_DEMAND: i32 = 100;

/// With one instance type it is the template's own; several are overrides in order of preference. Spot instances come
/// from the pools that are cheap and least likely to be taken back. See "Allocation strategies for multiple instance
/// types" in the Amazon EC2 Auto Scaling User Guide.
pub(super) fn written(launch: &Launch) -> (Option<LaunchTemplateSpecification>, Option<MixedInstancesPolicy>) {
    let template = LaunchTemplateSpecification::builder()
        .launch_template_id(&launch.template.0)
        .version(launch.version.to_string())
        .build();
    if launch.types.is_empty() {
        return (Some(template), None);
    }
    let overrides = launch.types.iter().map(|name| LaunchTemplateOverrides::builder().instance_type(name).build());
    let template =
        LaunchTemplate::builder().launch_template_specification(template).set_overrides(Some(overrides.collect()));
    let shares = InstancesDistribution::builder()
        .on_demand_allocation_strategy("prioritized")
        .on_demand_percentage_above_base_capacity(ON_DEMAND - i32::from(launch.spot))
        .spot_allocation_strategy("price-capacity-optimized")
        .build();
    let mixed = MixedInstancesPolicy::builder().launch_template(template.build()).instances_distribution(shares);
    (None, Some(mixed.build()))
}

/// `None` where no fixed version of a launch template is named.
pub(super) fn read(
    template: Option<&LaunchTemplateSpecification>,
    mixed: Option<&MixedInstancesPolicy>,
) -> Option<Launch> {
    let shares = mixed.and_then(|mixed| mixed.instances_distribution());
    let on_demand = shares.and_then(|shares| shares.on_demand_percentage_above_base_capacity()).unwrap_or(ON_DEMAND);
    let mixed = mixed.and_then(|mixed| mixed.launch_template());
    let (template, version) = made_from(mixed.and_then(|mixed| mixed.launch_template_specification()).or(template))?;
    let overrides = mixed.map(|mixed| mixed.overrides()).unwrap_or_default();
    let types: Vec<String> = overrides.iter().filter_map(|it| it.instance_type()).map(Into::into).collect();
    let spot = u8::try_from(ON_DEMAND - on_demand).unwrap_or_default();
    Some(Launch::new(template, version, &types, spot))
}

/// Template and version, where the version is a number.
pub(super) fn made_from(template: Option<&LaunchTemplateSpecification>) -> Option<(Id, i64)> {
    let template = template?;
    Some((Id(template.launch_template_id()?.to_owned()), template.version()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for (types, spot) in
            [(&["m7g.large"][..], 0), (&["m7g.large", "m7g.xlarge"], 0), (&["m7g.large"], 50), (&["m7g.large"], 100)]
        {
            let types: Vec<String> = types.iter().copied().map(Into::into).collect();
            let launch = Launch::new("lt-1".into(), 7, &types, spot);
            let (template, mixed) = written(&launch);
            assert_eq!(read(template.as_ref(), mixed.as_ref()), Some(launch));
        }
        let floating = LaunchTemplateSpecification::builder().launch_template_id("lt-1").version("$Latest").build();
        assert_eq!(read(Some(&floating), None), None);
    }
}
