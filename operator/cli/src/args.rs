use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use wpc_controller::Grant;

/// The WordPressCluster operator and its command line.
///
/// Turns one manifest of kind WordPressCluster into a highly available WordPress on AWS: from Kubernetes (`wpc run`),
/// or from a laptop with the same engine (`wpc plan`, `wpc apply`, `wpc destroy`).
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub kube: Kube,
    /// Shows more of what is done; repeat for more still. RUST_LOG is honoured too.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    #[command(subcommand)]
    pub command: Command,
}

/// How Kubernetes is reached.
#[derive(Debug, Args)]
pub struct Kube {
    /// The context of the kubeconfig to use; the current one if left out.
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the operator.
    Run(Run),
    /// Prints the CustomResourceDefinition.
    Crd,
    /// Checks manifests by the rules of the API server; exit code 1 if one is wrong.
    Validate(Validate),
    /// Shows what would change; exit code 0: nothing, 2: something, 1: an error.
    Plan(Plan),
    /// Brings a stack nearer to its manifest, without Kubernetes.
    Apply(Apply),
    /// Removes a stack, without Kubernetes. Data is kept unless removing it is confirmed.
    Destroy(Destroy),
    /// Shows a WordPressCluster's components as a tree.
    Status(Status),
    /// Prints a manifest's components and their dependencies in the dot language of Graphviz.
    Graph(Graph),
    /// Prints what a manifest's instances run when they start first.
    Bootstrap(Bootstrap),
    /// Opens a shell on one of a site's instances, or runs a command there: through SSM Session Manager, without SSH.
    /// Needs the AWS CLI and its Session Manager plugin. Exit code: the command's.
    Exec(Exec),
    /// Runs WP-CLI on one of a site's instances, such as `wpc wp -f blog.yaml -- plugin list`. Exit code: WP-CLI's.
    Wp(Wp),
    /// Shows what a manifest costs a month, at list price.
    Cost(Cost),
    /// Checks whether account and region can hold a manifest, before anything is made; exit code 1 if not.
    Preflight(Preflight),
    /// Reads a region's list prices from AWS and prints them, for --prices.
    Prices(Prices),
    /// Prints the least IAM permissions that the operator needs, as policies.
    IamPolicy(IamPolicy),
}

#[derive(Debug, Args)]
pub struct Run {
    /// Where /healthz, /readyz and /metrics are served.
    #[arg(long, env = "WPC_HTTP_ADDR", default_value = "0.0.0.0:8080", value_name = "ADDRESS")]
    pub http_addr: SocketAddr,
    /// Works only in this namespace; may be repeated. All of them if left out.
    #[arg(long = "namespace", env = "WPC_NAMESPACE", value_delimiter = ',', value_name = "NAMESPACE")]
    pub namespaces: Vec<String>,
    #[command(flatten)]
    pub cluster: Cluster,
    /// Allows a role to a namespace's WordPressClusters (spec.roleArn); may be repeated. None is allowed if left out.
    #[arg(long = "allow-role", env = "WPC_ALLOW_ROLES", value_delimiter = ' ', value_name = "NAMESPACE=ARN")]
    pub allow_roles: Vec<Grant>,
    /// Lets no WordPressCluster use the operator's own identity: each needs a role that is allowed to its namespace.
    #[arg(long, env = "WPC_REQUIRE_ROLE")]
    pub require_role: bool,
    /// How often a stack that is as wanted is looked at again, such as 10m.
    #[arg(long, env = "WPC_RESYNC", default_value = "10m", value_parser = duration, value_name = "DURATION")]
    pub resync: Duration,
    /// How many objects are worked on at a time.
    #[arg(long, env = "WPC_CONCURRENCY", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,
    /// How long an empty answer of AWS is doubted after a restart, before something is created that no token or name
    /// protects from being made twice.
    #[arg(long, env = "WPC_SETTLE", default_value = "5s", value_parser = duration, value_name = "DURATION")]
    pub settle: Duration,
    #[command(flatten)]
    pub election: Election,
    #[command(flatten)]
    pub prices: PriceLists,
    /// How logs are written.
    #[arg(long, env = "WPC_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,
}

/// How replicas agree on one that acts.
#[derive(Debug, Args)]
pub struct Election {
    /// Acts only while it holds a Lease of coordination.k8s.io; needed for more than one replica.
    #[arg(long, env = "WPC_LEADER_ELECT")]
    pub leader_elect: bool,
    /// The Lease's name.
    #[arg(long, env = "WPC_LEASE_NAME", default_value = "wordpress-operator", value_name = "NAME")]
    pub lease_name: String,
    /// The Lease's namespace; that of the Pod or the kubeconfig if left out.
    #[arg(long, env = "WPC_LEASE_NAMESPACE", value_name = "NAMESPACE")]
    pub lease_namespace: Option<String>,
    /// How long a leader that says nothing is believed to live: the longest that nobody acts when it dies. At least the
    /// write timeout and three renewals.
    #[arg(long, env = "WPC_LEASE_DURATION", default_value = "30s", value_parser = duration, value_name = "DURATION")]
    pub lease_duration: Duration,
    /// How often the leader renews the Lease.
    #[arg(long, env = "WPC_LEASE_RENEW", default_value = "2s", value_parser = duration, value_name = "DURATION")]
    pub lease_renew: Duration,
    /// The longest that one write to AWS or Kubernetes may take. No write starts that the Lease might not outlive.
    #[arg(long, env = "WPC_WRITE_TIMEOUT", default_value = "20s", value_parser = duration, value_name = "DURATION")]
    pub write_timeout: Duration,
}

