use jiff::SignedDuration;
use k8s_openapi::api::coordination::v1::Lease;
use tokio::time::{Instant, advance};

use super::lease::{Claim, Moment, Seen, Term, holder};
use super::*;

const LEASE: Duration = Duration::from_secs(30);
const WRITE: Duration = Duration::from_secs(20);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn claim(identity: &str) -> Claim {
    Claim { identity: identity.into(), duration: LEASE }
}

/// A moment so long after another by each clock.
fn later(than: Moment, steady: u64, wall: i64) -> Moment {
    Moment { steady: than.steady + secs(steady), wall: than.wall + SignedDuration::from_secs(wall) }
}

fn leading() -> Arc<Leadership> {
    let leadership = Leadership::new(true, WRITE);
    leadership.lead(Term { renewed: Moment::now(), duration: LEASE });
    leadership
}

#[test]
fn of_two_clocks_the_one_that_leaves_less_counts() {
    let renewed = Moment::now();
    let rest = |steady, wall| Term { renewed, duration: LEASE }.rest(later(renewed, steady, wall));
    assert_eq!(rest(0, 0), secs(30));
    assert_eq!(rest(4, 4), secs(26));
    assert_eq!(rest(0, 25), secs(5), "a machine that slept");
    assert_eq!(rest(25, -3600), secs(5), "a wall clock that was set back");
    assert_eq!(rest(0, 3600), secs(0), "a wall clock that was set forward");
    assert_eq!(rest(31, 31), secs(0));
}

