use std::collections::HashMap;

use aws_sdk_budgets::types::{
    Budget as Sdk, BudgetType, ComparisonOperator, Notification, NotificationType, NotificationWithSubscribers,
    ResourceTag, Spend, Subscriber, SubscriptionType, ThresholdType, TimeUnit,
};
use wpc_blueprint::budget::{
    Budget, CREATE, DELETE, DESCRIBE, Desired, LIST_TAGS, Observed, TAG, TELLS, Tells, UPDATE, key,
};
use wpc_engine::{Change, Class, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, claim, gone};
use crate::tag_cache::Tags;

const NAME_LENGTH: usize = 100;
const NOT_FOUND: &[&str] = &["NotFoundException"];
/// The name of the filter by tags.
const BY_TAG: &str = "TagKeyValue";
/// Tell when so many percent are spent, or will be.
const THRESHOLD: f64 = 100.0;
/// Whom it told when it was made.
const TELLS_TAG: &str = "wordpresscluster.dev/tells";

impl Verbs<Budget> for Cloud {
    /// Asked seldom: most stacks have none, and only we make it under its name.
    async fn list(&self) -> Result<Vec<Found<Budget>>, Fault> {
        let name = self.name(&key(), NAME_LENGTH);
        let Some(sdk) = self.seldom(&question(&name), self.describe_budget(&name)).await? else { return Ok(vec![]) };
        let tags = self.budget_tags(&name).await?;
        Ok(vec![self.at(&key(), &tags, observed(&sdk, &tags))])
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Budget>>, Fault> {
        self.named_budget(key, &id.0).await
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, NAME_LENGTH);
        self.forget(&question(&name));
        match absent(self.make_budget(key, &name, want).await, &["DuplicateRecordException"])? {
            Some(()) => Ok(Id(name)),
            None => claim::<Budget>(CREATE, self.named_budget(key, &name).await?),
        }
    }

    /// Whom it tells is made with it: another one takes its place under the same name.
    async fn update(&self, key: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        self.forget(&question(&have.name.0));
        if changes.iter().any(|change| change.path == TELLS) {
            self.remove_budget(&have.name.0).await?;
            return self.make_budget(key, &have.name.0, want).await;
        }
        if changes.is_empty() {
            return Ok(());
        }
        let request = self.clients.budgets.update_budget().account_id(self.account());
        self.call(UPDATE, request.new_budget(budget(&have.name.0, want)?).send()).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        self.forget(&question(&have.name.0));
        self.remove_budget(&have.name.0).await
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let arn = self.budget_arn(&have.name.0);
        let tags = self.new_budget_tags(key, &have.tells)?;
        let request = self.clients.budgets.tag_resource().resource_arn(&arn).set_resource_tags(Some(tags)).send();
        let answer = self.call(TAG, request).await.map(drop);
        self.forget(&arn);
        answer
    }
}

/// Under what name the budget itself is remembered; its ARN stands for its tags.
fn question(name: &str) -> String {
    format!("budget {name}")
}

impl Cloud {
    fn account(&self) -> &str {
        &self.clients.scope().account
    }

    fn budget_arn(&self, name: &str) -> String {
        self.clients.scope().global_arn("budgets", &format!("budget/{name}"))
    }

    fn new_budget_tags(&self, key: &Key, tells: &str) -> Result<Vec<ResourceTag>, Fault> {
        let tag = |name, value| ResourceTag::builder().key(name).value(value).build();
        let tags = self.tags(key, tag).into_iter().chain([tag(TELLS_TAG.into(), tells.to_owned())]);
        tags.collect::<Result<Vec<_>, _>>().map_err(invalid)
    }

    async fn make_budget(&self, key: &Key, name: &str, want: &Desired) -> Result<(), Fault> {
        let tags = self.new_budget_tags(key, &want.tells.to_string())?;
        let request = self.clients.budgets.create_budget().account_id(self.account()).budget(budget(name, want)?);
        let request = request.set_notifications_with_subscribers(Some(notifications(want)?));
        let answer = self.call(CREATE, request.set_resource_tags(Some(tags)).send()).await.map(drop);
        self.forget(&self.budget_arn(name));
        answer
    }

