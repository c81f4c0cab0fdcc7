use serde::Serialize;

/// The hours of a month, as AWS's calculator counts them.
pub const HOURS: f64 = 730.0;

macro_rules! assumed {
    ($($name:ident: $value:expr, $text:literal;)*) => {
        /// How much a site is used: AWS bills it, and the spec does not say it. One set of numbers for every site, so that
        /// two estimates can be compared.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
        #[serde(rename_all = "camelCase")]
        pub struct Assumed { $(#[doc = $text] pub $name: f64,)* }

        impl Default for Assumed {
            fn default() -> Self {
                Self { $($name: $value,)* }
            }
        }

        impl Assumed {
            /// Each assumption for people.
            pub fn text(&self) -> Vec<String> {
                vec![$(format!("{} {}", self.$name, $text),)*]
            }
        }
    };
}

assumed! {
    visitor_gb: 100.0, "GB a month to visitors, from North America and Europe";
    visitor_million_requests: 3.0, "million HTTPS requests of visitors a month";
    load_balancer_lcu: 1.0, "load balancer capacity unit in each hour";
    nat_gb: 20.0, "GB a month through each NAT gateway";
    endpoint_gb: 10.0, "GB a month through each interface endpoint";
    zones_gb: 50.0, "GB a month between zones, each way";
    database_used: 0.5, "of the database's storage in use";
    aurora_million_requests: 50.0, "million requests a month to Aurora's storage";
    files_gb: 20.0, "GB of files in shared storage";
    files_infrequent: 0.5, "of them in Infrequent Access, where files move there";
    files_read_gb: 20.0, "GB a month read from shared storage";
    files_written_gb: 5.0, "GB a month written to shared storage";
    media_gb: 50.0, "GB of media in the bucket";
    media_thousand_writes: 10.0, "thousand writes to the bucket a month";
    media_thousand_reads: 500.0, "thousand reads from the bucket a month";
    logs_gb: 5.0, "GB of logs taken in a month";
    flow_logs_gb: 10.0, "GB of flow logs or trail taken in a month";
    firewall_logs_gb: 1.0, "GB of what the firewall stops taken in a month";
    access_logs_gb: 5.0, "GB of access logs in a bucket";
    daily_change: 0.01, "of the data changes each day, and is in that day's backup";
    kms_ten_thousand_requests: 20.0, "times ten thousand uses of an own key a month";
}
