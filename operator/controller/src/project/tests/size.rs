use wpc_api::Area;
use wpc_engine::Class;

use super::*;

/// The most that etcd and every watcher should be asked to carry, again and again.
const LARGEST: usize = 64 * 1024;

fn long_fault() -> Fault {
    let message = "You are not authorized to perform this operation on \"the thing\"; ".repeat(40);
    Fault { action: Some("elasticloadbalancing:ModifyTargetGroupAttributes"), ..Fault::new(Class::Denied, message) }
}

#[test]
fn a_hundred_failing_components_fit() {
    let arn = "arn:aws:elasticloadbalancing:eu-west-1:210987654321:targetgroup/gazette-0a1b2c3d-traffic-target/6d0ecf831eec9f09";
    let name = |n: usize| format!("{}/a-component-with-a-long-name-{n:03}", Area::ALL[n % Area::ALL.len()].prefix());
    let components = (0..100).map(|n| Component {
        id: Some(Id(arn.into())),
        kind: "elasticloadbalancing/target-group",
        ..component(&name(n), Outcome::Failed(long_fault()))
    });
    let status = seen(components.collect());
    assert_eq!(status.components.len(), 100);
    assert!(status.components.iter().all(|component| component.reason.len() <= LONGEST_REASON));
    let size = serde_json::to_vec(&status).expect("JSON").len();
    assert!(size <= LARGEST, "{size} bytes");
}

/// What the cloud says may be anything: what JSON writes in two or six bytes a letter, and what takes four.
#[test]
fn a_status_fits_whatever_the_cloud_says() {
    for word in ["\"", "\\", "\u{1}", "\n", "💥", "ä\u{7f}\""] {
        let fault = Fault { code: Some("Wrong".into()), ..Fault::new(Class::Invalid, word.repeat(100_000)) };
        let components = (0..100).map(|n| {
            let name = format!("{}/thing-{n:03}", Area::ALL[n % Area::ALL.len()].prefix());
            match n % 3 {
                0 => component(&name, Outcome::Broken(word.repeat(100_000))),
                1 => component(&name, Outcome::Refused(vec![change("size", &word.repeat(9_000), "1")])),
                _ => component(&name, Outcome::Failed(fault.clone())),
            }
        });
        let report = Report { unlisted: vec![("ec2/vpc", fault.clone()); 40], ..report(components.collect()) };
        let status = of(&WordPressCluster::fixture(), &report, early());
        let size = serde_json::to_vec(&status).expect("JSON").len();
        assert!(size <= LARGEST, "{word:?}: {size} bytes");
    }
}

#[test]
fn a_message_of_many_bytes_a_letter_is_cut() {
    let fault = Fault::new(Class::Invalid, "ä—日".repeat(400));
    let status = seen(vec![component("network/vpc", Outcome::Failed(fault))]);
    assert!(get(&status, "Ready").message.ends_with("..."));
}
