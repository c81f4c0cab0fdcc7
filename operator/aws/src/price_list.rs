//! A region's list prices, from AWS's Price List API. See "GetProducts" in the AWS Billing API Reference.

use aws_sdk_pricing::types::{Filter, FilterType};
use wpc_blueprint::price::{Collected, Prices, Query, queries};
use wpc_engine::{Action, Class, Fault};

use crate::Account;

/// Asks for products and their prices.
pub const GET_PRODUCTS: Action = Action::read("pricing:GetProducts");

impl Account {
    /// The prices of a region today, and the names of what the list has no price of.
    pub async fn prices(&self, region: &str, today: &str) -> Result<(Prices, Vec<&'static str>), Fault> {
        let mut list = Collected::new(region, today);
        for query in queries(region) {
            for product in self.products(&query).await? {
                list.take(&query, &product).map_err(|error| nonsense(error.to_string()))?;
            }
        }
        let (prices, missing) = list.done();
        match prices.instances.is_empty() {
            true => Err(nonsense(format!("it knows no instance type in {region}; is that a region's name?"))),
            false => Ok((prices, missing)),
        }
    }

    async fn products(&self, query: &Query) -> Result<Vec<String>, Fault> {
        let filters = query
            .filters
            .iter()
            .map(|(name, value)| Filter::builder().r#type(FilterType::TermMatch).field(*name).value(value).build());
        let filters = filters.collect::<Result<Vec<_>, _>>().map_err(|error| nonsense(error.to_string()))?;
        let request = self.clients.pricing.get_products().service_code(query.service).set_filters(Some(filters));
        let pages = request.into_paginator().items().send();
        self.ask(GET_PRODUCTS, pages.collect::<Result<Vec<_>, _>>()).await
    }
}

fn nonsense(why: String) -> Fault {
    Fault::new(Class::Transient, format!("the price list cannot be read: {why}")).in_action(GET_PRODUCTS)
}

#[cfg(test)]
mod tests;
