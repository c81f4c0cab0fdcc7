//! What another program needs to speak to a site's instances: which there are, and who we are.

use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_autoscaling::types::LifecycleState;
use wpc_blueprint::compute::group::DESCRIBE;
use wpc_engine::{Action, Class, Fault};

use crate::Account;

/// What credentials are asked for in the name of.
const WHOAMI: Action = Action::read("sts:GetCallerIdentity");

impl Account {
    /// The ids of the instances of an Auto Scaling group that serve, in order. None where there is no such group.
    ///
    /// # Errors
    /// When AWS cannot be asked.
    pub async fn serving(&self, group: &str) -> Result<Vec<String>, Fault> {
        let request = self.clients.autoscaling.describe_auto_scaling_groups().auto_scaling_group_names(group).send();
        let answer = self.ask(DESCRIBE, request).await?;
        let instances = answer.auto_scaling_groups().iter().flat_map(|group| group.instances());
        let serving = instances.filter(|it| {
            it.lifecycle_state() == Some(&LifecycleState::InService) && it.health_status() == Some("Healthy")
        });
        let mut ids: Vec<String> = serving.filter_map(|it| it.instance_id().map(str::to_owned)).collect();
        ids.sort();
        Ok(ids)
    }

    /// The credentials of now as the variables that every AWS tool reads.
    ///
    /// # Errors
    /// When there are none, or the role cannot be assumed any more.
    pub async fn variables(&self) -> Result<Vec<(&'static str, String)>, Fault> {
        let none = || Fault::new(Class::Denied, "there are no credentials").in_action(WHOAMI);
        let provider = self.clients.credentials().ok_or_else(none)?;
        let given = provider.provide_credentials().await.map_err(|_| none())?;
        let token = given.session_token().map(|token| ("AWS_SESSION_TOKEN", token.to_owned()));
        let keys = [
            ("AWS_ACCESS_KEY_ID", given.access_key_id().to_owned()),
            ("AWS_SECRET_ACCESS_KEY", given.secret_access_key().to_owned()),
        ];
        Ok(keys.into_iter().chain(token).collect())
    }
}
