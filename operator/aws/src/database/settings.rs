//! The settings that a create and both restores take alike: the SDK's builders of the three share names and no trait.

/// An instance's settings.
macro_rules! instance_settings {
    ($request:expr, $want:expr) => {{
        let want: &wpc_blueprint::database::primary::Desired = $want;
        let shape = &want.shape;
        let lifecycle = (want.engine == "mysql").then(|| $crate::database::NO_EXTENDED_SUPPORT.to_owned());
        $request
            .set_engine_lifecycle_support(lifecycle)
            .db_instance_class(&shape.class)
            .allocated_storage(number(shape.storage.size))
            .storage_type(shape.storage.kind)
            .multi_az(want.multi_az)
            .db_subnet_group_name(&want.subnet_group.0)
            .set_vpc_security_group_ids(Some(security_groups(shape)))
            .publicly_accessible(false)
            .db_parameter_group_name(&shape.parameter_group.0)
            .backup_retention_period(number(want.backup_days))
            .copy_tags_to_snapshot(true)
            .deletion_protection(want.protected)
            .auto_minor_version_upgrade(true)
    }};
}

/// A cluster's settings.
macro_rules! cluster_settings {
    ($request:expr, $want:expr) => {{
        let want: &wpc_blueprint::database::cluster::Desired = $want;
        $request
            .engine_lifecycle_support($crate::database::NO_EXTENDED_SUPPORT)
            .set_kms_key_id(want.key.as_ref().map(|key| key.0.clone()))
            .db_subnet_group_name(&want.subnet_group.0)
            .set_vpc_security_group_ids(Some($crate::database::cluster::security_groups(want)))
            .db_cluster_parameter_group_name(&want.parameter_group.0)
            .backup_retention_period(number(want.backup_days))
            .copy_tags_to_snapshot(true)
            .deletion_protection(want.protected)
            .set_serverless_v2_scaling_configuration(want.capacity.map($crate::database::cluster::bounds))
    }};
}

pub(super) use {cluster_settings, instance_settings};
