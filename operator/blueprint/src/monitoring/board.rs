//! What the dashboard shows. See "Dashboard body structure and syntax" in the Amazon CloudWatch API Reference.

use serde_json::{Value, json};
use wpc_api::v1alpha1::CacheEngine;
use wpc_engine::Id;

use super::watch::{Server, busy, dimension};

/// What there is to show.
#[derive(Debug, Clone)]
pub struct Board {
    /// Whose it is.
    pub stack: String,
    /// Where the numbers are.
    pub region: String,
    /// The load balancer's ARN.
    pub load_balancer: Id,
    /// The target group's ARN.
    pub target_group: Id,
    /// The Auto Scaling group's name.
    pub group: Id,
    /// What the database is.
    pub server: Server,
    /// The database's name.
    pub primary: Id,
    /// Its replicas' names; of a cluster all its instances'.
    pub replicas: Vec<Id>,
    /// What the cache speaks.
    pub engine: CacheEngine,
    /// The cache's nodes.
    pub nodes: Vec<String>,
    /// The distribution's id.
    pub distribution: Option<Id>,
}

/// A line of a picture: namespace, number, dimensions by turns, as CloudWatch wants them.
type Line = Vec<String>;

/// The whole is so wide.
const WIDTH: usize = 24;
/// A picture is so wide and high.
const SIZE: (usize, usize) = (8, 6);

fn line(parts: &[&str]) -> Line {
    parts.iter().map(|part| (*part).to_owned()).collect()
}

impl Board {
    /// Its body: the stack's id, then three pictures in each row.
    pub fn body(&self) -> Value {
        let title = format!("# {}", self.stack);
        let text = json!({
            "type": "text", "x": 0, "y": 0, "width": WIDTH, "height": 1, "properties": {"markdown": title},
        });
        let pictures = self.pictures().into_iter().enumerate().map(|(index, (title, statistic, region, lines))| {
            let (width, height) = SIZE;
            let in_row = WIDTH / width;
            json!({
                "type": "metric",
                "x": index % in_row * width,
                "y": 1 + index / in_row * height,
                "width": width,
                "height": height,
                "properties": {
                    "title": title,
                    "region": region,
                    "view": "timeSeries",
                    "period": 60,
                    "stat": statistic,
                    "metrics": lines,
                },
            })
        });
        let widgets: Vec<_> = [text].into_iter().chain(pictures).collect();
        json!({ "widgets": widgets })
    }