/// Which cluster's stacks.
#[derive(Debug, Clone, Args)]
pub struct Cluster {
    /// The first part of every stack id. Two clusters that share an AWS account need two of them.
    #[arg(long, env = "WPC_CLUSTER_ID", default_value = "default", value_parser = cluster_id, value_name = "ID")]
    pub cluster_id: String,
    /// The policy that says how much the roles of sites can be allowed at most: a permissions boundary. One that
    /// somebody else set stays if left out.
    #[arg(long, env = "WPC_PERMISSIONS_BOUNDARY", value_parser = policy_arn, value_name = "ARN")]
    pub permissions_boundary: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For programs.
    Yaml,
}

/// Which manifest.
#[derive(Debug, Clone, Args)]
pub struct Source {
    /// The manifest; `-` reads standard input.
    #[arg(short, long, value_name = "FILE")]
    pub file: PathBuf,
    /// The namespace, where the manifest names none.
    #[arg(short, long, default_value = "default")]
    pub namespace: String,
}

#[derive(Debug, Args)]
pub struct Validate {
    /// The manifest; `-` reads standard input.
    #[arg(short, long, value_name = "FILE")]
    pub file: PathBuf,
    /// How the result is printed.
    #[arg(short, long, default_value = "text")]
    pub output: Format,
}

#[derive(Debug, Args)]
pub struct Plan {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub cluster: Cluster,
    /// Asks nobody: shows everything as new. Needs neither AWS nor a network.
    #[arg(long)]
    pub offline: bool,
    /// Plans as if what another operator manages were taken over.
    #[arg(long)]
    pub adopt: bool,
    #[command(flatten)]
    pub prices: PriceLists,
    /// How the plan is printed.
    #[arg(short, long, default_value = "text")]
    pub output: Format,
}

#[derive(Debug, Args)]
pub struct Apply {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub cluster: Cluster,
    /// Goes on until everything is ready. Otherwise it ends as soon as AWS alone is at work; run it again to go on.
    #[arg(long)]
    pub wait: bool,
    /// Gives up after so long, such as 90m.
    #[arg(long, default_value = "2h", value_parser = duration, value_name = "DURATION")]
    pub timeout: Duration,
    /// Takes over what carries our names without our tags, or another operator's.
    #[arg(long)]
    pub adopt: bool,
    #[command(flatten)]
    pub prices: PriceLists,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["file", "stack"])))]
pub struct Destroy {
    /// The manifest of the stack; `-` reads standard input.
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The namespace, where the manifest names none.
    #[arg(short, long, default_value = "default")]
    pub namespace: String,
    /// The stack's id, where there is no manifest any more.
    #[arg(long, value_name = "CLUSTER/NAMESPACE/NAME", requires = "region")]
    pub stack: Option<String>,
    /// The stack's region, with --stack.
    #[arg(long, env = "AWS_REGION")]
    pub region: Option<String>,
    /// The role to assume, with --stack. With --file it is the manifest's spec.roleArn.
    #[arg(long, value_name = "ARN", conflicts_with = "file")]
    pub role_arn: Option<String>,
    #[command(flatten)]
    pub cluster: Cluster,
    /// Removes the data too: the name of the WordPressCluster, to be sure.
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
    /// Removes what another operator manages, too.
    #[arg(long)]
    pub adopt: bool,
    /// Gives up after so long, such as 90m.
    #[arg(long, default_value = "2h", value_parser = duration, value_name = "DURATION")]
    pub timeout: Duration,
}

#[derive(Debug, Args)]
pub struct Status {
    /// The WordPressCluster.
    pub name: String,
    /// Its namespace.
    #[arg(short, long)]
    pub namespace: Option<String>,
    /// Shows it again whenever it changes.
    #[arg(short, long)]
    pub watch: bool,
    /// How it is printed.
    #[arg(short, long, default_value = "text")]
    pub output: Format,
}

#[derive(Debug, Args)]
pub struct Graph {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub cluster: Cluster,
}

#[derive(Debug, Args)]
pub struct Bootstrap {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub cluster: Cluster,
}

/// Which instance.
#[derive(Debug, Args)]
pub struct OnInstance {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub cluster: Cluster,
    /// This instance; the first that serves if left out.
    #[arg(short, long, value_name = "ID")]
    pub instance: Option<String>,
}

