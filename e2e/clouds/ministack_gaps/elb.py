"""What MiniStack lacks of Elastic Load Balancing."""

from ministack.services import alb, ec2

from .amend import OK, amend

# --- ELB: a load balancer lies in the network of its subnets --------------------------------

plain_create_balancer = alb._ACTION_MAP["CreateLoadBalancer"]


def create_balancer(p):
    answer = plain_create_balancer(p)
    subnet = ec2._subnets.get(next(iter(alb._parse_member_list(p, "Subnets")), ""))
    if answer[0] != OK or not subnet:
        return answer
    balancer = next(it for it in alb._lbs.values() if it["LoadBalancerName"] == alb._p(p, "Name"))
    balancer["VpcId"] = subnet["VpcId"]
    return amend(answer, r"<VpcId>[^<]*</VpcId>", f"<VpcId>{subnet['VpcId']}</VpcId>")


alb._ACTION_MAP["CreateLoadBalancer"] = create_balancer
