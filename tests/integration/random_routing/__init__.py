# SPDX-License-Identifier: Apache-2.0
"""Random policies, Postfix settings and messages; what must become of each; and what did.

`policy`, `site` and `mail` are plain values; the `*_generator` modules draw them from a seed.
`selection`, `mapping`, `route_class`, `fate` and `replies` are the oracle: written from the manual
and from Postfix's, sharing nothing with the programs under test. `observation` reads what
happened, `comparison` and `integrity` hold it against the oracle, `rounds` does one world after
the other. `chaos` does the same while `events` happen; `wavering` and `explanation` judge it.
"""