#[derive(Debug, Args)]
pub struct Exec {
    #[command(flatten)]
    pub on: OnInstance,
    /// The command and its arguments; a shell if left out.
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Wp {
    #[command(flatten)]
    pub on: OnInstance,
    /// The arguments of WP-CLI.
    #[arg(last = true, required = true, value_name = "ARGUMENT")]
    pub arguments: Vec<String>,
}

#[derive(Debug, Args)]
pub struct IamPolicy {
    /// Only what this manifest needs; `-` reads standard input. What every site may need if left out.
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The namespace, where the manifest names none.
    #[arg(short, long, default_value = "default")]
    pub namespace: String,
    #[command(flatten)]
    pub cluster: Cluster,
    /// The partition that the account lies in: aws, aws-cn or aws-us-gov.
    #[arg(long, default_value = "aws", value_name = "NAME")]
    pub partition: String,
    /// Writes a file for each policy into this directory, operator-1.json and so on, in place of printing them.
    #[arg(long, value_name = "DIRECTORY")]
    pub dir: Option<PathBuf>,
    /// How they are printed: as a table of reasons, or as a list of policies.
    #[arg(short, long, default_value = "text")]
    pub output: Format,
}

/// Other prices than those that this release knows.
#[derive(Debug, Clone, Args)]
pub struct PriceLists {
    /// A region's price list, as `wpc prices` prints it; may be repeated.
    #[arg(long = "prices", env = "WPC_PRICES", value_delimiter = ',', value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Cost {
    /// The manifest; `-` reads standard input.
    #[arg(short, long, value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub prices: PriceLists,
    /// How the estimate is printed.
    #[arg(short, long, default_value = "text")]
    pub output: Format,
}

#[derive(Debug, Args)]
pub struct Preflight {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub cluster: Cluster,
    /// How the checks are printed.
    #[arg(short, long, default_value = "text")]
    pub output: Format,
}

#[derive(Debug, Args)]
pub struct Prices {
    /// The region.
    #[arg(long, env = "AWS_REGION")]
    pub region: String,
}

impl IamPolicy {
    /// The manifest, if there is one.
    pub fn source(&self) -> Option<Source> {
        self.file.clone().map(|file| Source { file, namespace: self.namespace.clone() })
    }
}

/// `90s`, `10m`, `2h`, or several of them.
fn duration(text: &str) -> Result<Duration, String> {
    let span: jiff::SignedDuration =
        text.parse().map_err(|_| format!("{text:?} is no duration; write 90s, 10m or 2h"))?;
    Duration::try_from(span).map_err(|_| "a duration is not negative".to_owned())
}

fn cluster_id(text: &str) -> Result<String, String> {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match !text.is_empty() && text.len() <= 63 && text.chars().all(legal) {
        true => Ok(text.to_owned()),
        false => Err(format!("{text:?} is no cluster id; write up to 63 of a-z, 0-9 and -")),
    }
}

fn policy_arn(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "iam", "", _, policy] if policy.starts_with("policy/") => Ok(text.to_owned()),
        _ => Err(format!("{text:?} is no policy's ARN; write arn:aws:iam::<account>:policy/<name>")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_read_as_people_write_them() {
        assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(duration("1h 30m"), Ok(Duration::from_secs(5400)));
        assert!(duration("ten").unwrap_err().contains("write 90s"));
        assert!(duration("-1s").is_err());
    }

    #[test]
    fn roles_are_allowed_one_by_one() {
        let parse = |args: &[&str]| Cli::try_parse_from(["wpc", "run"].iter().chain(args));
        let (press, shop) = ("press=arn:aws:iam::210987654321:role/a,b", "shop=arn:aws:iam::210987654321:role/shop");
        for args in
            [vec!["--allow-role", press, "--allow-role", shop], vec!["--allow-role", &format!("{press} {shop}")]]
        {
            let Command::Run(run) = parse(&args).expect("a command").command else { panic!("not run") };
            assert_eq!(run.allow_roles, [press.parse().expect("a grant"), shop.parse().expect("a grant")]);
        }
        let wrong = parse(&["--allow-role", "*=arn:aws:iam::210987654321:role/shop"]).expect_err("a wildcard");
        assert!(wrong.to_string().contains("there are no wildcards"), "{wrong}");
    }

    #[test]
    fn a_boundary_is_a_policy() {
        assert!(policy_arn("arn:aws:iam::210987654321:policy/press/most").is_ok());
        assert!(policy_arn("arn:aws:iam::aws:policy/PowerUserAccess").is_ok());
        assert!(policy_arn("arn:aws:iam::210987654321:role/press").unwrap_err().contains("write arn:aws:iam"));
    }

    #[test]
    fn destroy_wants_one_stack() {
        let parse = |args: &[&str]| Cli::try_parse_from(["wpc", "destroy"].iter().chain(args));
        assert!(parse(&[]).is_err());
        assert!(parse(&["-f", "a.yaml"]).is_ok());
        assert!(parse(&["--stack", "a/b/c", "--region", "us-east-1"]).is_ok());
        assert!(parse(&["-f", "a.yaml", "--stack", "a/b/c", "--region", "us-east-1"]).is_err());
        let role = ["--role-arn", "arn:aws:iam::210987654321:role/press"];
        assert!(parse(&[&["--stack", "a/b/c", "--region", "us-east-1"][..], &role].concat()).is_ok());
        assert!(parse(&[&["-f", "a.yaml"][..], &role].concat()).is_err());
    }
}
