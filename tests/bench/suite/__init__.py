# SPDX-License-Identifier: Apache-2.0
"""What tests/bench/run measures, a part a file, and what all parts stand on."""
