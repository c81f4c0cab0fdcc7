"""How an answer is completed."""

import re

OK = 200


def amend(answer, pattern, replacement):
    """An answer with every match of the pattern in its body replaced."""
    status, headers, body = answer
    return status, headers, re.sub(pattern, replacement, body.decode(), flags=re.S).encode()