    async fn remove_budget(&self, name: &str) -> Result<(), Fault> {
        let request = self.clients.budgets.delete_budget().account_id(self.account()).budget_name(name).send();
        let answer = gone(self.call(DELETE, request).await, NOT_FOUND);
        self.forget(&self.budget_arn(name));
        answer
    }

    async fn describe_budget(&self, name: &str) -> Result<Option<Sdk>, Fault> {
        let request = self.clients.budgets.describe_budget().account_id(self.account()).budget_name(name).send();
        let Some(answer) = absent(self.call(DESCRIBE, request).await, NOT_FOUND)? else { return Ok(None) };
        let none = || Fault::new(Class::Transient, "the answer has no budget").in_action(DESCRIBE);
        answer.budget.map(Some).ok_or_else(none)
    }

    async fn budget_tags(&self, name: &str) -> Result<Tags, Fault> {
        let arn = self.budget_arn(name);
        let fetch = async {
            let request = self.clients.budgets.list_tags_for_resource().resource_arn(&arn).send();
            let tags = self.call(LIST_TAGS, request).await?.resource_tags.unwrap_or_default();
            Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
        };
        self.tags_of(&arn, fetch).await
    }

    async fn named_budget(&self, key: &Key, name: &str) -> Result<Option<Found<Budget>>, Fault> {
        let Some(sdk) = self.describe_budget(name).await? else { return Ok(None) };
        let tags = self.budget_tags(name).await?;
        Ok(Some(self.at(key, &tags, observed(&sdk, &tags))))
    }
}

fn invalid(error: impl std::fmt::Display) -> Fault {
    Fault::invalid(error.to_string())
}

#[allow(deprecated, reason = "its successor, a filter expression, is not shown unless asked for")]
fn budget(name: &str, want: &Desired) -> Result<Sdk, Fault> {
    let limit = Spend::builder().amount(want.monthly_usd.to_string()).unit("USD").build().map_err(invalid)?;
    Sdk::builder()
        .budget_name(name)
        .budget_type(BudgetType::Cost)
        .time_unit(TimeUnit::Monthly)
        .budget_limit(limit)
        .cost_filters(BY_TAG, vec![want.filter.clone()])
        .build()
        .map_err(invalid)
}

/// One for what was spent, one for what will be.
fn notifications(want: &Desired) -> Result<Vec<NotificationWithSubscribers>, Fault> {
    let (kind, address) = match &want.tells {
        Tells::Email(address) => (SubscriptionType::Email, address),
        Tells::Topic(arn) => (SubscriptionType::Sns, arn),
    };
    let subscriber = Subscriber::builder().subscription_type(kind).address(address).build().map_err(invalid)?;
    let notification = |when| {
        let notification = Notification::builder()
            .notification_type(when)
            .comparison_operator(ComparisonOperator::GreaterThan)
            .threshold(THRESHOLD)
            .threshold_type(ThresholdType::Percentage)
            .build()
            .map_err(invalid)?;
        let with = NotificationWithSubscribers::builder().notification(notification);
        with.subscribers(subscriber.clone()).build().map_err(invalid)
    };
    [NotificationType::Actual, NotificationType::Forecasted].into_iter().map(notification).collect()
}

fn observed(sdk: &Sdk, tags: &Tags) -> Observed {
    let empty = HashMap::new();
    #[allow(deprecated, reason = "its successor, a filter expression, is not shown unless asked for")]
    let filters = sdk.cost_filters().unwrap_or(&empty);
    let counted = filters.get(BY_TAG).map(|values| values.join(",")).unwrap_or_default();
    // Any other filter counts less than is wanted.
    let others = filters.keys().filter(|name| *name != BY_TAG).map(String::as_str);
    let filter = [counted.as_str()]
        .into_iter()
        .filter(|counted| !counted.is_empty())
        .chain(others)
        .collect::<Vec<_>>()
        .join(" ");
    Observed {
        name: Id(sdk.budget_name.clone()),
        limit: sdk.budget_limit().map(|limit| limit.amount.clone()).unwrap_or_default(),
        filter,
        tells: tags.get(TELLS_TAG).cloned().unwrap_or_default(),
    }
}
