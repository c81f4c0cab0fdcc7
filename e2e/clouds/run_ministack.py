"""MiniStack, with what of AWS it lacks: public images here, the rest in ministack_gaps."""

import ministack_gaps  # noqa: F401
from ministack.app import main
from ministack.services import ec2, ssm

IMAGE = "ami-0c2023a6401e2e3d4"
NAME = "al2023-ami-2023.6.20241010.0-kernel-6.1-arm64"
PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"

UBUNTU = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20260901"
DEBIAN = "debian-13-arm64-20260901-2222"

ec2._STUB_AMIS.append(("ami-0b0b24b0b24b0b24b", UBUNTU, "Ubuntu 24.04", "", "/dev/sda1", "099720109477", None))
ec2._STUB_AMIS.append(("ami-0d0d13d0d13d0d13d", DEBIAN, "Debian 13", "", "/dev/xvda", "136693071363", None))
ec2._STUB_AMIS.append((IMAGE, NAME, "Amazon Linux 2023 AMI", "", "/dev/xvda", "137112412989", "amazon"))
ssm._PUBLIC_AMI_PARAMETERS[PARAMETER] = IMAGE

every_image_is_x86_64 = ec2._stub_image_view


def image_view(image_id, name, *rest):
    view = every_image_is_x86_64(image_id, name, *rest)
    if "arm64" in name:
        view["Architecture"] = "arm64"
    return view


ec2._stub_image_view = image_view

main()
