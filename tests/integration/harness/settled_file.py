# SPDX-License-Identifier: Apache-2.0
"""Files that Postfix reads without a pause.

Every Postfix program that loads a main.cf or texthash: file younger than two
seconds waits until it has "cooled down"; tests would spend most of their time
there.
"""

import os
import time


def write_settled(path, content):
    """Write text or bytes and set the time stamp to a minute ago."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    settle(path)


def settle(path):
    """Make a file look a minute old."""
    age = time.time() - 60
    os.utime(path, (age, age))