    /// Title, statistic, region, lines.
    fn pictures(&self) -> Vec<(&'static str, &'static str, &str, Vec<Line>)> {
        let (door, targets) = (dimension(&self.load_balancer), dimension(&self.target_group));
        let balancer = |name: &str| line(&["AWS/ApplicationELB", name, "LoadBalancer", door]);
        let behind = |name: &str| line(&["AWS/ApplicationELB", name, "TargetGroup", targets, "LoadBalancer", door]);
        let here = self.region.as_str();
        let mut pictures = vec![
            ("Requests", "Sum", here, vec![balancer("RequestCount")]),
            ("Errors", "Sum", here, vec![balancer("HTTPCode_Target_5XX_Count"), balancer("HTTPCode_ELB_5XX_Count")]),
            ("Seconds to answer", "p95", here, vec![balancer("TargetResponseTime")]),
            ("Instances", "Maximum", here, vec![behind("HealthyHostCount"), behind("UnHealthyHostCount")]),
            (
                "CPU of the instances",
                "Average",
                here,
                vec![line(&["AWS/EC2", "CPUUtilization", "AutoScalingGroupName", self.group.as_str()])],
            ),
        ];
        let (primary, lag) = match self.server {
            Server::Instance => (Some(&self.primary), ("Seconds behind", "ReplicaLag")),
            Server::Cluster => (None, ("Milliseconds behind", "AuroraReplicaLag")),
        };
        let databases: Vec<&Id> = primary.into_iter().chain(&self.replicas).collect();
        let database = |name: &str, of: &[&Id]| -> Vec<Line> {
            of.iter().map(|id| line(&["AWS/RDS", name, "DBInstanceIdentifier", id.as_str()])).collect()
        };
        pictures.extend([
            ("CPU of the database", "Average", here, database("CPUUtilization", &databases)),
            ("Connections to the database", "Average", here, database("DatabaseConnections", &databases)),
        ]);
        if primary.is_some() {
            pictures.push(("Free storage of the database", "Minimum", here, database("FreeStorageSpace", &databases)));
        }
        let replicas: Vec<&Id> = self.replicas.iter().collect();
        if !replicas.is_empty() {
            pictures.push((lag.0, "Maximum", here, database(lag.1, &replicas)));
        }
        let cache = |name: &str| -> Vec<Line> {
            self.nodes.iter().map(|node| line(&["AWS/ElastiCache", name, "CacheClusterId", node])).collect()
        };
        if !self.nodes.is_empty() {
            pictures.extend([
                ("CPU of the cache", "Average", here, cache(busy(self.engine))),
                ("Evictions", "Sum", here, cache("Evictions")),
            ]);
            if self.engine != CacheEngine::Memcached {
                pictures.push(("Hits in the cache, percent", "Average", here, cache("CacheHitRate")));
            }
        }
        if let Some(distribution) = &self.distribution {
            // CloudFront's numbers are all in one place.
            let cdn = |name: &str| {
                vec![line(&["AWS/CloudFront", name, "DistributionId", distribution.as_str(), "Region", "Global"])]
            };
            pictures.extend([
                ("Requests to the CDN", "Sum", "us-east-1", cdn("Requests")),
                ("Errors of the CDN, percent", "Average", "us-east-1", cdn("5xxErrorRate")),
            ]);
        }
        pictures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> Board {
        Board {
            stack: "default/press/gazette".into(),
            region: "eu-west-1".into(),
            load_balancer: "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/gazette/50dc".into(),
            target_group: "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/gazette/6d0e".into(),
            group: "gazette-group".into(),
            server: Server::Instance,
            primary: "gazette-primary".into(),
            replicas: vec!["gazette-replica-1".into()],
            engine: CacheEngine::Valkey,
            nodes: vec!["gazette-cache-001".into(), "gazette-cache-002".into()],
            distribution: Some("E1".into()),
        }
    }

    #[test]
    fn pictures_stand_in_rows_and_the_first_text_says_whose_they_are() {
        let body = board().body();
        let widgets = body["widgets"].as_array().unwrap();
        assert_eq!(widgets[0]["properties"]["markdown"], "# default/press/gazette");
        let mut places: Vec<_> = widgets.iter().map(|widget| (widget["y"].as_u64(), widget["x"].as_u64())).collect();
        assert!(places.is_sorted(), "{places:?}");
        places.dedup();
        assert_eq!(places.len(), widgets.len());
        let ends = widgets.iter().map(|widget| widget["x"].as_u64().unwrap() + widget["width"].as_u64().unwrap());
        assert!(ends.max() <= Some(WIDTH as u64));
        let lines = |title: &str| {
            let widget = widgets.iter().find(|widget| widget["properties"]["title"] == title).unwrap();
            widget["properties"]["metrics"].clone()
        };
        assert_eq!(
            lines("Instances")[0],
            json!([
                "AWS/ApplicationELB",
                "HealthyHostCount",
                "TargetGroup",
                "targetgroup/gazette/6d0e",
                "LoadBalancer",
                "app/gazette/50dc"
            ])
        );
        assert_eq!(lines("Evictions").as_array().unwrap().len(), 2);
        assert_eq!(lines("CPU of the database").as_array().unwrap().len(), 2);
    }

    #[test]
    fn what_there_is_not_has_no_picture() {
        let bare = Board { replicas: vec![], nodes: vec![], distribution: None, ..board() };
        let text = bare.body().to_string();
        for absent in ["ReplicaLag", "ElastiCache", "CloudFront"] {
            assert!(!text.contains(absent) && board().body().to_string().contains(absent), "{absent}");
        }
    }
}
