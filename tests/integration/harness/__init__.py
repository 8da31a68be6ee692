# SPDX-License-Identifier: Apache-2.0
"""What the integration tests stand on: private Postfix instances, receiving
smart hosts, throw-away certificates, the daemon and its command line.

Everything is on loopback and below one temporary folder a test class; the
host's own mail system is never read or written.
"""
