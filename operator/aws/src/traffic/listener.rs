use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, Certificate, Listener as Sdk, ProtocolEnum, RedirectActionConfig,
    RedirectActionStatusCodeEnum,
};
use wpc_blueprint::traffic::listener::{
    CERTIFICATE, CREATE, DELETE, DESCRIBE, Desired, Leads, Listener, MODIFY, Observed, POLICY, REDIRECT, TARGET_GROUP,
    Tls,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::{NOT_FOUND, leads_to, refuses};
use crate::Cloud;
use crate::call::{absent, claim, gone};

impl Verbs<Listener> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Listener>>, Fault> {
        let doors = self.doors().await?;
        let ours = |sdk: &Sdk| self.listed(&doors.tags(sdk.listener_arn()), observed(sdk)?);
        Ok(doors.listeners.iter().filter_map(ours).collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Listener>>, Fault> {
        let request = self.clients.elb.describe_listeners().listener_arns(&id.0).send();
        let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
        let listeners = answer.and_then(|answer| answer.listeners).unwrap_or_default();
        self.found_listener(key, listeners.first()).await
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let request = self
            .clients
            .elb
            .create_listener()
            .load_balancer_arn(&want.load_balancer.0)
            .protocol(if want.tls.is_some() { ProtocolEnum::Https } else { ProtocolEnum::Http })
            .port(want.port.into())
            .set_ssl_policy(want.tls.as_ref().map(|tls| tls.policy.clone()))
            .set_certificates(want.tls.as_ref().map(|tls| vec![certificate(tls)]))
            .default_actions(action(want))
            .set_tags(Some(self.new_elb_tags(key)))
            .send();
        match absent(self.call(CREATE, request).await, &["DuplicateListener"])? {
            Some(made) => CREATE.id(made.listeners().first().and_then(|made| made.listener_arn())),
            None => {
                let listeners = self.listeners(&want.load_balancer.0).await?;
                let taken = listeners.iter().find(|it| it.port() == Some(want.port.into()));
                claim::<Listener>(CREATE, self.found_listener(key, taken).await?)
            }
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        let tls = |path: &str| want.tls.as_ref().filter(|_| changed(path));
        let request = self
            .clients
            .elb
            .modify_listener()
            .listener_arn(&have.id.0)
            .set_default_actions((changed(TARGET_GROUP) || changed(REDIRECT)).then(|| vec![action(want)]))
            .set_certificates(tls(CERTIFICATE).map(|tls| vec![certificate(tls)]))
            .set_ssl_policy(tls(POLICY).map(|tls| tls.policy.clone()));
        self.call(MODIFY, request.send()).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        gone(self.call(DELETE, self.clients.elb.delete_listener().listener_arn(&have.id.0).send()).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_elb(key, &have.id).await
    }
}

impl Cloud {
    async fn found_listener(&self, key: &Key, sdk: Option<&Sdk>) -> Result<Option<Found<Listener>>, Fault> {
        let Some(have) = sdk.and_then(observed) else { return Ok(None) };
        let tags = self.elb_tags(&have.id.0).await?;
        Ok(Some(self.at(key, &tags, have)))
    }
}

fn action(want: &Desired) -> Action {
    if want.leads != Leads::Redirect {
        return Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(&want.target_group.0).build();
    }
    let to = RedirectActionConfig::builder().protocol("HTTPS").port("443");
    let to = to.status_code(RedirectActionStatusCodeEnum::Http301).build();
    Action::builder().r#type(ActionTypeEnum::Redirect).redirect_config(to).build()
}

fn certificate(tls: &Tls) -> Certificate {
    Certificate::builder().certificate_arn(&tls.certificate.0).build()
}

/// Whether an action sends visitors to HTTPS.
fn redirects(action: &Action) -> bool {
    action.redirect_config().is_some_and(|to| to.protocol() == Some("HTTPS") && to.port() == Some("443"))
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    Some(Observed {
        id: Id(sdk.listener_arn()?.to_owned()),
        load_balancer: Id(sdk.load_balancer_arn()?.to_owned()),
        target_groups: leads_to(sdk.default_actions()),
        redirects: sdk.default_actions().iter().any(redirects),
        refuses: sdk.default_actions().iter().any(refuses),
        tls: sdk.certificates().first().and_then(|of| of.certificate_arn()).map(|certificate| Tls {
            certificate: certificate.into(),
            policy: sdk.ssl_policy().unwrap_or_default().to_owned(),
        }),
    })
}