#[tokio::test(start_paused = true)]
async fn no_write_starts_that_the_lease_might_not_outlive() {
    let leadership = leading();
    advance(secs(10)).await;
    assert_eq!(leadership.now(), Now::Act);
    assert!(leadership.aws().is_some() && leadership.kubernetes().is_some());
    advance(Duration::from_millis(1)).await;
    assert_eq!(leadership.now(), Now::Pause);
    assert!(leadership.aws().is_none(), "19.999 s are left, and the write may take 20 s");
    assert!(leadership.kubernetes().is_none());
    leadership.lead(Term { renewed: Moment::now(), duration: LEASE });
    assert!(leadership.aws().is_some(), "renewed");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_late_ends_with_the_lease() {
    let leadership = leading();
    let leave = leadership.aws().expect("leave");
    assert!((leave.lasts)());
    advance(LEASE).await;
    assert!(!(leave.lasts)(), "nothing is left");
    let lost = leading();
    let leave = lost.aws().expect("leave");
    lost.lose();
    assert!(!(leave.lasts)() && lost.aws().is_none());
    assert_eq!((lost.now(), lost.gauge.get()), (Now::Rest, 0));
}

#[tokio::test(start_paused = true)]
async fn a_standby_writes_nothing_and_one_without_an_election_everything() {
    let standby = Leadership::new(true, WRITE);
    assert!(standby.aws().is_none() && standby.kubernetes().is_none());
    assert_eq!((standby.now(), standby.gauge.get()), (Now::Rest, 0));
    let alone = Leadership::new(false, WRITE);
    advance(secs(3600)).await;
    assert!(alone.aws().is_some_and(|leave| (leave.lasts)() && leave.longest == WRITE));
    assert_eq!((alone.now(), alone.gauge.get()), (Now::Act, 1));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_asked_to_end_tells_what_was_done_and_hands_over_when_nothing_is_under_way() {
    let leadership = leading();
    let (call, event) = (leadership.aws().expect("leave"), leadership.kubernetes().expect("leave"));
    leadership.end();
    assert!(leadership.aws().is_none() && leadership.kubernetes().is_some());
    assert_eq!(leadership.now(), Now::Rest);
    let closing = tokio::spawn({
        let leadership = leadership.clone();
        async move { leadership.close().await }
    });
    drop(call);
    tokio::task::yield_now().await;
    assert!(!closing.is_finished() && leadership.kubernetes().is_some());
    drop(event);
    closing.await.expect("no panic");
    assert!(leadership.kubernetes().is_none());
    assert_eq!(leadership.gauge.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn nobody_hands_over_while_a_write_whose_answer_was_lost_may_take_effect() {
    let leadership = leading();
    let began = Instant::now();
    let lost = leadership.aws().expect("leave").bound(async { Err::<(), _>("no answer") }, Result::is_err).await;
    assert_eq!(lost, Ok(Err("no answer")));
    leadership.end();
    leadership.close().await;
    assert_eq!(began.elapsed().as_secs(), WRITE.as_secs());
    let answered = leading();
    assert_eq!(answered.aws().expect("leave").bound(async { Ok::<_, ()>(()) }, Result::is_err).await, Ok(Ok(())));
    let began = Instant::now();
    answered.close().await;
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[test]
fn a_claim_changes_hands_once_and_is_renewed_by_its_holder() {
    let start = Moment::now();
    let taken = claim("a").write("operator", None, start.wall);
    let spec = taken.spec.clone().expect("a spec");
    assert_eq!((taken.metadata.name.as_deref(), holder(&taken)), (Some("operator"), Some("a")));
    assert_eq!((spec.lease_duration_seconds, spec.lease_transitions), (Some(30), Some(1)));
    let mut stored = taken;
    stored.metadata.resource_version = Some("7".into());

    let renewed = claim("a").write("operator", Some(&stored), later(start, 2, 2).wall);
    let again = renewed.spec.clone().expect("a spec");
    assert_eq!((&again.acquire_time, again.lease_transitions), (&spec.acquire_time, Some(1)));
    assert!(again.renew_time > spec.renew_time);
    assert_eq!(renewed.metadata.resource_version.as_deref(), Some("7"), "refused if somebody else wrote first");

    let other = claim("b").write("operator", Some(&stored), later(start, 40, 40).wall);
    let spec = other.spec.clone().expect("a spec");
    assert_eq!((holder(&other), spec.lease_transitions), (Some("b"), Some(2)));
    assert_eq!(spec.acquire_time, spec.renew_time);

    assert_eq!(holder(&claim("b").release(&other)), None);
}

#[test]
fn a_standby_waits_as_long_as_the_last_change_promises() {
    let now = Instant::now();
    let at = |seconds| now + secs(seconds);
    let wall = Moment::now().wall;
    let held = |renewals: i64| claim("a").write("operator", None, wall + SignedDuration::from_secs(2 * renewals));
    let free = |looks: &[(u64, Option<Lease>)]| {
        let mut seen = Seen::default();
        looks.iter().for_each(|(when, lease)| seen.see(lease.clone(), &claim("b"), at(*when)));
        seen.free()
    };
    let released = claim("a").release(&held(1));
    let short = Claim { duration: secs(9), ..claim("a") }.write("operator", None, wall);
    assert_eq!(free(&[]), None, "it has not looked yet");
    assert_eq!(free(&[(0, None)]), Some(at(0)), "there was never one");
    assert_eq!(free(&[(5, Some(held(0)))]), Some(at(35)));
    assert_eq!(free(&[(5, Some(held(0))), (9, Some(held(0)))]), Some(at(35)), "the same again");
    assert_eq!(free(&[(5, Some(held(0))), (9, Some(held(1)))]), Some(at(39)), "renewed");
    assert_eq!(free(&[(5, Some(held(0))), (9, Some(released))]), Some(at(9)), "released");
    assert_eq!(free(&[(5, Some(held(0))), (9, None)]), Some(at(35)), "deleted, but its holder may still write");
    assert_eq!(free(&[(5, Some(short))]), Some(at(14)), "the holder's duration counts, not ours");
    let ours = claim("b").write("operator", None, wall);
    assert_eq!(free(&[(5, Some(ours))]), Some(at(5)), "taken by a request whose answer was lost");
}
