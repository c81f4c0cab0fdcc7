"""LocalStack without a container, with what of AWS it lacks in localstack_gaps."""

import localstack_gaps  # noqa: F401
from localstack.runtime.main import main

main()
