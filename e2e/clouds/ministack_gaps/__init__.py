"""What AWS does and MiniStack 1.5 leaves out, as far as the operator needs it.

Each section replaces one of MiniStack's functions by one that calls it and completes its work.
docs/testing.md lists the gaps; tests/suite/clouds.rs notices when a new version changes them.
"""

from . import autoscaling, backup, ec2, elasticache, elb, monitoring, others, rds, waf  # noqa: F401
