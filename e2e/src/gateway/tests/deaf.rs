//! What the cloud does not hear.

use super::*;

#[tokio::test]
async fn a_parameter_that_is_not_heard_is_accepted_and_left_out() {
    let bench = Bench::instant().await;
    let params = [("SubnetId", "subnet-1"), ("MapPublicIpOnLaunch.Value", "true"), ("MapPublicIpOnLaunchX", "1")];
    bench.gateway.deafen(&[("ModifySubnetAttribute", "MapPublicIpOnLaunch")]);
    let heard = |bench: &Bench| {
        let last = bench.cloud.last("ModifySubnetAttribute").unwrap();
        params.iter().filter(|(name, value)| last.params.get(name) == Some(*value)).count()
    };
    assert!(bench.call("ec2", "ModifySubnetAttribute", &params).await.ok());
    assert_eq!(heard(&bench), 2);
    let call = bench.gateway.writes().pop().unwrap();
    assert!(call.took_effect(), "the record shows what was asked");
    bench.gateway.deafen(&[]);
    bench.call("ec2", "ModifySubnetAttribute", &params).await;
    assert_eq!(heard(&bench), 3);
}
